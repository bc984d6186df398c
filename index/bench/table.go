package bench

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dedupidx/dedupidx/index/report"
)

// WriteTable tells a result for the eyes.
func (r Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d cores, %d GiB; %s\n", r.Machine.Platform, r.Machine.Cores, r.Machine.Memory, r.At.Format("2006-01-02 15:04"))
	b.WriteString(r.readOnce())
	lines := [][]string{{"workers", "pictures", "seconds", "images/s", "MB/s", "speed-up", "efficiency", "CPU use", "CPU s/picture", "peak RSS", "helper", "groups"}}
	for _, row := range r.Rows {
		lines = append(lines, []string{
			strconv.Itoa(row.Workers), strconv.FormatInt(row.Pictures, 10), number(row.Seconds), number(row.ImagesPerSecond), number(row.MBPerSecond),
			fmt.Sprintf("%.2f", row.SpeedUp), percent(row.Efficiency), known(row.CPUSeconds > 0, percent(row.CPUUse)),
			known(row.CPUSeconds > 0, fmt.Sprintf("%.4f", row.CPUSeconds/float64(max(row.Pictures, 1)))),
			size(row.PeakRSS), size(row.HelperRSS), strconv.FormatInt(row.Groups, 10),
		})
	}
	align(&b, lines)
	b.WriteString("\nmilliseconds a picture by step, summed over all workers (compare and group: that passed)\n")
	lines = [][]string{slices.Concat([]string{"workers", "pictures"}, StepNames())}
	for _, row := range r.Rows {
		line := []string{strconv.Itoa(row.Workers), strconv.FormatInt(row.Pictures, 10)}
		for _, step := range StepNames() {
			line = append(line, fmt.Sprintf("%.2f", row.Steps[step]*1000/float64(max(row.Pictures, 1))))
		}
		lines = append(lines, line)
	}
	align(&b, lines)
	b.WriteByte('\n')
	if r.SameGroup {
		b.WriteString("all runs over the same files found the same groups\n")
	}
	if text := r.argument(); text != "" {
		b.WriteString(text + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Result) readOnce() string {
	once := r.ReadOnce
	return fmt.Sprintf("%d files, %s, read once before in %s s: %s MB/s\n\n", once.Files, report.Size(once.Bytes), number(once.Seconds),
		number(float64(once.Bytes)/1e6/max(once.Seconds, 1e-9)))
}

// argument says in words what it is.
func (r Result) argument() string {
	if r.Argument == nil {
		return ""
	}
	var gains []string
	for _, cores := range []int{4, 8, 16} {
		if s, ok := r.Argument.SpeedUp[cores]; ok {
			gains = append(gains, fmt.Sprintf("%d cores %.1f", cores, s))
		}
	}
	return fmt.Sprintf("an argument, not a measurement: of one worker's time %.1f %% did not get faster with %d;"+
		" if that stays, the speed-up would be with %s", 100*r.Argument.SerialPart, r.Argument.Workers, strings.Join(gains, ", "))
}

// align writes lines of cells, each column as wide as its widest cell, to the right.
func align(b *strings.Builder, lines [][]string) {
	wide := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			wide[i] = max(wide[i], len(cell))
		}
	}
	for _, line := range lines {
		for i, cell := range line {
			if i > 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(b, "%*s", wide[i], cell)
		}
		b.WriteByte('\n')
	}
}

// number keeps three digits or more.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func percent(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

func size(n int64) string { return known(n > 0, report.Size(n)) }

// known is a cell of what this system does not tell.
func known(ok bool, text string) string {
	if !ok {
		return "-"
	}
	return text
}
