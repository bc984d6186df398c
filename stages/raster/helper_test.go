package raster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// faultEnv makes the test binary a decode helper: "sound", or one that breaks as the
// file's bytes say.
const faultEnv = "DEDUPIDX_TEST_HELPER"

func TestMain(m *testing.M) {
	switch os.Getenv(faultEnv) {
	case "":
		goleak.VerifyTestMain(m)
	case "sound":
		exit(ServeHelper(context.Background(), os.Stdin, os.Stdout, ""))
	case "faulty":
		exit(serve(context.Background(), os.Stdin, os.Stdout, faulty))
	case "mute":
		time.Sleep(time.Hour)
	case "wrong":
		fmt.Fprintln(os.Stderr, "unknown command")
		os.Exit(2)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// faulty is a decoder that breaks on demand.
func faulty(ctx context.Context, data []byte, format Format, l Limits) (*Raster, error) {
	switch text := string(data); {
	case strings.HasPrefix(text, "panic in a goroutine"):
		go func() {
			var p *int
			panic(fmt.Sprintf("at %p: %v", &p, strings.Repeat("x", 10)))
		}()
		time.Sleep(time.Hour)
	case text == "panic":
		return decode(ctx, data, format, l, func(context.Context, []byte, Format, Limits) (decoded, error) { panic("oh") })
	case text == "loop":
		for n := 0; ; n++ {
			_ = n
		}
	case text == "allocate", text == "allocate past the limit":
		if text != "allocate" {
			limitMemory(1 << 40) // so that the parent must notice
		}
		var held [][]byte
		for {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			if held = append(held, b); len(held) > 640 {
				return nil, errors.New("ten gibibytes, and nobody minds")
			}
		}
	case text == "noise":
		for range 10000 {
			fmt.Fprintln(os.Stderr, "a line that nobody asked for")
		}
	case text == "exit":
		os.Exit(7)
	case text == "nonsense":
		fmt.Println("hello, this is no frame at all")
		time.Sleep(time.Hour)
	}
	return &Raster{Width: 2, Height: 1, RGB: []byte{1, 2, 3, 4, 5, 6}, Picture: Picture{Width: 2, Height: 1, Camera: string(data[:min(len(data), 8)])}}, nil
}

// testDecoder returns a decoder whose helper is the test binary in a mode.
func testDecoder(t testing.TB, mode string, change ...func(*DecoderOptions)) *Decoder {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := DecoderOptions{Helper: []string{self}, HelperEnv: []string{faultEnv + "=" + mode}}
	for _, f := range change {
		f(&o)
	}
	d := NewDecoder(o)
	t.Cleanup(func() { d.Close() })
	return d
}

func pidOf(d *Decoder) int {
	d.helper.mu.Lock()
	defer d.helper.mu.Unlock()
	if d.helper.child == nil {
		return 0
	}
	return d.helper.child.cmd.Process.Pid
}

func TestHelperFaults(t *testing.T) {
	d := testDecoder(t, "faulty", func(o *DecoderOptions) {
		o.HelperDeadline = 2 * time.Second
		o.HelperMemory = 512 << 20
	})
	ctx := context.Background()
	sound := func() {
		t.Helper()
		r, err := d.helper.decode(ctx, []byte("fine"), WebP, 2)
		if err != nil || r.Camera != "fine" || r.RGB[5] != 6 || len(r.Luma) != 2 {
			t.Fatalf("sound file: %+v, %v", r, err)
		}
	}
	sound()
	for _, c := range []struct {
		file   string
		class  Class
		reason string
	}{
		{"panic in a goroutine", Crashed, "crashes its decoder (at 0x?: xxxxxxxxxx)"},
		{"panic", Damaged, "WebP breaks its decoder: oh"},
		{"loop", TimedOut, "takes longer than 2s to decode"},
		{"allocate", TooLarge, "takes more than 512 MiB of memory to decode; --max-decode-memory raises the limit"},
		{"allocate past the limit", TooLarge, "takes more than 512 MiB of memory to decode; --max-decode-memory raises the limit"},
		{"exit", Crashed, "crashes its decoder (exit status 7)"},
		{"nonsense", Crashed, "crashes its decoder (signal: killed)"},
	} {
		if raceOn && c.file == "allocate" {
			continue // the race detector ends the process in its own way
		}
		for range 2 { // the same file fails the same way
			start := time.Now()
			_, err := d.helper.decode(ctx, []byte(c.file), WebP, 2)
			var f *Failure
			if !errors.As(err, &f) || f.Class != c.class || f.Reason != c.reason || !errors.Is(err, c.class) {
				t.Errorf("%s: %v", c.file, err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%s: took %v", c.file, took)
			}
		}
		sound()
	}
	if _, err := d.helper.decode(ctx, []byte("noise"), WebP, 2); err != nil {
		t.Error(err)
	}
	sound()
}

// A large file after a small one: the limit of the one is not that of the other.
func TestHelperLargeFile(t *testing.T) {
	if raceOn || testing.Short() {
		t.Skip("sends 200 MB")
	}
	d := testDecoder(t, "faulty", func(o *DecoderOptions) { o.HelperMemory = 160 << 20 })
	for _, file := range [][]byte{[]byte("small"), make([]byte, 200<<20), []byte("small again")} {
		if _, err := d.helper.decode(context.Background(), file, WebP, 2); err != nil {
			t.Errorf("%d bytes: %v", len(file), err)
		}
	}
}

func TestResidentMemory(t *testing.T) {
	d := testDecoder(t, "sound")
	if _, err := d.Decode(context.Background(), read(t, "formats", "webp", "base-a.webp"), ""); err != nil {
		t.Fatal(err)
	}
	if rss := residentMemory(pidOf(d)); rss < 1<<20 || rss > 1<<30 {
		t.Errorf("helper holds %d bytes", rss)
	}
}

func read(t testing.TB, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(corpus(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHelperReuse(t *testing.T) {
	d := testDecoder(t, "sound", func(o *DecoderOptions) { o.HelperIdle = 300 * time.Millisecond })
	file := read(t, "formats", "webp", "base-a.webp")
	get := func() int {
		t.Helper()
		if _, err := d.Decode(context.Background(), file, "a.webp"); err != nil {
			t.Fatal(err)
		}
		return pidOf(d)
	}
	if pidOf(d) != 0 {
		t.Error("helper started before its first file")
	}
	first := get()
	if second := get(); second != first || first == 0 {
		t.Errorf("helper %d, then %d", first, second)
	}
	deadline := time.Now().Add(10 * time.Second)
	for pidOf(d) != 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if pidOf(d) != 0 {
		t.Fatal("idle helper does not end")
	}
	if third := get(); third == 0 || third == first {
		t.Errorf("helper %d after %d", third, first)
	}
}

// A helper without work for half a minute ends, and its memory with it.
func TestHelperDefaults(t *testing.T) {
	h := newHelper(DecoderOptions{}, Limits{}.withDefaults())
	if h.o.HelperIdle != 30*time.Second || h.o.HelperDeadline != 20*time.Second || h.o.HelperMemory != 3<<29 {
		t.Errorf("%+v", h.o)
	}
}

func TestHelperCannotStart(t *testing.T) {
	for _, o := range []DecoderOptions{
		{Helper: []string{filepath.Join(t.TempDir(), "none")}},
		{Helper: []string{os.Args[0]}, HelperEnv: []string{faultEnv + "=wrong"}},
	} {
		d := NewDecoder(o)
		_, err := d.Decode(context.Background(), tinyWebP(), "")
		var f *Failure
		if err == nil || errors.As(err, &f) || !errors.Is(err, errHelper) {
			t.Errorf("%v: the picture is blamed: %v", o.Helper, err)
		}
		d.Close()
	}
}

func TestHelperCancel(t *testing.T) {
	d := testDecoder(t, "faulty")
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	_, err := d.helper.decode(ctx, []byte("loop"), WebP, 2)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	m := testDecoder(t, "mute")
	ctx2, cancel2 := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel2()
	if _, err := m.Decode(ctx2, tinyWebP(), ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// A helper must end when its input does, even in the middle of a file that hangs.
func TestHelperParentDies(t *testing.T) {
	d := testDecoder(t, "faulty")
	c, err := startChild(context.Background(), d.helper.o)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeFrame(c.in, request{ID: 1, Format: WebP, Memory: 1 << 30}, []byte("loop")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	c.in.Close()
	done := make(chan error, 1)
	go func() { done <- c.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		c.kill()
		t.Error("helper outlives its parent")
		<-done
	}
}

func TestDecodersAtOnce(t *testing.T) {
	dir := corpus(t, "formats")
	paths := []string{"bmp/base-a.bmp", "tiff/base-b.tif", "webp/base-c.webp", "jpeg/base-a.jpg", "png/base-b.png"}
	want := make([]string, len(paths))
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 4 {
		wg.Go(func() {
			d := testDecoder(t, "sound")
			defer d.Close()
			for i, p := range paths {
				data, err := os.ReadFile(filepath.Join(dir, p))
				if err != nil {
					t.Error(err)
					return
				}
				r, err := d.Decode(context.Background(), data, p)
				if err != nil {
					t.Errorf("%s: %v", p, err)
					continue
				}
				got := fmt.Sprintf("%v %x", r.Picture, r.RGB)
				mu.Lock()
				if want[i] == "" {
					want[i] = got
				}
				if got != want[i] {
					t.Errorf("%s: two decoders, two rasters", p)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// tinyWebP is a picture of one pixel, which the helper decodes.
func tinyWebP() []byte {
	return []byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x000\x01\x00\x9d\x01\x2a\x01\x00\x01\x00\x02\x004%\xa4\x00\x03p\x00\xfe\xfb\xfd\x50\x00")
}

// tinyBMP is a white picture of one pixel.
func tinyBMP() []byte {
	b := make([]byte, 58)
	copy(b, "BM")
	b[2], b[10], b[14], b[18], b[22], b[26], b[28] = 58, 54, 40, 1, 1, 1, 24
	copy(b[54:], "\xff\xff\xff")
	return b
}
