//go:build unix

package page_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A browser is a Chromium without a window, spoken to by the DevTools protocol
// over two pipes (--remote-debugging-pipe: JSON objects, each ended by NUL).
type browser struct {
	t         testing.TB
	to        *os.File
	session   string
	downloads string

	mu      sync.Mutex
	next    int
	answers map[int]chan answer
	events  []event
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

type event struct {
	Method string
	Params json.RawMessage
}

// startBrowser starts a browser with a profile of its own, or skips the test.
func startBrowser(t testing.TB) *browser {
	t.Helper()
	if raceOn {
		t.Skip("drives a browser: nothing for the race detector")
	}
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no chromium here")
	}
	in, to, err := os.Pipe()
	must(t, err)
	from, out, err := os.Pipe()
	must(t, err)
	b := &browser{t: t, to: to, downloads: t.TempDir(), answers: map[int]chan answer{}}
	profile, err := os.MkdirTemp("", "dedupidx-browser-")
	must(t, err)
	c := exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run", "--disable-extensions",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage", "--user-data-dir="+profile)
	c.ExtraFiles = []*os.File{in, out}
	must(t, c.Start())
	in.Close()
	out.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.listen(from)
	}()
	t.Cleanup(func() {
		b.send("", "Browser.close", nil)
		end := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		end.Stop()
		<-done
		to.Close()
		from.Close()
		os.RemoveAll(profile)
	})
	var target struct{ TargetID string }
	b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.call("", "Browser.setDownloadBehavior", map[string]any{"behavior": "allow", "downloadPath": b.downloads}, nil)
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Performance"} {
		b.call(b.session, domain+".enable", nil, nil)
	}
	b.resize(1300, 1000, 1)
	return b
}

func (b *browser) listen(from *os.File) {
	r := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := r.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			for _, a := range b.answers {
				close(a)
			}
			b.answers = nil
			b.mu.Unlock()
			return
		}
		var m struct {
			ID int
			answer
			event
		}
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if m.ID == 0 {
			b.events = append(b.events, m.event)
		} else if a := b.answers[m.ID]; a != nil {
			a <- m.answer
			delete(b.answers, m.ID)
		}
		b.mu.Unlock()
	}
}

func (b *browser) send(session, method string, params any) chan answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	m := map[string]any{"id": b.next, "method": method}
	if params != nil {
		m["params"] = params
	}
	if session != "" {
		m["sessionId"] = session
	}
	text, err := json.Marshal(m)
	must(b.t, err)
	a := make(chan answer, 1)
	if b.answers != nil {
		b.answers[b.next] = a
	}
	_, _ = b.to.Write(append(text, 0)) // one that has ended answers nothing
	return a
}

// call calls a method and waits for its result.
func (b *browser) call(session, method string, params, result any) {
	b.t.Helper()
	select {
	case a, ok := <-b.send(session, method, params):
		if !ok {
			b.t.Fatalf("%s: the browser has ended", method)
		}
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if result != nil {
			must(b.t, json.Unmarshal(a.Result, result))
		}
	case <-time.After(60 * time.Second):
		b.t.Fatalf("%s: no answer", method)
	}
}

func (b *browser) resize(width, height int, scale float64) {
	b.call(b.session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600}, nil)
}

// open loads a page and waits until it is read.
func (b *browser) open(url string) {
	b.t.Helper()
	b.call(b.session, "Page.navigate", map[string]any{"url": url}, nil)
	b.until(`location.href !== "about:blank" && document.readyState === "complete"`)
}

// eval is the value of an expression, which may be a promise.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	b.call(b.session, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, out.ExceptionDetails.Exception.Description)
	}
	return out.Result.Value
}

func (b *browser) text(expression string) string {
	b.t.Helper()
	return fmt.Sprint(b.eval(expression))
}

// until waits for an expression to hold.
func (b *browser) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if b.eval("!!("+expression+")") == true {
			return
		}
	}
	b.t.Fatalf("never: %s", expression)
}

// click presses the left button on the first element of a selector, once it lies
// still for two frames with nothing over it: a page that was just changed moves on.
func (b *browser) click(selector string) {
	b.t.Helper()
	at, ok := b.eval(`(async () => {
		const frame = () => new Promise((done) => requestAnimationFrame(done));
		let last = "";
		for (const end = Date.now() + 30000; Date.now() < end; await frame()) {
			const e = document.querySelector(` + quote(selector) + `);
			if (!e) return null;
			e.scrollIntoView({block: "center", behavior: "instant"});
			const r = e.getBoundingClientRect();
			const at = [r.x + r.width / 2, r.y + r.height / 2];
			const now = at.join() + [...document.images].every((i) => i.complete);
			if (now === last && now.endsWith("true") && e.contains(document.elementFromPoint(...at))) return at;
			last = now;
		}
		return null;
	})()`).([]any)
	if !ok {
		b.t.Fatalf("there is no %s that lies still", selector)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.call(b.session, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1}, nil)
	}
}

// press presses a key by its name in KeyboardEvent.key.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	codes := map[string]int{"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9, " ": 32}
	for _, key := range keys {
		p := map[string]any{"type": "keyDown", "key": key, "windowsVirtualKeyCode": codes[key]}
		if len(key) == 1 {
			p["text"] = key
		}
		if key == "Enter" {
			p["text"] = "\r"
		}
		b.call(b.session, "Input.dispatchKeyEvent", p, nil)
		b.call(b.session, "Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": codes[key]}, nil)
	}
}

// choose sets the value of a form's field as a person would, with its events.
func (b *browser) choose(selector, value string) {
	b.t.Helper()
	b.eval(`(() => { const e = document.querySelector(` + quote(selector) + `); e.value = ` + quote(value) + `;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

func quote(s string) string {
	q, _ := json.Marshal(s) // a string always can be
	return string(q)
}

// shot keeps a picture of what is seen where DEDUPIDX_SCREENSHOTS names a folder.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("DEDUPIDX_SCREENSHOTS")
	if dir == "" {
		return
	}
	var out struct{ Data string }
	b.call(b.session, "Page.captureScreenshot", map[string]any{"format": "png"}, &out)
	data, err := base64.StdEncoding.DecodeString(out.Data)
	must(b.t, err)
	must(b.t, os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644))
}

// quiet checks that the page said nothing on the console, and that nothing but
// files and data was asked for.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening":
			b.t.Errorf("%s: %s", e.Method, e.Params)
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			must(b.t, json.Unmarshal(e.Params, &p))
			if !slices.ContainsFunc([]string{"file:///", "data:image/", "blob:null/", "about:"}, func(s string) bool { return strings.HasPrefix(p.Request.URL, s) }) {
				b.t.Errorf("asks for %.200s", p.Request.URL)
			}
		}
	}
}

// resident is the memory of the largest process that shows pages, in bytes; 0 where it is not known.
func (b *browser) resident() (most int64) {
	b.t.Helper()
	var out struct {
		ProcessInfo []struct {
			Type string
			ID   int
		}
	}
	b.call("", "SystemInfo.getProcessInfo", nil, &out)
	for _, p := range out.ProcessInfo {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.ID))
		var size, pages int64
		if p.Type != "renderer" || err != nil {
			continue
		}
		if _, err := fmt.Sscan(string(text), &size, &pages); err == nil {
			most = max(most, pages*int64(os.Getpagesize()))
		}
	}
	return most
}

// saved waits for decisions.jsonl and returns its lines, the head first.
func (b *browser) saved() (lines []map[string]any) {
	b.t.Helper()
	path := filepath.Join(b.downloads, "decisions.jsonl")
	var text []byte
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
			text = data
			break
		}
	}
	must(b.t, os.Remove(path))
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		must(b.t, json.Unmarshal([]byte(line), &m))
		lines = append(lines, m)
	}
	return lines
}
