package main

import (
	"os"
	"strings"
	"time"

	"portrait/internal/auth"
	"portrait/internal/directory"
)

// credential returns what Portrait proves with that it is the app registration:
// the one of three settings that is there.
func (p *problems) credential(s settings) auth.Credential {
	const all = "PORTRAIT_CLIENT_SECRET, PORTRAIT_CLIENT_CERTIFICATE and PORTRAIT_FEDERATED_TOKEN_FILE"
	var set []auth.Credential
	if s.ClientSecret != "" {
		set = append(set, auth.ClientSecret(s.ClientSecret))
	}
	if s.Certificate != "" {
		set = append(set, p.certificate(s.Certificate))
	}
	if s.TokenFile != "" {
		_, err := os.Stat(s.TokenFile)
		p.need(err == nil, "PORTRAIT_FEDERATED_TOKEN_FILE can't be read: %v", err)
		set = append(set, auth.FederatedToken(s.TokenFile))
	}
	switch len(set) {
	case 0:
		p.need(false, "PORTRAIT_CLIENT_SECRET is missing: a client secret of the app registration; any one of %s will do", all)
		return auth.Credential{}
	case 1:
		return set[0]
	}
	p.need(false, "Of %s more than one is set: keep one", all)
	return auth.Credential{}
}

// certificate returns the credential in the PEM file at path.
func (p *problems) certificate(path string) auth.Credential {
	text, err := os.ReadFile(path) // #nosec G304 -- the operator's setting
	if err != nil {
		p.need(false, "PORTRAIT_CLIENT_CERTIFICATE can't be read: %v", err)
		return auth.Credential{}
	}
	credential, err := auth.Certificate(text, time.Now())
	p.need(err == nil, "PORTRAIT_CLIENT_CERTIFICATE can't be used: %v (it is a PEM file with a certificate and its RSA key)", err)
	return credential
}

// people returns the object ids that a setting lists.
func (p *problems) people(raw []string) []directory.ID {
	var ids []directory.ID
	for _, r := range raw {
		id := directory.ID(strings.ToLower(strings.TrimSpace(r)))
		p.need(directory.IsGUID(id), "PORTRAIT_PROTECTED has %q: it is a list of object ids, GUIDs, parted by commas", r)
		ids = append(ids, id)
	}
	return ids
}

// groupScope returns the permission as Microsoft spells it.
func (p *problems) groupScope(raw string) string {
	for _, scope := range []string{"Group.ReadWrite.All", "ProfilePhoto.ReadWrite.All"} {
		if strings.EqualFold(raw, scope) {
			return scope
		}
	}
	p.need(false, "PORTRAIT_GROUP_SCOPE is %q: it can be Group.ReadWrite.All or ProfilePhoto.ReadWrite.All", raw)
	return ""
}
