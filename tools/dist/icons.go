package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// shape is one drawing element of an icon, with its attributes in the order in
// which lucide has them.
type shape struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
}

// icons returns icons.json: what is drawn inside the <svg> of each icon that
// tools/icons.txt names, and the licence, which asks to go with it.
func icons(root string) ([]byte, error) {
	names, err := os.ReadFile(filepath.Join(root, "tools", "icons.txt"))
	if err != nil {
		return nil, err
	}
	lucide := filepath.Join(root, "node_modules", "lucide-static")
	licence, err := os.ReadFile(filepath.Join(lucide, "LICENSE"))
	if err != nil {
		return nil, err
	}
	drawn := map[string]string{}
	for _, name := range strings.Fields(string(names)) {
		svg, err := os.ReadFile(filepath.Join(lucide, "icons", name+".svg"))
		if err != nil {
			return nil, fmt.Errorf("tools/icons.txt names %q, which lucide doesn't have", name)
		}
		if drawn[name], err = drawing(svg); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return indented(struct {
		Licence string            `json:"licence"`
		Icons   map[string]string `json:"icons"`
	}{string(licence), drawn})
}

// drawing returns what is inside the <svg> of a drawing of lucide, as HTML has it.
func drawing(svg []byte) (string, error) {
	shapes, err := shapesOf(svg)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range shapes {
		fmt.Fprintf(&b, "<%s", s.XMLName.Local)
		for _, a := range s.Attrs {
			fmt.Fprintf(&b, ` %s="%s"`, a.Name.Local, html.EscapeString(a.Value))
		}
		b.WriteString("/>")
	}
	return b.String(), nil
}

// shapesOf returns what is drawn inside the <svg>.
func shapesOf(svg []byte) ([]shape, error) {
	var root struct {
		ViewBox string  `xml:"viewBox,attr"`
		Shapes  []shape `xml:",any"`
	}
	dec := xml.NewDecoder(bytes.NewReader(svg))
	if err := dec.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if root.ViewBox != "0 0 24 24" || len(root.Shapes) == 0 {
		return nil, fmt.Errorf("it isn't drawn as lucide draws: viewBox %q, %d shapes", root.ViewBox, len(root.Shapes))
	}
	return root.Shapes, nil
}
