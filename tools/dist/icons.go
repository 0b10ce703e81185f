package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// shape is one drawing element of an icon, with its attributes in the order in
// which lucide has them.
type shape struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
}

// icons returns icons.json: the path of each icon that tools/icons.txt names, and
// the licence, which asks to go with it.
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

// drawing returns a drawing of lucide as the data of one path, as SVG has it: one
// element of a page, and nothing in it that needs trust.
func drawing(svg []byte) (string, error) {
	shapes, err := shapesOf(svg)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range shapes {
		data, err := s.path()
		if err != nil {
			return "", err
		}
		b.WriteString(data)
	}
	return b.String(), nil
}

// path returns the shape as path data that doesn't depend on what comes before. It
// fails for a shape, and for an attribute of one, that path data can't have.
func (s shape) path() (string, error) {
	of := map[string]string{}
	for _, a := range s.Attrs {
		if !slices.Contains(strings.Fields("d x y x1 y1 x2 y2 cx cy r rx ry width height"), a.Name.Local) {
			return "", fmt.Errorf("a <%s> has the attribute %s, which isn't known here", s.XMLName.Local, a.Name.Local)
		}
		of[a.Name.Local] = a.Value
	}
	n := func(name string) float64 {
		value, _ := strconv.ParseFloat(of[name], 64) // 0 where it isn't there, as in SVG
		return value
	}
	switch s.XMLName.Local {
	case "path":
		if strings.HasPrefix(of["d"], "m") {
			return "M0 0" + of["d"], nil // from there, not from where the last shape ended
		}
		return of["d"], nil
	case "line":
		return fmt.Sprintf("M%g %gL%g %g", n("x1"), n("y1"), n("x2"), n("y2")), nil
	case "circle":
		r := n("r")
		return fmt.Sprintf("M%g %ga%g %g 0 1 0 %g 0a%g %g 0 1 0 %g 0z", n("cx")-r, n("cy"), r, r, 2*r, r, r, -2*r), nil
	case "rect":
		w, h, r := n("width"), n("height"), n("rx")
		return fmt.Sprintf("M%g %gh%ga%g %g 0 0 1 %g %gv%ga%g %g 0 0 1 %g %gh%ga%g %g 0 0 1 %g %gv%ga%g %g 0 0 1 %g %gz",
			n("x")+r, n("y"), w-2*r, r, r, r, r, h-2*r, r, r, -r, r, 2*r-w, r, r, -r, -r, 2*r-h, r, r, r, -r), nil
	}
	return "", fmt.Errorf("it has a <%s>, which isn't known here", s.XMLName.Local)
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
