package report

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"

	"github.com/dedupidx/dedupidx/index"
)

// jsonWriter writes one document, a group at a time, or with lines set a
// document per group and line.
type jsonWriter struct {
	w     *bufio.Writer
	buf   bytes.Buffer
	lines bool
	some  bool // a group was written
}

// jsonGroup and jsonFile are the shape of a group. Names that are no UTF-8
// stand in path with replacement characters, and in path_bytes as they are.
type jsonGroup struct {
	Group      int        `json:"group"`
	Space      int64      `json:"space"`
	Similarity float64    `json:"similarity"`
	Files      []jsonFile `json:"files"`
}

type jsonFile struct {
	Path       string           `json:"path"`
	PathBytes  []byte           `json:"path_bytes,omitempty"` // base64
	Kind       string           `json:"kind"`
	Best       bool             `json:"best"`
	Action     Action           `json:"action"`
	Similarity float64          `json:"similarity"`
	Transform  *index.Transform `json:"transform,omitempty"`
	Size       int64            `json:"size"`
	Width      int              `json:"width"`
	Height     int              `json:"height"`
	Format     string           `json:"format"`
	Modified   string           `json:"modified"`
	Taken      string           `json:"taken,omitempty"`
	Hash       string           `json:"hash"`
	Root       string           `json:"root"`
	RootBytes  []byte           `json:"root_bytes,omitempty"`
	State      index.State      `json:"state"`
	Hardlink   string           `json:"hardlink,omitempty"` // of the file that it is another name of
	Why        string           `json:"why,omitempty"`      // as in a CSV
}

func (j *jsonWriter) begin(o Options) error {
	if j.lines {
		return nil
	}
	head := struct {
		Sensitivity string `json:"sensitivity"`
		Sort        string `json:"sort"`
		Against     string `json:"against,omitempty"`
	}{o.Sensitivity, string(o.Sort), o.Against}
	text, err := j.encode(head)
	if err != nil {
		return err
	}
	_, err = j.w.WriteString(string(bytes.TrimSuffix(text, []byte("}"))) + `,"groups":[`)
	return err
}

func (j *jsonWriter) group(g Group) error {
	out := jsonGroup{Group: g.Number, Space: g.Space, Similarity: g.Similarity, Files: make([]jsonFile, len(g.Files))}
	for i, f := range g.Files {
		out.Files[i] = jsonOf(f)
		out.Files[i].Why = g.why(i)
	}
	text, err := j.encode(out)
	if err != nil {
		return err
	}
	if !j.lines {
		sep := ",\n"
		if !j.some {
			sep = "\n"
		}
		if _, err := j.w.WriteString(sep); err != nil {
			return err
		}
	}
	j.some = true
	if _, err := j.w.Write(text); err != nil {
		return err
	}
	if j.lines {
		return j.w.WriteByte('\n')
	}
	return nil
}

func (j *jsonWriter) end(t Totals) error {
	if !j.lines {
		text, err := j.encode(t)
		if err != nil {
			return err
		}
		if _, err := j.w.WriteString("\n],\"totals\":" + string(text) + "}\n"); err != nil {
			return err
		}
	}
	return j.w.Flush()
}

func jsonOf(f File) jsonFile {
	out := jsonFile{
		Path: f.Path, PathBytes: RawBytes(f.Path), Kind: f.Kind, Best: f.Best(), Action: f.Action, Similarity: f.Similarity,
		Size: f.Size, Width: f.Width, Height: f.Height, Format: f.Format,
		Modified: timeText(f.Modified), Taken: timeText(f.Taken), Hash: hex.EncodeToString(f.Hash[:]),
		Root: f.Root, RootBytes: RawBytes(f.Root), State: f.State, Hardlink: f.Hardlink,
	}
	if f.Transform != (index.Transform{}) {
		t := f.Transform
		for i := range t {
			t[i] = round5(t[i])
		}
		out.Transform = &t
	}
	return out
}

// RawBytes returns the bytes of a name that JSON text cannot hold, else nil.
func RawBytes(name string) []byte {
	if utf8.ValidString(name) {
		return nil
	}
	return []byte(name)
}

// encode returns v as JSON without a line end; valid until the next call.
func (j *jsonWriter) encode(v any) ([]byte, error) {
	j.buf.Reset()
	e := json.NewEncoder(&j.buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(j.buf.Bytes(), []byte("\n")), nil
}
