package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
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

// icons makes one sprite of the icons that tools/icons.txt names, a <symbol>
// each, drawn with the current colour. The licence stands at the top, as it
// asks to.
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
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">`)
	fmt.Fprintf(&b, "<!--\nIcons of Lucide, https://lucide.dev\n\n%s\n-->\n", comment(licence))
	for _, name := range strings.Fields(string(names)) {
		svg, err := os.ReadFile(filepath.Join(lucide, "icons", name+".svg"))
		if err != nil {
			return nil, fmt.Errorf("tools/icons.txt names %q, which lucide doesn't have", name)
		}
		if err := symbol(&b, name, svg); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes(), nil
}

// comment makes text fit for the inside of an XML comment, where two hyphens
// in a row end it.
func comment(text []byte) []byte {
	return bytes.TrimSpace(bytes.ReplaceAll(text, []byte("--"), []byte("- ")))
}

// symbol writes the icon svg under the given name.
func symbol(b *bytes.Buffer, name string, svg []byte) error {
	shapes, err := shapesOf(svg)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, `<symbol id="%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">`, name)
	for _, s := range shapes {
		fmt.Fprintf(b, "<%s", s.XMLName.Local)
		for _, a := range s.Attrs {
			fmt.Fprintf(b, ` %s="%s"`, a.Name.Local, a.Value)
		}
		b.WriteString("/>")
	}
	b.WriteString("</symbol>\n")
	return nil
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
