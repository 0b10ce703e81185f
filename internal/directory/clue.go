package directory

import "strings"

// Clue is something that somebody may be found by in the directory, without
// anybody knowing who. Text is compared without case.
type Clue struct {
	By   ClueKind
	Text string
}

// ClueKind says what a Clue is.
type ClueKind int

// What somebody may be found by.
const (
	ByAddress    ClueKind = iota + 1 // userPrincipalName or mail, whole: "joerg.mueller@contoso.com"
	ByLocalPart                      // what stands in front of the @ in one of them: "joerg.mueller"
	ByEmployeeID                     // employeeId, whole
	ByName                           // words that each begin a word of the display name: "jörg müller"
)

// LocalPart returns what stands in front of the @ of an address, or all of it
// where there is none.
func LocalPart(address string) string {
	local, _, _ := strings.Cut(address, "@")
	return local
}
