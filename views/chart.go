package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Point is a share at a time, for a chart.
type Point struct {
	At    time.Time
	Share float64 // of 100
	Text  string  // the same for people: "78 %"
}

// Chart is shares over time, drawn twice: as wide as a page, and as a phone.
type Chart struct {
	ID          string // begins the ids of its parts
	Title, Desc string // what it is, and what it shows, for those who don't see it
	Wide, Slim  Drawing
}

// Drawing is a chart in a box of Width by Height.
type Drawing struct {
	Width, Height int
	Left, Right   string // where the plot ends at its sides
	Grid          []Mark // lines across, each with its label at the left
	Ticks         []Mark // labels below
	Line, Area    string // paths; "" for a single point
	Dots          []Mark
	Last          Mark // the newest point, with its label
	Base          string
}

// Mark is a place in a Drawing with what it says.
type Mark struct {
	X, Y, Text string
	Anchor     string // of the text: "start", "middle", "end"
}

// The room around the plot, for labels, in the drawing's units: as many pixels
// where the chart isn't shrunk.
const (
	chartLeft   = 48.0
	chartRight  = 16.0
	chartTop    = 28.0
	chartBottom = 32.0

	maxDots = 40 // more of them hide the line
)

// NewChart draws points, the oldest first, of which there is at least one. day
// writes a day for the axis.
func NewChart(id, title, desc string, points []Point, day func(time.Time) string) *Chart {
	return &Chart{
		ID: id, Title: title, Desc: desc,
		Wide: draw(points, day, 960, 300, 6), Slim: draw(points, day, 328, 240, 3),
	}
}

// draw puts points into a box of width by height with at most ticks labels below.
func draw(points []Point, day func(time.Time) string, width, height, ticks int) Drawing {
	d := Drawing{Width: width, Height: height, Left: units(chartLeft), Right: units(float64(width) - chartRight)}
	first, last := points[0].At, points[len(points)-1].At
	x := func(t time.Time) float64 {
		room := float64(width) - chartLeft - chartRight
		if !last.After(first) {
			return chartLeft + room/2
		}
		return chartLeft + room*float64(t.Sub(first))/float64(last.Sub(first))
	}
	y := func(share float64) float64 {
		return chartTop + (float64(height)-chartTop-chartBottom)*(1-share/100)
	}
	d.Base = units(y(0))
	for _, share := range []int{0, 25, 50, 75, 100} {
		d.Grid = append(d.Grid, Mark{X: units(chartLeft - 8), Y: units(y(float64(share))), Text: strconv.Itoa(share) + " %", Anchor: "end"})
	}
	d.Ticks = ticksOf(points, x, day, ticks)
	for i := range d.Ticks {
		d.Ticks[i].Y = units(float64(height) - 8)
	}
	var path []string
	for _, p := range points {
		path = append(path, units(x(p.At))+" "+units(y(p.Share)))
		if len(points) <= maxDots {
			d.Dots = append(d.Dots, Mark{X: units(x(p.At)), Y: units(y(p.Share))})
		}
	}
	if len(points) > 1 {
		d.Line = "M" + strings.Join(path, " L")
		d.Area = d.Line + " L" + units(x(last)) + " " + d.Base + " L" + units(x(first)) + " " + d.Base + " Z"
	}
	newest := points[len(points)-1]
	d.Last = Mark{X: units(x(last)), Y: units(y(newest.Share)), Text: newest.Text, Anchor: "end"}
	if len(points) == 1 {
		d.Last.Anchor = "middle"
	}
	return d
}

// ticksOf returns the labels below the plot: at points, as evenly as they allow.
func ticksOf(points []Point, x func(time.Time) float64, day func(time.Time) string, most int) []Mark {
	n := min(most, len(points))
	var all []Mark
	for i := range n {
		at := 0
		if n > 1 {
			at = i * (len(points) - 1) / (n - 1)
		}
		m := Mark{X: units(x(points[at].At)), Text: day(points[at].At), Anchor: "middle"}
		switch {
		case n > 1 && i == 0:
			m.Anchor = "start"
		case n > 1 && i == n-1:
			m.Anchor = "end"
		}
		all = append(all, m)
	}
	return all
}

// NewBar returns how much of a bar of 100 units have people fill, of total.
func NewBar(have, total int64) string {
	if total <= 0 {
		return "0"
	}
	return units(100 * float64(have) / float64(total))
}

// units is a length in a drawing, to a tenth.
func units(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// below is a place n units below y, which units has written.
func below(y string, n float64) string {
	v, _ := strconv.ParseFloat(y, 64) // units wrote it
	return units(v + n)
}
