package audit_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"portrait/internal/audit"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// columns of audit_log are read from the database, so that one that is added
// later is tried too.
func columns(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM audit_log WHERE 1 = 0")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// forged is another value for a column.
func forged(column string) string {
	switch column {
	case "seq", "at":
		return column + " + 1000000"
	case "side_hash", "mac":
		return "(SELECT salt FROM audit_sides WHERE seq = 1)" // bytes of the right length
	}
	return column + " || 'x'"
}

// TestSecurityEachColumnOfEachRow changes every column of every entry, one at a time.
func TestSecurityEachColumnOfEachRow(t *testing.T) {
	const entries = 5
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.fill(entries)
		raw := s.raw()
		tried := 0
		for _, column := range columns(t, raw) {
			for seq := int64(1); seq <= entries; seq++ {
				exec(t, raw, "CREATE TABLE kept AS SELECT * FROM audit_log WHERE seq = $1", seq)
				exec(t, raw, fmt.Sprintf("UPDATE audit_log SET %s = %s WHERE seq = $1", column, forged(column)), seq)
				want := audit.Wrong{Seq: seq, How: audit.Changed}
				switch {
				case column == "key_id":
					want.How = audit.UnknownKey
				case column == "seq":
					want.How = audit.Removed // from its place
				}
				s.finds(fmt.Sprintf("%s of entry %d", column, seq), want)
				exec(t, raw, "DELETE FROM audit_log WHERE seq = $1 OR seq > 1000", seq)
				exec(t, raw, "INSERT INTO audit_log SELECT * FROM kept")
				exec(t, raw, "DROP TABLE kept")
				tried++
			}
		}
		if tried != 23*entries {
			t.Errorf("%d changes were tried, want %d", tried, 23*entries)
		}
		s.holds("with everything put back")
	})
}

// swap exchanges two entries, with what stands beside them.
func swap(a, b int) []string {
	var all []string
	for _, table := range []string{"audit_log", "audit_sides"} {
		all = append(all,
			fmt.Sprintf("UPDATE %s SET seq = -1 WHERE seq = %d", table, a),
			fmt.Sprintf("UPDATE %s SET seq = %d WHERE seq = %d", table, a, b),
			fmt.Sprintf("UPDATE %s SET seq = %d WHERE seq = -1", table, b))
	}
	return all
}

// headTo writes where the log ends, as somebody would who tidies up.
const headTo = "UPDATE audit_head SET seq = (SELECT MAX(seq) FROM audit_log), mac = (SELECT mac FROM audit_log ORDER BY seq DESC LIMIT 1)"

// copyOf puts a copy of an entry at another place.
func copyOf(t *testing.T, db *sql.DB, from, to int) string {
	t.Helper()
	names := columns(t, db)
	return fmt.Sprintf("INSERT INTO audit_log SELECT %d, %s FROM audit_log WHERE seq = %d", to, strings.Join(names[1:], ", "), from)
}

// shift renumbers the entries from seq on by by.
func shift(seq, by int) []string {
	return []string{
		fmt.Sprintf("UPDATE audit_log SET seq = -(seq + %d) WHERE seq >= %d", by, seq),
		"UPDATE audit_log SET seq = -seq WHERE seq < 0",
	}
}

func TestSecurityWhatIsDoneToTheLogIsNamed(t *testing.T) {
	drop := func(seq int) string { return fmt.Sprintf("DELETE FROM audit_log WHERE seq = %d", seq) }
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.fill(10)
		raw := s.raw()
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		exec(t, raw, "DELETE FROM audit_marks") // as somebody would who tidies up
		for _, table := range []string{"audit_log", "audit_sides", "audit_head"} {
			exec(t, raw, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
		}
		for _, tt := range []struct {
			sentence   string
			statements []string
			want       audit.Wrong
		}{
			{"the first is dropped", []string{drop(1)}, audit.Wrong{Seq: 1, How: audit.Removed}},
			{"one in the middle is dropped", []string{drop(5)}, audit.Wrong{Seq: 5, How: audit.Removed}},
			{"three in the middle are dropped", []string{drop(5), drop(6), drop(7)}, audit.Wrong{Seq: 5, How: audit.Removed}},
			{"one is dropped and the rest renumbered", append(append([]string{drop(5)}, shift(6, -1)...), headTo), audit.Wrong{Seq: 5, How: audit.Removed}},
			{"the first is dropped and the rest renumbered", append(append([]string{drop(1)}, shift(2, -1)...), headTo), audit.Wrong{Seq: 1, How: audit.Removed}},
			{"the last is dropped", []string{drop(10)}, audit.Wrong{Seq: 10, How: audit.Cut}},
			{"all are dropped", []string{"DELETE FROM audit_log"}, audit.Wrong{Seq: 1, How: audit.Cut}},
			{"two neighbours are swapped", swap(4, 5), audit.Wrong{Seq: 4, How: audit.Swapped, With: 5}},
			{"two that aren't neighbours are swapped", swap(3, 8), audit.Wrong{Seq: 3, How: audit.Swapped, With: 8}},
			{"the last two are swapped", swap(9, 10), audit.Wrong{Seq: 9, How: audit.Swapped, With: 10}},
			{"the first and the last are swapped", swap(1, 10), audit.Wrong{Seq: 1, How: audit.Swapped, With: 10}},
			{"one is put in", append(shift(5, 1), copyOf(t, raw, 2, 5), headTo), audit.Wrong{Seq: 5, How: audit.Inserted}},
			{"one is put before the first", append(shift(1, 1), copyOf(t, raw, 5, 1), headTo), audit.Wrong{Seq: 1, How: audit.Inserted}},
			{"one with an impossible place is put in", []string{copyOf(t, raw, 5, 0)}, audit.Wrong{Seq: 0, How: audit.Inserted}},
			{"one is put at the end", []string{copyOf(t, raw, 5, 11)}, audit.Wrong{Seq: 11, How: audit.Inserted}},
			// It looks like a last entry that was changed.
			{"one is put at the end, and the head with it", []string{copyOf(t, raw, 5, 11), headTo}, audit.Wrong{Seq: 11, How: audit.Changed}},
			{"the head goes back", []string{"UPDATE audit_head SET seq = 9"}, audit.Wrong{Seq: 10, How: audit.HeadChanged}},
			{"the head's MAC is changed", []string{"UPDATE audit_head SET mac = (SELECT mac FROM audit_log WHERE seq = 3)"}, audit.Wrong{Seq: 10, How: audit.HeadChanged}},
			{"a name is changed", []string{"UPDATE audit_sides SET data = (SELECT salt FROM audit_sides WHERE seq = 1) WHERE seq = 6"}, audit.Wrong{Seq: 6, How: audit.SideUnreadable}},
			{"the names of two are swapped", swap(6, 7)[3:], audit.Wrong{Seq: 6, How: audit.SideUnreadable}},
			{"a salt is changed", []string{"UPDATE audit_sides SET salt = (SELECT salt FROM audit_sides WHERE seq = 1) WHERE seq = 6"}, audit.Wrong{Seq: 6, How: audit.SideChanged}},
			{"a name is gone without being erased", []string{"DELETE FROM audit_sides WHERE seq = 6"}, audit.Wrong{Seq: 6, How: audit.SideRemoved}},
			{"somebody claims a purge", []string{drop(1), `INSERT INTO audit_marks (name, at, seq, mac, note, key_id, signature)
				SELECT 'purged', at, 1, (SELECT mac FROM kept_audit_log WHERE seq = 1), '', key_id, mac FROM audit_log WHERE seq = 2`}, audit.Wrong{Seq: 1, How: audit.MarkForged}},
		} {
			for _, statement := range tt.statements {
				exec(t, raw, statement)
			}
			s.finds(tt.sentence, tt.want)
			exec(t, raw, "DELETE FROM audit_marks")
			for _, table := range []string{"audit_log", "audit_sides", "audit_head"} {
				exec(t, raw, "DELETE FROM "+table)
				exec(t, raw, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
			}
		}
		s.holds("with everything put back")
	})
}

// TestSecurityHashingAgainWithoutTheKey changes an entry and gives it, and all after it,
// new MACs with a key of somebody's own.
func TestSecurityHashingAgainWithoutTheKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		key := storetest.Key()
		s := &site{Log: logOn(t, db.Open(t), key), t: t, db: db}
		s.fill(4)
		ours := keyID(t, s)
		s.sql("DELETE FROM audit_log WHERE seq >= 3")
		s.sql("DELETE FROM audit_sides WHERE seq >= 3")
		s.sql(headTo)
		own := &site{Log: logOn(t, s.Store, storetest.Key()), t: t, db: db}
		other := sample(3)
		other.Outcome = audit.Done
		own.add(other, sample(4))
		s.finds("with the key's own id", audit.Wrong{Seq: 3, How: audit.UnknownKey})
		s.sql("UPDATE audit_log SET key_id = $1", ours)
		s.finds("with the id of our key", audit.Wrong{Seq: 3, How: audit.Changed})
	})
}

// keyID returns the id of the key of the newest entry.
func keyID(t *testing.T, s *site) string {
	t.Helper()
	var id string
	if err := s.db.SQL(t).QueryRowContext(t.Context(), "SELECT key_id FROM audit_log ORDER BY seq DESC LIMIT 1").Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestSecurityAPageMarksWhatIsNotAsItWasWritten looks at entries one by one.
func TestSecurityAPageMarksWhatIsNotAsItWasWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.fill(5)
		s.sql("UPDATE audit_log SET outcome = 'done' WHERE seq = 3")
		s.sql("DELETE FROM audit_sides WHERE seq = 4")
		page, err := s.Page(t.Context(), audit.Filter{}, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if r.Verified != (r.Seq != 3 && r.Seq != 4) || r.Erased {
				t.Errorf("entry %d: verified %v, erased %v", r.Seq, r.Verified, r.Erased)
			}
		}
	})
}

// TestSecurityNoTwoEntriesGiveTheSameBytes moves text between neighbouring fields.
func TestSecurityNoTwoEntriesGiveTheSameBytes(t *testing.T) {
	base := store.AuditRow{Seq: 1, At: noon, Proof: "ab", As: "c", Action: "set", Outcome: "", Old: "1", New: "23"}
	moved := []store.AuditRow{base, base, base, base}
	moved[1].Proof, moved[1].As = "a", "bc"
	moved[2].Action, moved[2].Outcome = "", "set"
	moved[3].Old, moved[3].New = "12", "3"
	seen := map[string]int{}
	for i, row := range moved {
		bytes := string(audit.RowBytes(row, nil))
		if other, ok := seen[bytes]; ok {
			t.Errorf("rows %d and %d give the same bytes", other, i)
		}
		seen[bytes] = i
	}
	if string(audit.RowBytes(base, []byte("x"))) == string(audit.RowBytes(base, nil)) {
		t.Error("the MAC before doesn't count")
	}
}
