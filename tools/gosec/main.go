// Command gosec looks for what gosec, the security checker, finds in Portrait,
// and prints what isn't explained: in the table here for whole folders, or
// beside the line with "#nosec G000 -- reason".
//
// It is gosec's library and not its own command because that would bring the
// clients of four language models with it, and five minutes of compiling.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/securego/gosec/v2"
	"github.com/securego/gosec/v2/analyzers"
	"github.com/securego/gosec/v2/issue"
	"github.com/securego/gosec/v2/rules"
)

// folders are what is looked at: what ends up in the program.
var folders = []string{"cmd", "handlers", "internal", "static", "views", "web"}

// explained are findings of a rule in a whole folder that are none, and why. A
// rule of "" stands for all of them.
var explained = []struct{ folder, rule, reason string }{
	{"internal/demo", "", "the tenant in a box: made-up people, on this machine only, and no code of the site"},
	{"internal/graph/contract", "", "tests alone import it"},
	{"internal/store/storetest", "", "tests alone import it"},
	{"internal/picture", "G115", "sizes are bounded before there are pixels (header.go), colours by their masks; fuzz tests look for more"},
	{"internal/picture", "G602", "tables of a fixed size, indexed by what ranges over them"},
	{"internal/jpegscale", "G115", "sizes are bounded before there are pixels, colours by their masks; fuzz tests look for more"},
}

func main() {
	if err := run("..", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run checks the repository at root and writes one line to out for each finding
// that isn't explained. It fails if there is one, or code can't be read.
func run(root string, out io.Writer) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	found, err := look(root)
	if err != nil {
		return err
	}
	n := 0
	for _, i := range found {
		name, err := filepath.Rel(root, i.File)
		if err != nil {
			return err
		}
		if i.NoSec || isExplained(filepath.ToSlash(name), i.RuleID) {
			continue
		}
		n++
		if _, err := fmt.Fprintf(out, "%s:%s: %s %s (%s, %s)\n", name, i.Line, i.RuleID, i.What, i.Severity, i.Confidence); err != nil {
			return err
		}
	}
	if n > 0 {
		return fmt.Errorf("%d findings: put them right, or say beside the line why they are none: // #nosec G000 -- reason", n)
	}
	return reasoned(root)
}

// look returns everything that gosec finds.
func look(root string) ([]*issue.Issue, error) {
	analyzer := gosec.NewAnalyzer(gosec.NewConfig(), false, true, false, runtime.NumCPU(), log.New(io.Discard, "", 0))
	analyzer.LoadRules(rules.Generate(false).RulesInfo())
	analyzer.LoadAnalyzers(analyzers.Generate(false).AnalyzersInfo())
	var packages []string
	for _, folder := range folders {
		found, err := gosec.PackagePaths(filepath.Join(root, folder, "..."), nil)
		if err != nil {
			return nil, err
		}
		packages = append(packages, found...)
	}
	if len(packages) == 0 {
		return nil, errors.New("there is nothing to look at")
	}
	if err := analyzer.Process(nil, packages...); err != nil {
		return nil, err
	}
	found, _, unread := analyzer.Report()
	for name, errs := range unread {
		return nil, fmt.Errorf("%s can't be read: %v", name, errs)
	}
	return found, nil
}

func isExplained(name, rule string) bool {
	for _, e := range explained {
		if strings.HasPrefix(name, e.folder+"/") && (e.rule == "" || e.rule == rule) {
			return true
		}
	}
	return false
}

// nosec is a line that says that a finding is none, and with what reason.
var nosec = regexp.MustCompile(`#nosec\b(?: G\d{3})*(?: -- (\S.{9,}))?`)

// reasoned fails if a finding is passed over without saying which and why.
func reasoned(root string) error {
	var bad []string
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
				return err
			}
			source, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(source), "\n") {
				m := nosec.FindStringSubmatch(line)
				if m != nil && (m[1] == "" || !strings.Contains(m[0], " G")) {
					bad = append(bad, fmt.Sprintf("%s:%d", name, i+1))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("a #nosec without a rule or a reason: %s", strings.Join(bad, ", "))
	}
	return nil
}
