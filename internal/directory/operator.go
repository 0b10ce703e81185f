package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// operatorPrefix is what the ids of operators begin with. No object id does.
const operatorPrefix = "operator/"

// OperatorID returns the id of the operator with the given name, such as
// "alice@host7". It stands in tables that are never purged, so it isn't the name
// itself; that stands, sealed, beside the entries of the audit log.
func OperatorID(name string) ID {
	sum := sha256.Sum256([]byte("portrait operator\x00" + name))
	return ID(operatorPrefix + hex.EncodeToString(sum[:8]))
}

// IsOperator reports whether id is of OperatorID.
func IsOperator(id ID) bool { return strings.HasPrefix(string(id), operatorPrefix) }
