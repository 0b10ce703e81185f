package batch

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Found is what an item knows of people, as it is kept, sealed, beside it.
type Found struct {
	Name       string // of the item's person
	UPN        string
	Why        words.Message // the verdict in words
	Candidates []directory.Person
}

// Encode returns f as it is kept.
func (f Found) Encode() ([]byte, error) { return json.Marshal(f) }

// DecodeFound reads what Encode wrote; nothing is a Found that knows nothing.
func DecodeFound(data []byte) (Found, error) {
	var f Found
	if len(data) == 0 {
		return f, nil
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return Found{}, fmt.Errorf("batch.DecodeFound: %w", err)
	}
	f.Why = whole(f.Why)
	return f, nil
}

// EncodeMessage returns m as it is kept: why a batch is paused, what became of
// an item.
func EncodeMessage(m words.Message) ([]byte, error) { return json.Marshal(m) }

// DecodeMessage reads what EncodeMessage wrote; nothing is a message without an
// id.
func DecodeMessage(data []byte) (words.Message, error) {
	var m words.Message
	if len(data) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return words.Message{}, fmt.Errorf("batch.DecodeMessage: %w", err)
	}
	return whole(m), nil
}

// whole makes whole numbers in m what they were before JSON: plurals are chosen
// by them.
func whole(m words.Message) words.Message {
	for name, value := range m.Data {
		if f, ok := value.(float64); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			m.Data[name] = int(f)
		}
	}
	return m
}

// Stored returns it as the store keeps it, under number n.
func (it Item) Stored(n int64) (store.Item, error) {
	found, err := Found{Name: it.Person.DisplayName, UPN: it.Person.UPN, Why: it.Why, Candidates: it.Candidates}.Encode()
	if err != nil {
		return store.Item{}, fmt.Errorf("batch.Item.Stored: %w", err)
	}
	return store.Item{
		N: n, Verdict: string(it.Verdict), How: string(it.How), Sure: string(it.Sure), Person: it.Person.ID,
		Found: found, Ticked: it.Verdict == Matched,
	}, nil
}

// ReportColumns are the columns of a batch's report, in their order. They are
// for programs, and the same in every language.
var ReportColumns = []string{
	"n", "file", "result", "sentence", "person", "name", "userPrincipalName", "match", "sure", "match sentence",
	"tries", "ended", "had a photo", "old sha256", "new sha256",
}

// ReportCells returns the row of an item, said by p. Whoever writes it into a
// file sees to it that no cell is a formula: names of files come from anywhere.
func ReportCells(it store.Item, p words.Printer) ([]string, error) {
	found, err := DecodeFound(it.Found)
	if err != nil {
		return nil, err
	}
	result, err := DecodeMessage(it.Result)
	if err != nil {
		return nil, err
	}
	ended := ""
	if !it.Ended.IsZero() {
		ended = it.Ended.UTC().Format(time.RFC3339)
	}
	had := map[int64]string{store.HadNone: "no", store.HadPhoto: "yes"}[it.Had]
	return []string{
		strconv.FormatInt(it.N, 10), it.Name, string(it.State), said(p, result), string(it.Person), found.Name, found.UPN,
		it.How, it.Sure, said(p, found.Why), strconv.FormatInt(it.Tries, 10), ended, had,
		hex.EncodeToString(it.OldHash), hex.EncodeToString(it.NewHash),
	}, nil
}

// said is m as a sentence, nothing for no message.
func said(p words.Printer, m words.Message) string {
	if m.ID == "" {
		return ""
	}
	return p.Say(m)
}
