package demo

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// holder is what has a photo, as far as its address in Graph matters.
type holder struct {
	key   photoKey
	name  string // as @odata.context has it: "users('id')"
	sizes bool   // has /photos; DELETE works for the same ones
	patch bool   // PATCH works as PUT does
	asIs  bool   // keeps a photo in the dimensions that were sent
	limit int    // bytes; above it the photo isn't taken
	done  int    // status of a change
}

// photo answers for what stands at and below /photo and /photos. Whether it may
// has been asked.
func (t *Tenant) photo(c call, h holder, tail []string) reply {
	whole := strings.ToLower(strings.Join(tail, "/"))
	switch {
	case isWrite(c, tail):
		return t.changePhoto(c, h)
	case whole == "photos/$count":
		return refuse(http.StatusBadRequest, "Request_BadRequest", "$count is not supported for photos.")
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case strings.HasPrefix(whole, "photos") && !h.sizes:
		return unknown(tail[:1])
	}
	return t.readPhoto(c, h, strings.Split(whole, "/"))
}

// isWrite reports whether c changes the photo at tail.
func isWrite(c call, tail []string) bool {
	return c.method != http.MethodGet && len(tail) == 2 && strings.EqualFold(strings.Join(tail, "/"), "photo/$value")
}

// changePhoto answers PUT, PATCH and DELETE of /photo/$value.
func (t *Tenant) changePhoto(c call, h holder) reply {
	switch {
	case c.method == http.MethodPut, c.method == http.MethodPatch && h.patch:
		return t.putPhoto(c, h)
	case c.method == http.MethodDelete && h.sizes:
		if t.photos.latest(h.key) == nil {
			return noPhoto(c)
		}
		t.photos.write(h.key, nil, t.now(), c.sky.lag())
		return reply{status: http.StatusOK}
	}
	return methodNotAllowed()
}

func (t *Tenant) putPhoto(c call, h holder) reply {
	kind, _, _ := strings.Cut(c.header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "image/jpeg", "image/png", "image/gif", "application/octet-stream":
	case "":
		return badRequest("A Content-Type header is required.")
	default:
		return refuse(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The content type '"+kind+"' is not supported.")
	}
	if len(c.body) > maxPhotoBytes {
		return refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is larger than 4 MB.")
	}
	if len(c.body) > h.limit {
		return refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
	}
	pic, err := readPicture(c.body, h.asIs)
	if err != nil {
		return refuse(http.StatusInternalServerError, "ErrorInternalServerError", "An internal server error occurred. The operation failed., The file you chose isn't an image. Please choose a different file.")
	}
	t.photos.write(h.key, pic, t.now(), c.sky.lag())
	return reply{status: h.done}
}

// readPhoto answers GET; segments is the lower-case path from photo or photos on.
func (t *Tenant) readPhoto(c call, h holder, segments []string) reply {
	pic := t.photos.read(h.key, t.now(), c.sky.lag())
	if segments[0] == "photo" {
		switch {
		case len(segments) == 1 && pic != nil:
			return ok(t.describePhoto(c, h, pic, pic.largest()))
		case len(segments) == 1:
			return t.noMetadata(c, h)
		case len(segments) == 2 && segments[1] == "$value" && pic != nil:
			return value(pic, pic.largest())
		case len(segments) == 2 && segments[1] == "$value":
			return noPhoto(c)
		}
		return unknown(segments)
	}
	if len(segments) == 1 {
		return t.listSizes(c, h, pic)
	}
	asked := regexp.MustCompile(`^([0-9]{2,4})x([0-9]{2,4})$`).FindStringSubmatch(segments[1])
	isValue := len(segments) == 3 && segments[2] == "$value"
	switch {
	case asked == nil || len(segments) > 3 || len(segments) == 3 && !isValue:
		return unknown(segments)
	case pic == nil && isValue:
		return noPhoto(c)
	case pic == nil:
		return t.noMetadata(c, h)
	}
	side, _ := strconv.Atoi(asked[1]) // four digits at most
	if c.sky.NoSmaller && side > pic.largest().w {
		return noPhoto(c)
	}
	if isValue {
		return value(pic, pic.atMost(side))
	}
	return ok(t.describePhoto(c, h, pic, pic.atMost(side)))
}

func (t *Tenant) listSizes(c call, h holder, pic *picture) reply {
	all := []map[string]any{}
	if pic != nil {
		for _, s := range pic.sizes() {
			all = append(all, describeSize(pic, s))
		}
	}
	return ok(map[string]any{"@odata.context": t.base + c.version + "/$metadata#" + h.name + "/photos", "value": all})
}

// describePhoto is the metadata of pic in the size s, as an answer of its own.
func (t *Tenant) describePhoto(c call, h holder, pic *picture, s size) map[string]any {
	m := describeSize(pic, s)
	m["@odata.context"] = t.base + c.version + "/$metadata#" + h.name + "/photo/$entity"
	m["@odata.id"] = t.base + c.version + "/" + h.name + "/photo"
	return m
}

// describeSize is the metadata of pic in the size s.
func describeSize(pic *picture, s size) map[string]any {
	m := map[string]any{
		"@odata.mediaContentType": pic.kind, "@odata.mediaEtag": pic.etag,
		"id": s.String(), "width": s.w, "height": s.h,
	}
	if s != pic.px {
		m["@odata.mediaContentType"] = "image/jpeg"
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
func (t *Tenant) noMetadata(c call, h holder) reply {
	if !c.sky.AbsentAs1x1 {
		return noPhoto(c)
	}
	return ok(map[string]any{
		"@odata.context":          t.base + c.version + "/$metadata#" + h.name + "/photo/$entity",
		"@odata.mediaContentType": "image/gif", "@odata.mediaEtag": "", "id": "1x1", "width": 1, "height": 1,
	})
}
