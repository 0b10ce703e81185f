package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// nobody is an object id that no user has: a change of what belongs to nobody
// changes nothing. Graph says 404 to who may make it and 403 to who may not.
const nobody = "00000000-0000-0000-0000-000000000000"

// grant is an application permission and the harmless call that shows whether it
// is there.
type grant struct {
	name   string // of the line, and the permission
	method string
	path   string
	lost   string
}

// grants returns what the helpdesk takes. user is somebody in the tenant, "" if
// nobody is known.
func (k *checkup) grants(user string) []grant {
	all := []grant{
		{"User.Read.All", http.MethodGet, "/v1.0/users?$top=1&$select=id,userType", "the helpdesk finds nobody"},
		{"ProfilePhoto.ReadWrite.All", http.MethodPut, "/v1.0/users/" + nobody + "/photo/$value", "the helpdesk can't change photos (User.ReadWrite.All would do too)"},
		{"Contacts.ReadWrite", http.MethodPut, "/v1.0/users/" + nobody + "/contacts/none/photo/$value", "the helpdesk can't change the photos of contacts"},
	}
	if k.config.ProtectAdmins && user != "" {
		all = append(all, grant{"Directory.Read.All", http.MethodGet, "/v1.0/users/" + user + "/transitiveMemberOf/microsoft.graph.directoryRole", "the helpdesk can change no user's photo, since nobody can tell who is an administrator"})
	}
	return all
}

// applicationPermissions makes one call for each.
func (k *checkup) applicationPermissions(ctx context.Context) {
	user := k.anybody(ctx)
	for _, g := range k.grants(user) {
		if k.token == "" {
			k.add(finding{g.name, skipped, "can't be looked at without a token", ""})
			continue
		}
		k.add(k.look(ctx, g))
	}
	if k.config.ProtectAdmins && user == "" {
		k.add(finding{"Directory.Read.All", skipped, "can't be looked at while nobody can be read", ""})
	}
}

// anybody returns the object id of somebody in the tenant, "" where nobody can be
// read.
func (k *checkup) anybody(ctx context.Context) string {
	if k.token == "" {
		return ""
	}
	_, body, err := k.ask(ctx, k.graph, http.MethodGet, k.config.GraphURL+"/v1.0/users?$top=1&$select=id", k.token)
	var page struct {
		Value []struct {
			ID string `json:"id"`
		} `json:"value"`
	}
	if err != nil || json.Unmarshal(body, &page) != nil || len(page.Value) == 0 {
		return ""
	}
	return page.Value[0].ID
}

func (k *checkup) look(ctx context.Context, g grant) finding {
	status, body, err := k.ask(ctx, k.graph, g.method, k.config.GraphURL+g.path, k.token)
	switch {
	case err != nil:
		return finding{g.name, red, "Graph can't be asked: " + err.Error(), "see hosts"}
	case status == http.StatusOK || status == http.StatusNotFound:
		return finding{g.name, green, "the app has it", ""}
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return finding{g.name, red, "the app doesn't have it: " + g.lost,
			"grant it in Entra (API permissions → Microsoft Graph → Application permissions → Grant admin consent), or say --without " + g.name}
	}
	return finding{g.name, amber, fmt.Sprintf("Graph answers %d %s, which tells nothing", status, codeIn(body)), "try again later"}
}

// codeIn returns the code in Graph's error, "" where there is none.
func codeIn(body []byte) string {
	var e struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &e) // what isn't JSON has no code
	return e.Error.Code
}

// photoSettings looks at the tenant's own rule about photos.
//
// Source: https://learn.microsoft.com/graph/api/resources/photoupdatesettings
func (k *checkup) photoSettings(ctx context.Context) {
	const name = "photoUpdateSettings"
	if k.token == "" {
		k.add(finding{name, skipped, "can't be read without a token", ""})
		return
	}
	status, body, err := k.ask(ctx, k.graph, http.MethodGet, k.config.GraphURL+"/beta/admin/people/photoUpdateSettings", k.token)
	var rule struct {
		Source string `json:"source"`
		Roles  any    `json:"allowedRoles"`
	}
	roles, isList := []any(nil), false
	if err == nil && json.Unmarshal(body, &rule) == nil {
		roles, isList = rule.Roles.([]any)
	}
	switch {
	case status == http.StatusForbidden:
		k.add(finding{name, amber, "the app doesn't have PeopleSettings.Read.All: people hear of the tenant's rule only when they save",
			"grant it in Entra, or say --without " + name})
	case err != nil || status != http.StatusOK:
		k.add(finding{name, amber, fmt.Sprintf("the tenant's rule can't be read (%d)", status), "try again later"})
	case rule.Source == "onPremises":
		k.add(finding{name, red, "photos come from the on-premises directory: nobody can change one through Graph",
			"set the source to cloud: https://learn.microsoft.com/graph/profilephoto-configure-settings"})
	case isList && len(roles) > 0:
		k.add(finding{name, amber, fmt.Sprintf("only holders of %d directory roles may change photos; all others are told so", len(roles)),
			"if everybody should, remove allowedRoles: https://learn.microsoft.com/graph/profilephoto-configure-settings"})
	default:
		k.add(finding{name, green, "everybody may change their photo", ""})
	}
}
