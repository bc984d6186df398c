//go:build unix

package page_test

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/decisions"
	"github.com/dedupidx/dedupidx/index/page"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/index/script"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// edited is an index of one drawn scene and its edits, with the maps that they are made by.
func edited(t testing.TB) *index.Index {
	s := drawn.Scene(3, 900, 600)
	jpeg := func(img image.Image) []byte { return drawn.JPEG(img, 90) }
	cw := 0.6 * 900 // of the crop, whose long side stays the width
	x, _ := sample(t, []photo{
		{name: "original.jpg", data: jpeg(s), kind: "best"},
		{name: "small.jpg", data: jpeg(drawn.Resize(s, 300, 200)), kind: "near", turn: index.Transform{1, 0, 0, 0, 1, 0}},
		{name: "turned.jpg", data: jpeg(drawn.Turn(s)), kind: "transformed", turn: turned},
		{name: "mirrored.jpg", data: jpeg(drawn.Mirror(s)), kind: "transformed", turn: index.Transform{-1, 0, 1, 0, 1, 0}},
		{name: "crop.jpg", data: jpeg(drawn.Crop(s, 0.2, 0.3, 0.8, 0.9)), kind: "partial", turn: index.Transform{900 / cw, 0, -0.2 * 900 / cw, 0, 900 / cw, -0.3 * 600 / cw}},
		{name: "stranger.jpg", data: jpeg(drawn.Scene(9, 900, 600)), kind: "near", turn: index.Transform{1, 0, 0, 0, 1, 0}},
	})
	return x
}

// turned is the map of drawn.Turn: a quarter to the right of 900x600.
var turned = index.Transform{0, -1, 600.0 / 900, 1, 0, 0}

// pageOf writes a page and returns its URL.
func pageOf(t testing.TB, x *index.Index) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	must(t, os.WriteFile(path, []byte(write(t, x, options())), 0o644))
	return "file://" + path
}

// A reader uses the page: filters, compares, marks, undoes, saves, comes back.
func TestUse(t *testing.T) {
	b := startBrowser(t)
	url := pageOf(t, edited(t))
	b.open(url)
	b.until(`document.querySelectorAll(".file img").length === 6 && [...document.images].every((i) => i.complete && i.naturalWidth)`)
	b.shot("list")

	// Filters.
	b.click("#search")
	b.press("n", "o", "n", "e")
	b.until(`document.querySelectorAll(".group").length === 0 && list.textContent.includes("No group fits")`)
	b.click("#clear")
	b.until(`document.querySelectorAll(".group").length === 1`)
	b.choose("#since", "2020-05-18")
	b.until(`document.querySelectorAll(".group").length === 0`)
	b.choose("#since", "2020-05-17")
	b.choose("#kind", "partial")
	b.choose("#alike", "0.9")
	b.until(`document.querySelectorAll(".group").length === 1`)
	b.click("#clear")
	b.click("#chart summary")
	b.until(`document.querySelectorAll(".bar").length >= 3`)
	b.click(".bar")
	b.until(`kind.value !== ""`)
	b.click("#clear")
	b.click("#chart summary")

	// Marks by button and by key; the last of a group and a part never go.
	b.click(`.file:nth-child(2) [data-mark="go"]`)
	b.until(`document.querySelector(".file:nth-child(2)").classList.contains("go")`)
	b.press("ArrowRight", "k")
	b.until(`document.querySelector(".file:nth-child(3)").classList.contains("keep")`)
	b.click(`.file:nth-child(6) [data-mark="go"]`)
	if said := b.text(`said.textContent`); !strings.Contains(said, "shares only a part") && !strings.Contains(said, "Go:") {
		t.Errorf("of the sixth: %s", said)
	}
	b.press("u")
	for i := 1; i <= 6; i++ {
		b.click(fmt.Sprintf(`.file:nth-child(%d) [data-mark="go"]`, i))
	}
	stays := b.eval(`[...document.querySelectorAll(".file")].filter((f) => !f.classList.contains("go") && !f.textContent.includes("partial")).length`)
	if stays != 1.0 {
		t.Errorf("%v files stay, want the last one", stays)
	}
	for b.text(`String(undo.disabled)`) == "false" {
		b.click("#undo")
	}
	if left := b.text(`count.textContent`); !strings.Contains(left, "0 keep, 0 go") {
		t.Errorf("all undone: %s", left)
	}

	// What is proposed becomes marks; one of them is another picture after all.
	b.press("a")
	b.until(`count.textContent.includes("1 keep, 4 go")`)
	b.eval(`document.querySelector(".file a[href$='stranger.jpg']").closest(".file").id = "stranger"`)
	b.click(`#stranger [data-mark="different"]`)
	b.until(`count.textContent.includes("1 keep, 3 go") && count.textContent.includes("1 different")`)

	// Each view of two files, aligned.
	for _, c := range []struct {
		name   string
		levels float64 // at most, of the mean difference where both are
	}{{"small", 8}, {"turned", 8}, {"mirrored", 8}, {"crop", 8}} {
		b.eval(`document.querySelector(".file a[href$='` + c.name + `.jpg']").closest(".file").querySelector(".picture").click()`)
		for key, mode := range map[string]string{"1": "beside", "2": "blink", "3": "swipe", "4": "difference"} {
			b.press(key)
			b.until(`frame.className === "` + mode + `" && measure.textContent.includes("levels")`)
			b.shot("compare-" + c.name + "-" + mode)
			levels, err := strconv.ParseFloat(b.text(`measure.dataset.levels`), 64)
			if err != nil || levels > c.levels {
				t.Errorf("%s, %s: %v levels, want %v at most: %s", c.name, mode, levels, c.levels, b.text(`measure.textContent`))
			}
		}
		b.press("+", "+", "-", "Escape")
		b.until(`!compare.open`)
	}
	b.eval(`document.querySelector(".file a[href$='stranger.jpg']").closest(".file").querySelector(".picture").click()`)
	b.until(`measure.textContent.includes("levels")`)
	if levels, _ := strconv.ParseFloat(b.text(`measure.dataset.levels`), 64); levels < 20 {
		t.Errorf("a stranger differs by %v levels", levels)
	}
	if pressed := b.text(`document.querySelector('#sides [data-mark="different"]').getAttribute("aria-pressed")`); pressed != "true" {
		t.Error("the pair is not shown as different")
	}
	b.press("Escape")

	// Saved, and there after a reload.
	b.press("s")
	lines := b.saved()
	if len(lines) != 1+1+3+1 || lines[0]["dedupidx"] != "decisions" {
		t.Errorf("saved: %v", lines)
	}
	b.open(url + "#again")
	b.call(b.session, "Page.reload", nil, nil)
	b.until(`document.readyState === "complete" && count.textContent.includes("1 keep, 3 go") && count.textContent.includes("1 different")`)
	b.quiet()
}

// Hostile names do nothing, and are saved to the byte.
func TestUseHostile(t *testing.T) {
	b := startBrowser(t)
	x, folder := hostileSample(t)
	b.open(pageOf(t, x))
	b.until(fmt.Sprintf(`document.querySelectorAll(".file").length === %d`, len(hostile)))
	if n := b.eval(`document.querySelectorAll("script:not([type])").length`); n != 1.0 {
		t.Errorf("%v scripts", n)
	}
	for _, want := range []string{hostile[0], `new\nline.jpg`, `not utf8 \xff\xfe.jpg`, `\u202egnp.jpg`} {
		want = strings.ReplaceAll(want, "/", "\u2215")
		if b.eval(`[...document.querySelectorAll(".path")].some((p) => p.textContent === `+quote(want)+`)`) != true {
			t.Errorf("%q is not shown", want)
		}
	}
	b.click("#accept")
	b.until(fmt.Sprintf(`count.textContent.includes("1 keep, %d go")`, len(hostile)-1))
	b.click("#save")
	b.saved()
	b.click("#save")
	path := filepath.Join(b.downloads, "decisions.jsonl")
	var list decisions.List
	for range 200 {
		f, err := os.Open(path)
		if err != nil {
			b.eval(`new Promise((done) => setTimeout(done, 50))`)
			continue
		}
		list, err = decisions.Read(f)
		f.Close()
		if err == nil {
			break
		}
	}
	named := map[string]bool{}
	for _, m := range list.Marks {
		named[strings.TrimPrefix(m.Path, folder+"/")] = true
	}
	for _, name := range hostile {
		if !named[strings.ReplaceAll(name, "/", "\u2215")] {
			t.Errorf("%q is not saved: %v", name, named)
		}
	}
	// What is saved is what a script acts on: each name, size and time fits.
	plan, err := script.Decided(context.Background(), x, report.Options{}, list, false)
	if err != nil || len(plan.Steps) != len(hostile)-1 || len(plan.Left) != 0 {
		t.Errorf("a script of it has %d steps, leaves alone %v: %v", len(plan.Steps), plan.Left, err)
	}
	b.shot("hostile")
	b.quiet()
}

// Thumbnails in a folder beside the page are shown, whatever the folder is called.
func TestUseAssets(t *testing.T) {
	b := startBrowser(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "page.html")
	o := options()
	o.Assets = filepath.Join(dir, "it's #1 & 50% <b>")
	var err error
	o.AssetsURL, err = page.AssetsURL(path, o.Assets)
	must(t, err)
	writePage(t, edited(t), o, path)
	b.open("file://" + path)
	b.until(`document.querySelectorAll(".file img").length === 6 && [...document.images].every((i) => i.complete && i.naturalWidth)`)
	b.press("ArrowDown", "ArrowRight", "Enter", "4")
	b.until(`compare.open && frame.className === "difference" && [...frame.querySelectorAll("img")].every((i) => i.complete && i.naturalWidth)`)
	b.shot("assets")
	b.quiet()
}
