package report

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// SeriesHeader is the first line of a CSV list of series.
const SeriesHeader = "series,path,kind,camera,taken,similarity,size,width,height,format,modified,hash,root,state"

// WriteSeries writes the series of an index: as a table, CSV, JSON or JSON lines.
func WriteSeries(ctx context.Context, w io.Writer, x *index.Index, o Options) (t SeriesTotals, err error) {
	o = o.withDefaults()
	list, err := AllSeries(ctx, x)
	if err != nil {
		return t, err
	}
	for _, s := range list {
		t.Series++
		t.Files += int64(len(s.Files))
	}
	b := bufio.NewWriterSize(w, 64<<10)
	switch o.Format {
	case Table:
		err = seriesTable(&tableWriter{w: b, color: o.Color}, list)
	case CSV:
		err = seriesCSV(b, list)
	case JSON, JSONL:
		err = seriesJSON(&jsonWriter{w: b, lines: o.Format == JSONL}, list, t)
	default:
		return t, fmt.Errorf("a list of series in the format %q is not known", o.Format)
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return t, fmt.Errorf("write series: %w", err)
	}
	return t, nil
}

func seriesTable(t *tableWriter, list []Series) error {
	for i, s := range list {
		if i > 0 {
			if err := t.w.WriteByte('\n'); err != nil {
				return err
			}
		}
		in := common(s.Files)
		head := t.paint("1", fmt.Sprintf("series %d: %d files, %d moments in %s", s.Number, len(s.Files), s.Moments, s.Span()))
		tail := ", " + Printable(s.Camera)
		if in != "" {
			tail += ", in " + Printable(in)
		}
		if _, err := fmt.Fprintln(t.w, head+t.paint("2", tail)); err != nil {
			return err
		}
		for _, f := range s.Files {
			mark := "    "
			if f.Kind == index.Best {
				mark = t.paint("32", "best")
			}
			after := "+" + f.Taken.Sub(s.Files[0].Taken).String()
			_, err := fmt.Fprintf(t.w, "  %s  %-6s  %.4f  %11s  %-4s  %10s  %s\n", mark, after, f.Similarity,
				fmt.Sprintf("%dx%d", f.Width, f.Height), f.Format, Size(f.Size), Printable(strings.TrimPrefix(f.Path, in)))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func seriesCSV(w *bufio.Writer, list []Series) error {
	if _, err := w.WriteString(SeriesHeader + "\n"); err != nil {
		return err
	}
	for _, s := range list {
		for _, f := range s.Files {
			b := strconv.AppendInt(nil, int64(s.Number), 10)
			for _, field := range []string{
				f.Path, f.Kind, s.Camera, timeText(f.Taken), strconv.FormatFloat(f.Similarity, 'f', 4, 64), strconv.FormatInt(f.Size, 10),
				strconv.Itoa(f.Width), strconv.Itoa(f.Height), f.Format, timeText(f.Modified), hex.EncodeToString(f.Hash[:]), f.Root, string(f.State),
			} {
				b = appendField(append(b, ','), field)
			}
			if _, err := w.Write(append(b, '\n')); err != nil {
				return err
			}
		}
	}
	return nil
}

func seriesJSON(j *jsonWriter, list []Series, t SeriesTotals) error {
	type jsonShot struct {
		Path       string      `json:"path"`
		PathBytes  []byte      `json:"path_bytes,omitempty"` // base64, where the path is no UTF-8
		Best       bool        `json:"best"`
		Taken      string      `json:"taken"`
		Similarity float64     `json:"similarity"`
		Size       int64       `json:"size"`
		Width      int         `json:"width"`
		Height     int         `json:"height"`
		Format     string      `json:"format"`
		Modified   string      `json:"modified"`
		Hash       string      `json:"hash"`
		Root       string      `json:"root"`
		RootBytes  []byte      `json:"root_bytes,omitempty"`
		State      index.State `json:"state"`
	}
	type jsonSeries struct {
		Series  int        `json:"series"`
		Camera  string     `json:"camera"`
		Moments int        `json:"moments"`
		Seconds int64      `json:"seconds"`
		Files   []jsonShot `json:"files"`
	}
	if !j.lines {
		if _, err := j.w.WriteString(`{"series":[`); err != nil {
			return err
		}
	}
	for i, s := range list {
		out := jsonSeries{Series: s.Number, Camera: s.Camera, Moments: s.Moments, Seconds: int64(s.Span() / time.Second)}
		for _, f := range s.Files {
			out.Files = append(out.Files, jsonShot{
				Path: f.Path, PathBytes: RawBytes(f.Path), Best: f.Kind == index.Best, Taken: timeText(f.Taken), Similarity: f.Similarity,
				Size: f.Size, Width: f.Width, Height: f.Height, Format: f.Format, Modified: timeText(f.Modified),
				Hash: hex.EncodeToString(f.Hash[:]), Root: f.Root, RootBytes: RawBytes(f.Root), State: f.State,
			})
		}
		text, err := j.encode(out)
		if err != nil {
			return err
		}
		before, after := ",\n", ""
		switch {
		case j.lines:
			before, after = "", "\n"
		case i == 0:
			before = "\n"
		}
		if _, err := j.w.WriteString(before + string(text) + after); err != nil {
			return err
		}
	}
	if j.lines {
		return nil
	}
	text, err := j.encode(t)
	if err != nil {
		return err
	}
	_, err = j.w.WriteString("\n],\"totals\":" + string(text) + "}\n")
	return err
}
