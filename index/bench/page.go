package bench

import (
	"fmt"
	"html/template"
	"io"
	"strings"
)

// page is the result with its plots. It loads nothing and runs no script.
var page = template.Must(template.New("bench").Funcs(template.FuncMap{
	"number": number, "percent": percent, "size": size,
	"ratio": func(v float64) string { return fmt.Sprintf("%.2f", v) },
}).Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>How fast this machine scans – dedupidx bench</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1b1b; background: #fff }
table { border-collapse: collapse; margin: 1rem 0 } th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ccc }
figure { margin: 2rem 0 } figcaption { font-weight: 600 } svg { max-width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: #1b1b1b }
</style>
</head>
<body>
<h1>How fast this machine scans</h1>
<p>{{.R.Machine.Platform}}, {{.R.Machine.Cores}} cores, {{.R.Machine.Memory}} GiB; {{.R.At.Format "2006-01-02 15:04"}}. {{.Once}}
{{if gt .R.Repeats 1}}Each row is the fastest of {{.R.Repeats}} runs.{{end}}</p>
<table>
<thead><tr><th>workers<th>pictures<th>seconds<th>images/s<th>MB/s<th>speed-up<th>efficiency<th>CPU use<th>peak RSS<th>groups</tr></thead>
<tbody>{{range .R.Rows}}
<tr><td>{{.Workers}}<td>{{.Pictures}}<td>{{number .Seconds}}<td>{{number .ImagesPerSecond}}<td>{{number .MBPerSecond}}<td>{{ratio .SpeedUp}}<td>{{percent .Efficiency}}<td>{{if .CPUSeconds}}{{percent .CPUUse}}{{else}}-{{end}}<td>{{size .PeakRSS}}<td>{{.Groups}}</tr>{{end}}
</tbody>
</table>
{{if .R.SameGroup}}<p>All runs over the same files found the same groups.</p>{{end}}
{{with .Argument}}<p>{{.}}.</p>{{end}}
{{range .Plots}}<figure><figcaption>{{.Title}}</figcaption>{{.SVG}}</figure>
{{end}}</body>
</html>
`))

// plot is a picture of numbers.
type plot struct {
	Title string
	SVG   template.HTML
}

// WritePage writes the result as an HTML page.
func (r Result) WritePage(w io.Writer) error {
	return page.Execute(w, struct {
		R        Result
		Once     string
		Argument string
		Plots    []plot
	}{r, strings.TrimSpace(r.readOnce()), r.argument(), r.plots()})
}

// plots draws what there is more than one number of.
func (r Result) plots() []plot {
	var all, sizes []Row
	most := 0
	for _, row := range r.Rows {
		if row.Tenths == AllTenths {
			all = append(all, row)
			most = max(most, row.Workers)
		}
	}
	for _, row := range r.Rows {
		if row.Workers == most {
			sizes = append(sizes, row)
		}
	}
	speed := series{name: "measured"}
	ideal := series{name: "ideal", dashed: true}
	memory := series{name: "peak RSS"}
	var bars []bar
	for _, row := range all {
		x := float64(row.Workers)
		speed.points = append(speed.points, point{x, row.ImagesPerSecond})
		ideal.points = append(ideal.points, point{x, all[0].ImagesPerSecond * x / float64(all[0].Workers)})
		memory.points = append(memory.points, point{x, float64(row.PeakRSS) / (1 << 20)})
		bars = append(bars, barOf(fmt.Sprintf("workers: %d", row.Workers), row))
	}
	out := []plot{
		{"Images a second by workers", lines("workers", []series{speed, ideal})},
		{"Milliseconds a picture by step, summed over all workers", stacked(StepNames(), bars)},
		{"Peak memory in MiB by workers", lines("workers", []series{memory})},
	}
	if len(sizes) > 1 {
		each := series{name: fmt.Sprintf("%d workers", most)}
		bars = nil
		for _, row := range sizes {
			each.points = append(each.points, point{float64(row.Pictures), 1000 * row.Seconds / float64(max(row.Pictures, 1))})
			bars = append(bars, barOf(fmt.Sprintf("pictures: %d", row.Pictures), row))
		}
		out = append(out, plot{"Milliseconds a picture by number of pictures", lines("pictures", []series{each})},
			plot{"The same by step, summed over all workers", stacked(StepNames(), bars)})
	}
	return out
}

// barOf is a run by step, in milliseconds a picture.
func barOf(label string, row Row) bar {
	b := bar{label: label}
	for _, step := range StepNames() {
		b.parts = append(b.parts, row.Steps[step]*1000/float64(max(row.Pictures, 1)))
	}
	return b
}
