package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/words"
	"portrait/views"
)

// What a batch's page can show, in the query's show.
const (
	showAll   = "all"
	showCheck = "check"
	showPhoto = "photo" // whose person has one
)

// wallItems is how many items a page of the wall has.
const wallItems = 60

// needsCheck reports whether somebody should look at an item.
func needsCheck(it batch.Kept, found batch.Found) bool {
	return it.Verdict != string(batch.Matched) || it.Sure == string(batch.Guess) || len(found.Hints) > 0 || it.State == "failed"
}

// wall puts the items that the query asks for on the page.
func (s *Site) wall(c echo.Context, page *views.BatchPage, p words.Printer, sh batch.Shown) {
	kinds := map[string][]int{}
	for i, it := range sh.Items {
		kinds[showAll] = append(kinds[showAll], i)
		if needsCheck(it, sh.Founds[i]) {
			kinds[showCheck] = append(kinds[showCheck], i)
		}
		if sh.HasPhoto[it.Person] {
			kinds[showPhoto] = append(kinds[showPhoto], i)
		}
	}
	show := c.QueryParam("show")
	if show != showCheck && show != showPhoto {
		show = showAll
	}
	tab := func(kind, label string) {
		page.Tabs = append(page.Tabs, views.Link{Label: label, Href: page.Path + "?show=" + kind, Current: show == kind})
	}
	tab(showAll, p.T("batch.tab-all", "Count", len(kinds[showAll])))
	tab(showCheck, p.T("batch.tab-check", "Count", len(kinds[showCheck])))
	if sh.HasPhoto != nil {
		tab(showPhoto, p.T("batch.tab-photo", "Count", len(kinds[showPhoto])))
	}
	at, _ := strconv.Atoi(c.QueryParam("page")) // 0 is the first page, as 1 is
	chosen, at := kinds[show], max(at, 1)
	from := min((at-1)*wallItems, len(chosen))
	to := min(from+wallItems, len(chosen))
	for _, i := range chosen[from:to] {
		item := itemView(p, page.Path, sh.Items[i], sh.Founds[i])
		item.Show, item.Page, item.Edit, item.Correct = show, strconv.Itoa(at), page.Review, page.Drop
		item.HasPhoto = sh.HasPhoto[sh.Items[i].Person]
		if page.Ended { // its pictures were deleted
			item.Src = ""
		}
		page.Items = append(page.Items, item)
	}
	href := func(n int) string { return page.Path + "?show=" + show + "&page=" + strconv.Itoa(n) }
	if from > 0 {
		page.Previous = href(at - 1)
	}
	if to < len(chosen) {
		page.Next = href(at + 1)
	}
}

// itemView returns an item as the wall shows it.
func itemView(p words.Printer, at string, it batch.Kept, found batch.Found) views.BatchItem {
	n := strconv.FormatInt(it.N, 10)
	v := views.BatchItem{
		N: n, File: it.Name, Name: found.Name, UPN: found.UPN, Post: at + "/items/" + n, Ticked: it.Ticked,
		Caution: it.Verdict != "" && needsCheck(it, found), Readable: it.Verdict != string(batch.Unreadable), Crop: it.Crop,
		State: stateWord(p, it), Mayrun: it.Person != "",
	}
	if found.Name != "" {
		v.Avatar = &views.Avatar{Name: found.Name, Hue: views.Hue(string(it.Person)), Shape: "circle"}
	}
	if v.Readable && !bytes.Equal(it.Hash, noPicture[:]) {
		v.Src = v.Post + "/$value?or=blank&v=" + hex.EncodeToString(it.Hash[:min(len(it.Hash), 6)]) + "-" + cropMark(it.Crop)
	}
	if found.Why.ID != "" {
		v.Why = p.Say(found.Why)
	}
	for _, h := range found.Hints {
		v.Hints = append(v.Hints, p.Say(hintWords[string(h)]))
	}
	for _, person := range found.Candidates {
		v.Candidates = append(v.Candidates, views.Option{Value: string(person.ID), Label: person.DisplayName + " · " + person.UPN, Chosen: person.ID == it.Person})
	}
	if result, err := batch.DecodeMessage(it.Result); err == nil && result.ID != "" {
		v.Result = p.Say(result)
	}
	return v
}

// noPicture is the hash of the item that removes a photo: on the way back where
// there was none.
var noPicture = sha256.Sum256(nil)

// hintWords say what somebody may want to know of a picture.
var hintWords = map[string]words.Message{
	"small": words.M("batch.hint-small"), "dark": words.M("batch.hint-dark"),
	"light": words.M("batch.hint-light"), "blurred": words.M("batch.hint-blurred"),
}

// itemStates say what became of an item.
var itemStates = map[string]words.Message{
	"working": words.M("batch.item-working"), "done": words.M("batch.item-done"), "skipped": words.M("batch.item-skipped"),
	"failed": words.M("batch.item-failed"), "left": words.M("batch.item-left"),
}

// stateWord is what became of an item, "" before it began.
func stateWord(p words.Printer, it batch.Kept) string {
	if say, ok := itemStates[string(it.State)]; ok {
		return p.Say(say)
	}
	return ""
}

// cropMark is crop for an address: another crop is another picture.
func cropMark(crop string) string { return hex.EncodeToString([]byte(crop)) }
