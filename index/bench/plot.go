package bench

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// The plots are plain SVG. Their texts are numbers and words of ours, so nothing needs
// to be escaped.

type point struct{ x, y float64 }

// series is a line of points from left to right.
type series struct {
	name   string
	dashed bool
	points []point
}

// bar is a row of parts, one after the other.
type bar struct {
	label string
	parts []float64
}

// palette is by Okabe and Ito, Color Universal Design (2008), which people who see colours
// differently can tell apart, and three greys.
var palette = [...]string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000", "#777777", "#aaaaaa", "#dddddd"}

const plotWidth, plotHeight, plotLeft, plotBottom = 720, 320, 60, 40

// lines draws series over a common x from 0.
func lines(xName string, all []series) template.HTML {
	var most point
	for _, s := range all {
		for _, p := range s.points {
			most.x, most.y = max(most.x, p.x), max(most.y, p.y)
		}
	}
	stepX, stepY := max(gridStep(most.x), 1), gridStep(most.y) // x counts things
	top := point{math.Ceil(most.x/stepX) * stepX, math.Ceil(most.y/stepY) * stepY}
	x := func(v float64) float64 { return plotLeft + v/top.x*(plotWidth-plotLeft-20) }
	y := func(v float64) float64 { return 10 + (1-v/top.y)*(plotHeight-plotBottom-10) }
	var b strings.Builder
	open(&b, plotHeight)
	for v := 0.0; v <= top.y+stepY/2; v += stepY {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			plotLeft, y(v), plotWidth-20, plotLeft-8, y(v)+4, short(v))
	}
	for v := 0.0; v <= top.x+stepX/2; v += stepX {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x(v), plotHeight-plotBottom+18, short(v))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, plotWidth-20, plotHeight-4, xName)
	for i, s := range all {
		var path strings.Builder
		for j, p := range s.points {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(j, 1)], x(p.x), y(p.y))
			if !s.dashed {
				fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"><title>%s: %s</title></circle>`, x(p.x), y(p.y), palette[i], short(p.x), short(p.y))
			}
		}
		dash := ""
		if s.dashed {
			dash = ` stroke-dasharray="6 5"`
		}
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s" stroke-width="2"%s/>`, path.String(), palette[i], dash)
		legend(&b, i, plotLeft+20+130*i, 22, s.name)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// stacked draws bars of parts below each other, with a legend.
func stacked(names []string, bars []bar) template.HTML {
	const left, thick = 110, 26
	most := 0.0
	for _, r := range bars {
		sum := 0.0
		for _, v := range r.parts {
			sum += v
		}
		most = max(most, sum)
	}
	legendRows := (len(names) + 5) / 6
	height := 20*legendRows + 10 + (thick+10)*len(bars)
	var b strings.Builder
	open(&b, height)
	for i, name := range names {
		legend(&b, i, left+100*(i%6), 14+20*(i/6), name)
	}
	for i, r := range bars {
		y := 20*legendRows + 10 + (thick+10)*i
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, y+thick/2+4, r.label)
		x, sum := float64(left), 0.0
		for j, v := range r.parts {
			wide := v / max(most, 1e-9) * (plotWidth - left - 60)
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s: %s</title></rect>`, x, y, wide, thick, palette[j%len(palette)], names[j], short(v))
			x, sum = x+wide, sum+v
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`, x+6, y+thick/2+4, short(sum))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func open(b *strings.Builder, height int) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d" height="%d" viewBox="0 0 %d %d">`, plotWidth, height, plotWidth, height)
}

func legend(b *strings.Builder, i, x, y int, name string) {
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/><text x="%d" y="%d">%s</text>`, x, y-9, palette[i%len(palette)], x+15, y, name)
}

// gridStep is the distance of grid lines: 1, 2 or 5 times a power of ten, so that there
// are four to ten of them.
func gridStep(most float64) float64 {
	if most <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(most)))
	switch v := most / power; {
	case v <= 2:
		return power / 5
	case v <= 5:
		return power / 2
	}
	return power
}

// short is a number of three digits, without a useless end.
func short(v float64) string {
	text := number(v)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
