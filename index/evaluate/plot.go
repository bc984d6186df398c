package evaluate

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// The plot's frame, in pixels of the SVG.
const (
	plotSide   = 420
	plotLeft   = 70
	plotTop    = 50
	plotWidth  = 1000
	plotHeight = 560
)

// Plot writes a reliability plot as an SVG that stands alone: for each bin the share of pairs
// that are true over their mean similarity, with its 95 % interval, both in odds, so
// that 0.99 and 0.999 can be told apart. Where similarity is calibrated the points
// lie on the diagonal; above it, it is on the careful side. Beside it stands what each threshold gives.
func (c Curve) Plot(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="13">`+"\n",
		plotWidth, plotHeight, plotWidth, plotHeight)
	b.WriteString(`<title>How far similarity can be trusted</title><rect width="100%" height="100%" fill="#fff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="%d" y="28" font-size="17">Of pairs as similar, how many are true</text>`+"\n", plotLeft)
	right, low := plotLeft+plotSide, plotTop+plotSide
	for _, v := range []float64{0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999} {
		x, y := plotX(v), plotY(v)
		fmt.Fprintf(&b, `<path d="M%.1f %dV%dM%d %.1fH%d" stroke="#ddd"/>`, x, plotTop, low, plotLeft, y, right)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%g</text><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", x, low+18, v, plotLeft-6, y+4, v)
	}
	fmt.Fprintf(&b, `<path d="M%d %dL%d %d" stroke="#888" stroke-dasharray="5 4"/>`+"\n", plotLeft, low, right, plotTop)
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">similarity, mean of the range</text>`+"\n", plotLeft+plotSide/2, low+42)
	fmt.Fprintf(&b, `<text transform="translate(16 %d) rotate(-90)" text-anchor="middle">share that is true</text>`+"\n", plotTop+plotSide/2)
	for _, bin := range c.Bins {
		if bin.Of == 0 {
			continue
		}
		x := plotX(bin.Mean)
		fmt.Fprintf(&b, `<g><title>%g to %g: %d of %d true, similarity %.4f</title>`, bin.Low, bin.High, bin.True, bin.Of, bin.Mean)
		fmt.Fprintf(&b, `<path d="M%.1f %.1fV%.1f" stroke="#1565c0" stroke-width="2"/>`, x, plotY(bin.From), plotY(bin.To))
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="5" fill="#1565c0"/>`, x, plotY(*bin.Share))
		fmt.Fprintf(&b, `<text transform="translate(%.1f %d) rotate(-90)" fill="#333" font-size="11">%d of %d</text></g>`+"\n", x-4, low-4, bin.True, bin.Of)
	}
	left := right + 40
	fmt.Fprintf(&b, `<text x="%d" y="28" font-size="17">By threshold, pair by pair</text>`+"\n", left)
	for i, line := range append([][4]string{{"similarity", "claimed", "precision", "recall"}}, c.lines()...) {
		y := plotTop + 22*(i+1)
		for j, cell := range line {
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left+75+110*j, y, cell)
		}
		b.WriteByte('\n')
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// lines is the table of thresholds.
func (c Curve) lines() (out [][4]string) {
	for _, t := range c.Thresholds {
		out = append(out, [4]string{fmt.Sprintf("%.3f", t.At), fmt.Sprint(t.Claimed), text(t.Precision), text(t.Recall)})
	}
	return out
}

func text(share *float64) string {
	if share == nil {
		return "n/a"
	}
	return fmt.Sprintf("%.4f", *share)
}

// Table writes what each threshold gives as text.
func (c Curve) Table(w io.Writer) error {
	var b strings.Builder
	b.WriteString("similarity  claimed pairs  precision  recall\n")
	for _, l := range c.lines() {
		fmt.Fprintf(&b, "%10s  %13s  %9s  %6s\n", l[0], l[1], l[2], l[3])
	}
	b.WriteString("from   to     pairs   true  share   similarity\n")
	for _, x := range c.Bins {
		fmt.Fprintf(&b, "%.3f  %.3f  %5d  %5d  %s  %.4f\n", x.Low, x.High, x.Of, x.True, text(x.Share), x.Mean)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plotAt is where a share lies between the ends of an axis, 0..1, by its odds.
func plotAt(v float64) float64 {
	odds := func(v float64) float64 { return math.Log(v / (1 - v)) }
	const least, most = 0.4, 0.99995
	return (odds(min(max(v, least), most)) - odds(least)) / (odds(most) - odds(least))
}

func plotX(v float64) float64 { return plotLeft + plotSide*plotAt(v) }
func plotY(v float64) float64 { return plotTop + plotSide*(1-plotAt(v)) }
