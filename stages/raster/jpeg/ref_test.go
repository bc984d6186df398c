package jpeg

import (
	"math"
	"math/rand/v2"
)

// The slow and obvious forms: a picture is drawn as coefficients, an encoder writes these
// with the procedures of T.81, and the samples that belong to them come from the formula
// of A.3.3 in floating point.

// drawing is a picture as quantized coefficients.
type drawing struct {
	width, height int
	parts         []drawnPart
	quant         [64]int // for all components, zigzag order
	restart       int     // MCUs between restart markers, 0 for none
	progressive   bool
	apart         bool // sequential: a scan for each component
	wide          bool // 16-bit quantization table
	noTables      bool // leave the DHT out
	dnl           bool // give the height behind the first scan
	head          []byte
}

// drawnPart is a component.
type drawnPart struct {
	id, h, v      int
	stride, lines int       // blocks, padded to MCUs
	cols, rows    int       // blocks that hold samples
	blocks        [][64]int // zigzag order
}

// draw makes a picture of a seed: smooth in its means, with some coefficients of all
// frequencies, some blocks with a coefficient at the very end.
func draw(seed uint64, width, height int, factors ...[2]int) *drawing {
	rng := rand.New(rand.NewPCG(seed, 1))
	d := &drawing{width: width, height: height}
	for k := range d.quant {
		d.quant[k] = 8 + k/4
	}
	hMax, vMax := 1, 1
	for _, f := range factors {
		hMax, vMax = max(hMax, f[0]), max(vMax, f[1])
	}
	for i, f := range factors {
		p := drawnPart{id: i + 1, h: f[0], v: f[1]}
		p.cols, p.rows = ceilDiv(ceilDiv(width*f[0], hMax), 8), ceilDiv(ceilDiv(height*f[1], vMax), 8)
		p.stride, p.lines = ceilDiv(width, 8*hMax)*f[0], ceilDiv(height, 8*vMax)*f[1]
		if len(factors) == 1 {
			p.stride, p.lines = p.cols, p.rows
		}
		for range p.stride * p.lines {
			var b [64]int
			b[0] = rng.IntN(91) - 45
			for k := 1; k < 64; k++ {
				if size := 24 / (k + 1); rng.IntN(k+2) < 2 {
					b[k] = rng.IntN(2*size+3) - size - 1
				}
			}
			switch rng.IntN(4) {
			case 0:
				b = [64]int{b[0]}
			case 1:
				b[63] = 1
			}
			p.blocks = append(p.blocks, b)
		}
		d.parts = append(d.parts, p)
	}
	return d
}

// samples gives a component at a scale from the first kept coefficients: the inverse
// transform, then means.
func (d *drawing) samples(part int, scale Scale, kept int) (pix []float64, width, height int) {
	p := &d.parts[part]
	n := int(scale)
	width = p.stride * 8 / n
	height = p.lines * 8 / n
	pix = make([]float64, width*height)
	for i := range p.blocks {
		block := refInverse(&p.blocks[i], &d.quant, kept)
		for j, v := range block {
			x, y := i%p.stride*8+j%8, i/p.stride*8+j/8
			pix[y/n*width+x/n] += v / float64(n*n)
		}
	}
	return pix, width, height
}

// refInverse is T.81, A.3.3, with the level shift.
func refInverse(coefs, quant *[64]int, kept int) (out [64]float64) {
	c := func(u int) float64 {
		if u == 0 {
			return math.Sqrt2 / 2
		}
		return 1
	}
	for k, v := range coefs[:kept] {
		if v == 0 {
			continue
		}
		u, w := int(zigzag[k])%8, int(zigzag[k])/8
		for i := range out {
			x, y := i%8, i/8
			out[i] += c(u) * c(w) / 4 * float64(v*quant[k]) *
				math.Cos(float64((2*x+1)*u)*math.Pi/16) * math.Cos(float64((2*y+1)*w)*math.Pi/16)
		}
	}
	for i := range out {
		out[i] += 128
	}
	return out
}

// refCodes gives the codes of a DHT definition by the procedure of annex C, as strings
// of 0 and 1.
func refCodes(definition string) map[string]byte {
	codes := make(map[string]byte)
	code, at := 0, 16
	for length := 1; length <= 16; length++ {
		for range definition[length-1] {
			text := make([]byte, length)
			for i := range text {
				text[i] = '0' + byte(code>>(length-1-i)&1)
			}
			codes[string(text)] = definition[at]
			code++
			at++
		}
		code <<= 1
	}
	return codes
}

// bitWriter writes entropy coded bytes.
type bitWriter struct {
	out   []byte
	bits  string
	codes map[byte]string // AC
	dc    map[byte]string
}

func (w *bitWriter) put(bits string) {
	w.bits += bits
	for len(w.bits) >= 8 {
		b := byte(0)
		for i := range 8 {
			b = b<<1 | w.bits[i]&1
		}
		w.out = append(w.out, b)
		if b == 0xFF {
			w.out = append(w.out, 0)
		}
		w.bits = w.bits[8:]
	}
}

func (w *bitWriter) flush() {
	for len(w.bits)%8 != 0 {
		w.bits += "1"
	}
	w.put("")
}

// size is the category of a value; magnitude gives its bits (T.81, F.1.2.1).
func size(v int) (n int) {
	for a := max(v, -v); a > 0; a >>= 1 {
		n++
	}
	return n
}

func magnitude(v int) string {
	n := size(v)
	if v < 0 {
		v += 1<<n - 1
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = '0' + byte(v>>(n-1-i)&1)
	}
	return string(out)
}

// allAC holds every AC symbol, so that all procedures can be written with one table.
func allAC() string {
	counts := make([]byte, 16)
	var symbols []byte
	used := make(map[byte]bool)
	for i, s := range []byte(lumaAC[16:]) { // keep the short codes of annex K
		if i < 18 {
			symbols = append(symbols, s)
			used[s] = true
		}
	}
	left := 18
	for i := range counts {
		n := min(int(lumaAC[i]), left)
		counts[i] = byte(n)
		left -= n
	}
	for s := range 256 {
		if !used[byte(s)] {
			symbols = append(symbols, byte(s))
			counts[15]++
		}
	}
	return string(counts) + string(symbols)
}

func newWriter(noTables bool) *bitWriter {
	w := &bitWriter{codes: make(map[byte]string), dc: make(map[byte]string)}
	ac := allAC()
	if noTables {
		ac = lumaAC
	}
	for code, s := range refCodes(ac) {
		w.codes[s] = code
	}
	for code, s := range refCodes(lumaDC) {
		w.dc[s] = code
	}
	return w
}

// be16 appends a number of 16 bits.
func be16(b []byte, v int) []byte { return append(b, byte(v>>8), byte(v)) }

// encode writes the drawing.
func (d *drawing) encode() []byte {
	out := append([]byte{0xFF, markSOI}, d.head...)
	if d.wide {
		out = append(out, 0xFF, markDQT, 0, 3+128, 0x10)
		for _, q := range d.quant {
			out = be16(out, q)
		}
	} else {
		out = append(out, 0xFF, markDQT, 0, 3+64, 0)
		for _, q := range d.quant {
			out = append(out, byte(q))
		}
	}
	height := d.height
	if d.dnl {
		height = 0
	}
	sof := byte(markSOF1)
	if d.progressive {
		sof = markSOF2
	}
	out = append(out, 0xFF, sof, 0, byte(8+3*len(d.parts)), 8)
	out = append(be16(be16(out, height), d.width), byte(len(d.parts)))
	for _, p := range d.parts {
		out = append(out, byte(p.id), byte(p.h<<4|p.v), 0)
	}
	if !d.noTables {
		for class, def := range []string{lumaDC, allAC()} {
			out = append(out, 0xFF, markDHT)
			out = append(be16(out, 3+len(def)), byte(class<<4))
			out = append(out, def...)
		}
	}
	if d.restart > 0 {
		out = be16(append(out, 0xFF, markDRI, 0, 4), d.restart)
	}
	all := make([]int, len(d.parts))
	for i := range all {
		all[i] = i
	}
	switch {
	case d.progressive:
		out = d.scan(out, all, 0, 0, 0, 1, putDC(1))
		for i := range all {
			out = d.scan(out, all[i:i+1], 1, 5, 0, 2, putFirst(1, 5, 2))
			out = d.scan(out, all[i:i+1], 6, 63, 0, 2, putFirst(6, 63, 2))
		}
		for i := range all {
			out = d.scan(out, all[i:i+1], 1, 63, 2, 1, putRefine(1, 63, 1))
		}
		out = d.scan(out, all, 0, 0, 1, 0, func(w *bitWriter, b *[64]int, _ *int) { w.put(string('0' + rune(b[0]&1))) })
		for i := range all {
			out = d.scan(out, all[i:i+1], 1, 63, 1, 0, putRefine(1, 63, 0))
		}
	case d.apart:
		for i := range all {
			out = d.scan(out, all[i:i+1], 0, 63, 0, 0, putBlock)
		}
	default:
		out = d.scan(out, all, 0, 63, 0, 0, putBlock)
	}
	return append(out, 0xFF, markEOI)
}

// scan writes a scan whose blocks are written by put, which gets the DC predictor.
func (d *drawing) scan(out []byte, parts []int, first, last, high, low int, put func(*bitWriter, *[64]int, *int)) []byte {
	out = append(out, 0xFF, markSOS, 0, byte(6+2*len(parts)), byte(len(parts)))
	for _, i := range parts {
		out = append(out, byte(d.parts[i].id), 0)
	}
	out = append(out, byte(first), byte(last), byte(high<<4|low))
	w := newWriter(d.noTables)
	var pred [4]int
	p0 := &d.parts[parts[0]]
	across, down := p0.cols, p0.rows
	if len(parts) > 1 {
		across, down = p0.stride/p0.h, p0.lines/p0.v
	}
	for mcu := range across * down {
		if d.restart > 0 && mcu > 0 && mcu%d.restart == 0 {
			w.flush()
			w.out = append(w.out, 0xFF, byte(markRST0+(mcu/d.restart-1)%8))
			pred = [4]int{}
		}
		for _, i := range parts {
			p := &d.parts[i]
			h, v := p.h, p.v
			if len(parts) == 1 {
				h, v = 1, 1
			}
			for dy := range v {
				for dx := range h {
					put(w, &p.blocks[(mcu/across*v+dy)*p.stride+mcu%across*h+dx], &pred[i])
				}
			}
		}
	}
	w.flush()
	out = append(out, w.out...)
	if d.dnl && first == 0 {
		out = be16(append(out, 0xFF, markDNL, 0, 4), d.height)
		d.dnl = false
	}
	return out
}

// putDC writes a DC difference, without the lowest bits (T.81, F.1.2.1 and G.1.2.1).
func putDC(low int) func(*bitWriter, *[64]int, *int) {
	return func(w *bitWriter, b *[64]int, pred *int) {
		v := b[0] >> low
		diff := v - *pred
		*pred = v
		w.put(w.dc[byte(size(diff))] + magnitude(diff))
	}
}

// putBlock writes a block of a sequential scan (T.81, F.1.2).
func putBlock(w *bitWriter, b *[64]int, pred *int) {
	putDC(0)(w, b, pred)
	putFirst(1, 63, 0)(w, b, pred)
}

// putFirst writes a band of AC coefficients (T.81, F.1.2.2 and G.1.2.2).
func putFirst(first, last, low int) func(*bitWriter, *[64]int, *int) {
	return func(w *bitWriter, b *[64]int, _ *int) {
		run := 0
		for k := first; k <= last; k++ {
			v := shifted(b[k], low)
			if v == 0 {
				run++
				continue
			}
			for ; run > 15; run -= 16 {
				w.put(w.codes[0xF0])
			}
			w.put(w.codes[byte(run<<4|size(v))] + magnitude(v))
			run = 0
		}
		if run > 0 {
			w.put(w.codes[0])
		}
	}
}

// shifted divides by a power of two towards zero.
func shifted(v, low int) int {
	if v < 0 {
		return -(-v >> low)
	}
	return v >> low
}

// putRefine writes a bit of each coefficient (T.81, G.1.2.3), each end of band alone.
func putRefine(first, last, low int) func(*bitWriter, *[64]int, *int) {
	return func(w *bitWriter, b *[64]int, _ *int) {
		end := first - 1 // the last coefficient that becomes other than zero
		for k := first; k <= last; k++ {
			if s := shifted(b[k], low); s == 1 || s == -1 {
				end = k
			}
		}
		run, corrections := 0, ""
		for k := first; k <= last; k++ {
			v := shifted(b[k], low)
			if v == 0 {
				if run++; run == 16 && k < end {
					w.put(w.codes[0xF0] + corrections)
					run, corrections = 0, ""
				}
				continue
			}
			if v != 1 && v != -1 {
				corrections += string('0' + rune(max(v, -v)&1))
				continue
			}
			sign := "0"
			if v > 0 {
				sign = "1"
			}
			w.put(w.codes[byte(run<<4|1)] + sign + corrections)
			run, corrections = 0, ""
		}
		if end < last {
			w.put(w.codes[0] + corrections)
		}
	}
}
