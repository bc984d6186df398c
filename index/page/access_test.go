//go:build unix

package page_test

import (
	"strings"
	"testing"
)

// contrast lists texts whose contrast with the ground below them is less than 4.5:1
// (WCAG 2.2, 1.4.3 and its definition of relative luminance). What is disabled need have none.
const contrast = `(() => {
	const channels = (c) => c.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (e) => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
	const bad = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || e.matches("script, style, option, noscript") || e.closest("[disabled]") || !e.checkVisibility()) continue;
		const [a, b] = [light(channels(getComputedStyle(e).color)), light(ground(e))];
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) bad.push(ratio.toFixed(2) + " " + e.tagName + "." + e.className + " " + walk.currentNode.data.slice(0, 40));
	}
	return bad.join("\n");
})()`

// nameless lists what can be operated and has no name for a screen reader.
const nameless = `[...document.querySelectorAll("button, input, select, a[href], [role=img]")].filter((e) => e.checkVisibility() &&
	!(e.getAttribute("aria-label") || e.textContent.trim() || e.closest("label")?.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML.slice(0, 80)).join("\n")`

// Everything can be read in both themes, by the keyboard alone, at twice the size and on a phone.
func TestAccess(t *testing.T) {
	b := startBrowser(t)
	b.open(pageOf(t, edited(t)))
	b.until(`document.querySelectorAll(".file img").length === 6`)
	check := func(where string) {
		t.Helper()
		for range 2 {
			theme := b.text(`document.documentElement.dataset.theme`)
			if bad := b.text(contrast); bad != "" {
				t.Errorf("%s, %s: too little contrast:\n%s", where, theme, bad)
			}
			b.shot("access-" + where + "-" + theme)
			b.eval(`document.getElementById("theme").click()`)
		}
		if bad := b.text(nameless); bad != "" {
			t.Errorf("%s: nameless:\n%s", where, bad)
		}
	}
	b.press("t") // either theme by name from now on
	b.press("ArrowDown", "a", "ArrowRight", "ArrowRight", "d")
	b.until(`count.textContent.includes("1 different")`)
	check("list")
	b.press("Enter")
	b.until(`compare.open && measure.textContent.includes("levels")`)
	check("compare")
	b.press("g")
	b.until(`count.textContent.includes(" go")`)
	b.press("Escape", "?")
	b.until(`help.open`)
	check("help")
	b.press("Escape")
	b.until(`!help.open && !compare.open`)

	// The tabulator leads to every filter and button in turn, and where it is can be seen.
	b.eval(`document.activeElement.blur(); scrollTo(0, 0)`)
	seen := map[string]bool{}
	for range 70 {
		b.press("Tab")
		at := b.text(`(() => { const e = document.activeElement; const s = getComputedStyle(e);
			return (e.id || e.dataset.mark || e.className || e.tagName) + (s.outlineStyle === "none" && e !== document.body ? " unseen" : ""); })()`)
		if strings.HasSuffix(at, " unseen") {
			t.Errorf("focus on %s cannot be seen", at)
		}
		seen[at] = true
	}
	for _, want := range []string{"skip", "search", "kind", "root", "folder", "format", "alike", "since", "until", "marked", "sort", "clear", "accept", "undo", "save", "theme", "keys", "picture", "keep", "go", "different"} {
		if !seen[want] {
			t.Errorf("the tabulator does not lead to %s: %v", want, seen)
		}
	}

	// A window of half the width is what zoom at 200 % leaves.
	for where, size := range map[string][2]int{"200 percent": {650, 500}, "phone": {360, 640}} {
		b.resize(size[0], size[1], 2)
		if wide := b.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide != 0.0 {
			t.Errorf("%s: %v pixels too wide", where, wide)
		}
		b.shot("access-" + where)
		b.eval(`document.querySelector(".file:nth-child(3) .picture").click()`)
		b.until(`compare.open && frame.firstChild`)
		b.shot("access-" + where + "-compare")
		if wide := b.eval(`compare.scrollWidth - compare.clientWidth`); wide != 0.0 {
			t.Errorf("%s: comparing is %v pixels too wide", where, wide)
		}
		b.press("Escape")
	}
	b.quiet()
}
