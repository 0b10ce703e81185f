package demo

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Scopes by what they allow, for a person's own photo and profile.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
func writeScopes() []string {
	return []string{"User.ReadWrite", "User.ReadWrite.All", "ProfilePhoto.ReadWrite.All"}
}

func readScopes() []string {
	return append(writeScopes(), "User.Read", "User.Read.All", "User.ReadBasic.All", "ProfilePhoto.Read.All")
}

func profileScopes() []string {
	return []string{"User.Read", "User.ReadWrite", "User.Read.All", "User.ReadWrite.All"}
}

// user answers for p, who is the person whom the token speaks for.
func (t *Tenant) user(c call, p *person, tail []string) reply {
	if len(tail) > 0 {
		return t.photo(c, p, tail)
	}
	if c.method != http.MethodGet {
		return methodNotAllowed()
	}
	if !c.token.holds(profileScopes()) {
		return refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	}
	return t.profile(c, p)
}

// profile answers GET /me with the default properties, or those of $select.
func (t *Tenant) profile(c call, p *person) reply {
	kind := "Member"
	if p.Guest {
		kind = "Guest"
	}
	given, family, _ := strings.Cut(p.DisplayName, " ")
	all := map[string]any{
		"id": p.ID, "displayName": p.DisplayName, "givenName": given, "surname": orNull(family), "userPrincipalName": p.UPN,
		"mail": orNull(p.Mail), "jobTitle": orNull(p.JobTitle), "department": orNull(p.Department), "userType": kind,
		"accountEnabled": true, "businessPhones": []string{}, "mobilePhone": nil, "officeLocation": nil, "preferredLanguage": nil,
		"companyName": nil, "employeeId": nil, "onPremisesSyncEnabled": nil,
	}
	names := []string{"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id"}
	shape := ""
	if sel := c.query.Get("$select"); sel != "" {
		names = strings.Split(sel, ",")
		shape = "(" + sel + ")"
	}
	out := map[string]any{"@odata.context": t.base + c.version + "/$metadata#users" + shape + "/$entity"}
	for _, name := range names {
		i := slices.IndexFunc(keys(all), func(k string) bool { return strings.EqualFold(k, strings.TrimSpace(name)) })
		if i < 0 {
			return refuse(http.StatusBadRequest, "BadRequest", "Parsing OData Select and Expand failed: Could not find a property named '"+name+"' on type 'microsoft.graph.user'.")
		}
		k := keys(all)[i]
		out[k] = all[k]
	}
	return ok(out)
}

func keys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// photo answers for what stands at and below /photo and /photos.
func (t *Tenant) photo(c call, p *person, tail []string) reply {
	whole := strings.ToLower(strings.Join(tail, "/"))
	write := whole == "photo/$value" && c.method != http.MethodGet
	scopes := readScopes()
	if write {
		scopes = writeScopes()
	}
	switch {
	case !c.token.holds(scopes):
		return denied()
	case p.account == personal:
		return refuse(http.StatusNotFound, "ConsumerPhotoIsNotSupported", "Photos of consumer accounts are not supported.")
	case p.account == guest && write:
		return denied()
	case p.account == guest: // one JSON text inside another, as guests really get it
		return refuse(http.StatusForbidden, "UnknownError", `{"error":{"code":"NoPermissionsInAccessToken","message":"The token contains no permissions, or permissions can not be understood."}}`)
	case write:
		return t.changePhoto(c, p)
	case whole == "photos/$count":
		return refuse(http.StatusBadRequest, "Request_BadRequest", "$count is not supported for photos.")
	case c.method != http.MethodGet:
		return methodNotAllowed()
	}
	return t.readPhoto(c, p, strings.Split(whole, "/"))
}

// changePhoto answers PUT, PATCH and DELETE of /photo/$value.
func (t *Tenant) changePhoto(c call, p *person) reply {
	switch c.method {
	case http.MethodPut, http.MethodPatch:
		return t.putPhoto(c, p)
	case http.MethodDelete:
		if t.photos.latest(p.ID) == nil {
			return noPhoto(c)
		}
		t.photos.write(p.ID, nil, t.now(), c.sky.lag())
		return reply{status: http.StatusOK}
	}
	return methodNotAllowed()
}

func (t *Tenant) putPhoto(c call, p *person) reply {
	kind, _, _ := strings.Cut(c.header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "image/jpeg", "image/png", "image/gif", "application/octet-stream":
	case "":
		return refuse(http.StatusBadRequest, "BadRequest", "A Content-Type header is required.")
	default:
		return refuse(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The content type '"+kind+"' is not supported.")
	}
	if len(c.body) > maxPhotoBytes {
		return refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is larger than 4 MB.")
	}
	if p.account == withoutMailbox && len(c.body) > maxEntraBytes {
		return refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
	}
	pic, err := readPicture(c.body, p.account == withoutMailbox)
	if err != nil {
		return refuse(http.StatusInternalServerError, "ErrorInternalServerError", "An internal server error occurred. The operation failed., The file you chose isn't an image. Please choose a different file.")
	}
	t.photos.write(p.ID, pic, t.now(), c.sky.lag())
	return reply{status: http.StatusOK}
}

// readPhoto answers GET; segments is the lower-case path from photo or photos on.
func (t *Tenant) readPhoto(c call, p *person, segments []string) reply {
	pic := t.photos.read(p.ID, t.now(), c.sky.lag())
	if segments[0] == "photo" {
		switch {
		case len(segments) == 1 && pic != nil:
			return ok(t.describe(c, p, pic, pic.largest(), true))
		case len(segments) == 1:
			return t.noMetadata(c)
		case len(segments) == 2 && segments[1] == "$value" && pic != nil:
			return value(pic, pic.largest())
		case len(segments) == 2 && segments[1] == "$value":
			return noPhoto(c)
		}
		return noSegment(segments)
	}
	if len(segments) == 1 {
		return t.listSizes(c, p, pic)
	}
	asked := regexp.MustCompile(`^([0-9]{2,4})x([0-9]{2,4})$`).FindStringSubmatch(segments[1])
	isValue := len(segments) == 3 && segments[2] == "$value"
	switch {
	case asked == nil || len(segments) > 3 || len(segments) == 3 && !isValue:
		return noSegment(segments)
	case pic == nil && isValue:
		return noPhoto(c)
	case pic == nil:
		return t.noMetadata(c)
	}
	side, _ := strconv.Atoi(asked[1]) // four digits at most
	if isValue {
		return value(pic, pic.atMost(side))
	}
	return ok(t.describe(c, p, pic, pic.atMost(side), true))
}

func (t *Tenant) listSizes(c call, p *person, pic *picture) reply {
	all := []map[string]any{}
	if pic != nil {
		for _, s := range pic.sizes() {
			all = append(all, t.describe(c, p, pic, s, false))
		}
	}
	return ok(map[string]any{"@odata.context": t.base + c.version + "/$metadata#users('" + string(p.ID) + "')/photos", "value": all})
}

// describe is the metadata of pic in the size s.
func (t *Tenant) describe(c call, p *person, pic *picture, s size, alone bool) map[string]any {
	owner := fmt.Sprintf("users('%s')/photo", p.ID)
	m := map[string]any{
		"@odata.mediaContentType": pic.kind, "@odata.mediaEtag": pic.etag,
		"id": s.String(), "width": s.w, "height": s.h,
	}
	if s != pic.px {
		m["@odata.mediaContentType"] = "image/jpeg"
	}
	if alone {
		m["@odata.context"] = t.base + c.version + "/$metadata#" + owner + "/$entity"
		m["@odata.id"] = t.base + c.version + "/" + owner
	}
	return m
}

func value(pic *picture, s size) reply {
	body, kind := pic.bytes(s)
	return reply{status: http.StatusOK, kind: kind, body: body}
}

func noPhoto(c call) reply {
	code, message := c.sky.absentCode()
	return refuse(http.StatusNotFound, code, message)
}

// noMetadata answers for the metadata of a photo that isn't there: 404, or
// what the documentation says.
func (t *Tenant) noMetadata(c call) reply {
	if !c.sky.AbsentAs1x1 {
		return noPhoto(c)
	}
	return ok(map[string]any{
		"@odata.context":          t.base + c.version + "/$metadata#Me/photo/$entity",
		"@odata.mediaContentType": "image/gif", "@odata.mediaEtag": "", "id": "1x1", "width": 1, "height": 1,
	})
}

func noSegment(segments []string) reply {
	return refuse(http.StatusNotFound, "BadRequest", "Resource not found for the segment '"+segments[len(segments)-1]+"'.")
}
