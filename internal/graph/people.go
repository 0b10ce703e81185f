package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"portrait/internal/directory"
)

// personFields are what is asked of a person; userType isn't in Graph's default
// set.
//
// Source: https://learn.microsoft.com/graph/api/user-get
const personFields = "id,displayName,userPrincipalName,mail,jobTitle,department,userType"

// Me returns the person whom the delegated token is for.
//
// It fails with fault.SignIn if the token is refused.
func (c *Client) Me(ctx context.Context, token string) (directory.Person, error) {
	q := call{
		op: "graph.Me", deed: readPerson, subject: directory.Me(), method: http.MethodGet,
		rest: "?$select=" + personFields, accept: "application/json", cap: maxJSONBytes,
	}
	a, err := c.do(ctx, token, q)
	if err != nil {
		return directory.Person{}, err
	}
	var u struct {
		ID                string `json:"id"`
		DisplayName       string `json:"displayName"`
		UserPrincipalName string `json:"userPrincipalName"`
		Mail              string `json:"mail"`
		JobTitle          string `json:"jobTitle"`
		Department        string `json:"department"`
		UserType          string `json:"userType"`
	}
	if err := json.Unmarshal(a.body, &u); err != nil || u.ID == "" {
		return directory.Person{}, brokenAnswer(q, a.header, err)
	}
	return directory.Person{
		ID: directory.ID(strings.ToLower(u.ID)), DisplayName: u.DisplayName, UPN: u.UserPrincipalName, Mail: u.Mail,
		JobTitle: u.JobTitle, Department: u.Department, Guest: strings.EqualFold(u.UserType, "Guest"),
	}, nil
}
