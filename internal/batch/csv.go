package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// MaxTableBytes is the largest CSV that is read, in bytes: 10,000 rows of
	// 800 bytes.
	MaxTableBytes = 8 << 20

	// maxColumns and maxCellBytes keep a row that isn't one from filling memory.
	maxColumns   = 200
	maxCellBytes = 4096
)

// Row is one line of a table that says whose picture a file is. Of UPN, Mail
// and EmployeeID at least one is set.
type Row struct {
	Line       int // in the table, from 1; the header is line 1
	File       string
	UPN        string
	Mail       string
	EmployeeID string
}

// Table is a CSV that was read.
type Table struct {
	Rows []Row
	Bad  []BadRow // rows that say nothing, each with the reason
}

// BadRow is a row of a table that can't be used.
type BadRow struct {
	Line int
	Why  words.Message
}

// columns are the names of each column, folded and without anything but
// letters: user_principal_name counts.
var columns = map[string][]string{
	"file":       {"file", "filename", "picture", "photo", "image", "datei", "dateiname", "bild", "foto", "文件", "文件名"},
	"upn":        {"userprincipalname", "upn", "username", "user", "benutzerprinzipalname", "benutzername", "用户名"},
	"mail":       {"mail", "email", "emailaddress", "mailaddress", "邮箱", "电子邮件"},
	"employeeId": {"employeeid", "employeenumber", "employeeno", "personnelnumber", "personalnummer", "工号"},
}

// ReadTable reads a CSV: a header and one line for each picture, parted by
// comma, semicolon or tab, in UTF-8, UTF-16 or Windows-1252.
//
// It fails with fault.TooLarge above MaxTableBytes or MaxFiles rows, and with
// fault.Unreadable if it is no CSV, or no column names files or people.
func ReadTable(body []byte) (Table, error) {
	const op = "batch.ReadTable"
	if len(body) > MaxTableBytes {
		return Table{}, tableFault(op, fault.TooLarge, words.M("batch.table-too-large", "MaxMegabytes", MaxTableBytes>>20), nil)
	}
	text := decodeText(body)
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator(text), -1, true
	header, err := r.Read()
	at := columnsIn(header)
	switch {
	case errors.Is(err, io.EOF):
		return Table{}, tableFault(op, fault.Unreadable, words.M("batch.table-empty"), err)
	case err != nil:
		return Table{}, tableFault(op, fault.Unreadable, words.M("batch.table-unreadable", "Line", lineOf(err)), err)
	case len(header) > maxColumns:
		return Table{}, tableFault(op, fault.Unreadable, words.M("batch.table-unreadable", "Line", 1), errors.New("too many columns"))
	case at["file"] < 0 || at["upn"] < 0 && at["mail"] < 0 && at["employeeId"] < 0:
		return Table{}, tableFault(op, fault.Unreadable, words.M("batch.table-columns"), nil)
	}
	return readRows(op, r, at)
}

// readRows reads what stands below the header.
func readRows(op string, r *csv.Reader, at map[string]int) (Table, error) {
	var table Table
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return table, nil
		}
		if err != nil {
			return Table{}, tableFault(op, fault.Unreadable, words.M("batch.table-unreadable", "Line", lineOf(err)), err)
		}
		if len(table.Rows)+len(table.Bad) >= MaxFiles {
			return Table{}, tableFault(op, fault.TooLarge, words.M("batch.table-too-long", "Max", MaxFiles), nil)
		}
		line, _ := r.FieldPos(0)
		cell := func(column string) string {
			i := at[column]
			if i < 0 || i >= len(record) || len(record[i]) > maxCellBytes {
				return ""
			}
			return strings.TrimSpace(clean(record[i]))
		}
		row := Row{Line: line, File: cell("file"), UPN: cell("upn"), Mail: cell("mail"), EmployeeID: cell("employeeId")}
		switch blank := strings.TrimSpace(strings.Join(record, "")) == ""; {
		case blank: // lines that spreadsheets leave behind
		case row.File == "":
			table.Bad = append(table.Bad, BadRow{line, words.M("batch.row-without-file")})
		case row.UPN == "" && row.Mail == "" && row.EmployeeID == "":
			table.Bad = append(table.Bad, BadRow{line, words.M("batch.row-without-person")})
		default:
			table.Rows = append(table.Rows, row)
		}
	}
}

// columnsIn returns where each column is, -1 for one that there isn't.
func columnsIn(header []string) map[string]int {
	at := map[string]int{}
	for column, names := range columns {
		at[column] = slices.IndexFunc(header, func(cell string) bool {
			return slices.Contains(names, strings.Join(wordsOf(fold(cell)), ""))
		})
	}
	return at
}

// decodeText returns what body says, in whichever encoding spreadsheets write:
// UTF-16 says so with its first two bytes, and what isn't UTF-8 is
// Windows-1252, which Excel writes in Western Europe.
func decodeText(body []byte) string {
	if bytes.HasPrefix(body, []byte{0xFF, 0xFE}) || bytes.HasPrefix(body, []byte{0xFE, 0xFF}) {
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(body)
		if err == nil {
			return string(text)
		}
	}
	body = bytes.TrimPrefix(body, []byte{0xEF, 0xBB, 0xBF})
	if utf8.Valid(body) {
		return string(body)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(body)
	if err != nil { // every byte means something in Windows-1252
		return strings.ToValidUTF8(string(body), "�")
	}
	return string(text)
}

// separator returns what parts the cells of text: whatever its header has most
// of, a comma where it has nothing.
func separator(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(header, ",")
	for _, r := range []rune{';', '\t'} {
		if n := strings.Count(header, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

func tableFault(op string, kind fault.Kind, say words.Message, err error) error {
	return &fault.Error{Op: op, Kind: kind, Say: say, Next: fault.NextChoose, Err: err}
}

// lineOf returns the line at which a table can't be read.
func lineOf(err error) int {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		return e.StartLine
	}
	return 1
}
