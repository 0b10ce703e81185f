package graph

import (
	"bytes"
	"context"
	"encoding/json"

	"portrait/internal/directory"
)

// Policy is who may change photos in the tenant. The zero Policy forbids
// nothing. A change of it takes up to a day to show in what Graph does.
//
// Source: https://learn.microsoft.com/graph/api/resources/photoupdatesettings
type Policy struct {
	// Source is "cloud" or "onPremises", where nobody can change a photo
	// through Graph, neither people nor administrators; "" as long as nobody has
	// set it.
	Source string
	// AllowedRoles are the template ids of the directory roles that may change
	// photos, lower case; none = everybody.
	AllowedRoles []directory.ID
}

// Policy returns the tenant's rule about photos, which is in beta only.
//
// It fails with fault.Forbidden, Scope named, if the token may not read it, and
// with fault.Unavailable if it can't be understood: what it forbids is unknown
// then.
func (c *Client) Policy(ctx context.Context, token string) (Policy, error) {
	q := reading("graph.Policy", readPolicy, directory.Subject{}, "/admin/people/photoUpdateSettings")
	q.beta = true
	var settings struct {
		Source string   `json:"source"`
		Roles  roleList `json:"allowedRoles"`
	}
	if _, err := c.ask(ctx, token, q, &settings); err != nil {
		return Policy{}, err
	}
	return Policy{Source: settings.Source, AllowedRoles: settings.Roles}, nil
}

// roleList is a list of role ids.
type roleList []directory.ID

// UnmarshalJSON reads a list. Where there is none the documentation writes {}.
func (l *roleList) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("{}")) {
		return nil
	}
	var ids []string
	if err := json.Unmarshal(data, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		*l = append(*l, lower(id))
	}
	return nil
}
