package jpeg

// scan is the state of one scan (T.81, B.2.3).
type scan struct {
	p         *picture
	bits      *bitReader
	at        int   // offset of the scan in the file
	parts     []int // components, as indexes into picture.parts
	blocks    []block
	cols      int // MCUs in a row
	total     int // MCUs
	pred      [4]int32
	first     int  // Ss: first coefficient
	last      int  // Se: last coefficient
	high, low uint // Ah, Al: bits known before, bits left for later scans
	endOfBand uint32
	kind      kind
}

// kind is what a scan does with its blocks.
type kind int

const (
	sequentialMeans kind = iota
	sequentialValues
	sequentialStore
	firstDC
	refineDC
	firstAC
	refineAC
)

// block is a block of an MCU: its tables, and where it goes.
type block struct {
	dc, ac  *table
	pix     []byte
	coefs   []int16
	quant   *[64]int32
	at      int // index into pix or coefs
	nonzero []uint64
	index   int // index into nonzero
	step    int // from one MCU to the next
	part    int // index into scan.pred
	dx, dy  int // place in the MCU, in blocks
	c       *component
}

// readScan reads a scan header and decodes the scan or passes over it. It returns the
// offset behind.
func (p *picture) readScan(head segment) (end int, err error) {
	s := scan{p: p, bits: p.bits, at: head.end}
	b := head.payload
	if len(b) < 1 || len(b) < 4+2*int(b[0]) || b[0] < 1 || b[0] > 4 {
		return head.end, malformed(head.at, "scan header is malformed")
	}
	n := int(b[0])
	tail := b[1+2*n:]
	s.first, s.last, s.high, s.low = int(tail[0]), int(tail[1]), uint(tail[2]>>4), uint(tail[2]&15)
	p.blocks = p.blocks[:0]
	fresh := true
	for i := range n {
		id, tables := b[1+2*i], b[2+2*i]
		part := -1
		for j := range p.parts {
			if p.parts[j].ID == id {
				part = j
			}
		}
		if part < 0 {
			return head.end, malformed(head.at, "scan of component %d, which the frame does not have", id)
		}
		for _, other := range s.parts {
			if other == part {
				return head.end, malformed(head.at, "scan of component %d twice", id)
			}
		}
		s.parts = append(s.parts, part)
		c := &p.parts[part]
		fresh = fresh && c.scale == nil
		if err := p.latch(c, head.at); err != nil {
			return head.end, err
		}
		if tables>>4 > 3 || tables&15 > 3 {
			return head.end, malformed(head.at, "scan names a table above 3")
		}
		s.add(c, part, n == 1, tables>>4, tables&15)
	}
	s.blocks = p.blocks
	if p.Progressive {
		err = s.chooseProgressive(head.at, n)
	} else {
		if !fresh {
			return scanEnd(p.data, head.end), nil // its components were decoded before
		}
		s.kind = sequentialValues
		switch {
		case p.hashing:
			s.kind = sequentialStore
		case p.scale == Eighth:
			s.kind = sequentialMeans
		}
	}
	if err != nil {
		return head.end, err
	}
	if s.blocks == nil { // not wanted
		return scanEnd(p.data, head.end), nil
	}
	if err := s.needTables(head.at); err != nil {
		return head.end, err
	}
	across, down := p.units()
	if n == 1 { // A.2.2: not interleaved, an MCU is a block
		c := &p.parts[s.parts[0]]
		across, down = c.cols, c.rows
	}
	s.cols, s.total = across, across*down
	if p.visits -= int64(s.total) * int64(len(s.blocks)); p.visits < 0 {
		return head.end, &LimitError{"has too many scans over too many pixels"}
	}
	return s.decode(), nil
}

// latch takes the quantization table that holds when a component is first scanned.
func (p *picture) latch(c *component, at int) error {
	if c.scale != nil {
		return nil
	}
	if !p.known[c.table&3] {
		return malformed(at, "quantization table %d is not there", c.table)
	}
	c.scale = make([]int32, 64)
	for k, q := range p.quant[c.table&3] {
		c.scale[k] = int32(q)
	}
	lines := c.lines
	switch {
	case p.Progressive:
	case p.hashing:
		lines = c.V // those of an MCU
	default:
		return nil
	}
	c.coefs = make([]int16, c.stride*lines*c.kept)
	if c.kept > 1 {
		c.nonzero = make([]uint64, c.stride*lines)
	}
	return nil
}

// add appends the blocks that a component has in an MCU (T.81, A.2.3).
func (s *scan) add(c *component, part int, alone bool, dc, ac byte) {
	h, v := c.H, c.V
	if alone {
		h, v = 1, 1
	}
	n := s.p.scale.block()
	for dy := range v {
		for dx := range h {
			b := block{dc: s.p.table(0, dc), ac: s.p.table(1, ac), pix: c.pix, coefs: c.coefs, nonzero: c.nonzero,
				quant: (*[64]int32)(c.scale), part: part, dx: dx, dy: dy, step: h * n, c: c}
			switch {
			case s.p.Progressive:
				b.step = h * c.kept
			case s.p.hashing:
				b.step = h
			}
			s.p.blocks = append(s.p.blocks, b)
		}
	}
}

// needTables fails where a Huffman table that the scan uses is missing.
func (s *scan) needTables(at int) error {
	sequential := s.kind == sequentialMeans || s.kind == sequentialValues || s.kind == sequentialStore
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.dc == nil && (sequential || s.kind == firstDC) || b.ac == nil && (sequential || s.kind == firstAC || s.kind == refineAC) {
			return malformed(at, "Huffman table is not there")
		}
		if sequential && s.p.scale >= Quarter {
			b.ac.fillSkips()
		}
	}
	return nil
}

// decode goes through the MCUs, from one restart marker to the next (T.81, E.2.4 and
// F.2.1.3), and returns an offset in or behind the entropy coded bytes from which the next
// segment can be looked for. Where the bits make no sense or end, all up to the next
// restart marker is missing.
func (s *scan) decode() int {
	interval := s.p.interval
	if interval == 0 {
		interval = s.total
	}
	at, missing := s.at, 0
	for next, index := 0, 0; ; index++ {
		s.bits.start(s.p.data, at, len(s.blocks))
		s.pred, s.endOfBand = [4]int32{}, 0
		stop := min(next+interval, s.total)
		done := s.interval(next, stop)
		if done < stop {
			s.erase(done)
			missing += stop - done
			if s.bits.whole && s.bits.at >= len(s.p.data) {
				s.p.damaged(len(s.p.data), "ends before the picture does")
			} else {
				s.p.damaged(s.bits.offset(), "entropy coded bytes are damaged")
			}
		}
		next = stop
		at = nextMarker(s.p.data, s.bits.at)
		if next >= s.total {
			break
		}
		// E.2.4: markers count modulo 8. One that is up to three ahead says that markers
		// before it were lost; any other is taken for one that came late and passed over.
		lost := -1
		for at < len(s.p.data) && s.p.data[at+1]&^7 == markRST0 {
			ahead := (int(s.p.data[at+1]) - index) & 7
			if ahead <= 3 {
				lost = ahead
				break
			}
			s.p.damaged(at, "restart markers are out of order")
			at = nextMarker(s.p.data, at+2)
		}
		skip := min(lost*interval, s.total-next)
		if lost < 0 {
			skip = s.total - next
		}
		if skip > 0 {
			s.p.damaged(min(at, len(s.p.data)), "restart markers are missing")
			missing += skip
			next += skip
			index += lost
		}
		if next >= s.total {
			break
		}
		at += 2
	}
	if s.kind == sequentialMeans || s.kind == sequentialValues || s.kind == sequentialStore || s.kind == firstDC {
		for _, part := range s.parts {
			s.p.parts[part].missing = float64(missing) / float64(s.total)
		}
	}
	return at
}

// interval decodes the MCUs from..stop-1 row by row and returns the first that could
// not be decoded, stop if all could.
func (s *scan) interval(from, stop int) int {
	for from < stop {
		end := min(from-from%s.cols+s.cols, stop)
		s.place(from)
		var done int
		switch s.kind {
		case sequentialMeans:
			done = s.means(from, end)
		case sequentialValues:
			done = s.values(from, end)
		case sequentialStore:
			if done = s.store(from, end); done == end && end%s.cols == 0 {
				s.feed(end/s.cols - 1)
			}
		case firstDC:
			done = s.firstDC(from, end)
		case refineDC:
			done = s.refineDC(from, end)
		case firstAC:
			done = s.firstAC(from, end)
		case refineAC:
			done = s.refineAC(from, end)
		}
		if done < end {
			return done
		}
		from = end
	}
	return stop
}

// place points the blocks at an MCU.
func (s *scan) place(mcu int) {
	row, col := mcu/s.cols, mcu%s.cols
	n := s.p.scale.block()
	for i := range s.blocks {
		b := &s.blocks[i]
		h, v := b.c.H, b.c.V
		if len(s.parts) == 1 {
			h, v = 1, 1
		}
		x, y := col*h+b.dx, row*v+b.dy
		switch {
		case s.p.Progressive:
			b.index = y*b.c.stride + x
			b.at = b.index * b.c.kept
		case s.p.hashing: // one row of MCUs is held
			b.index = b.dy*b.c.stride + x
		default:
			b.at = y*n*b.c.stride*n + x*n
		}
	}
}

// erase makes the blocks of an MCU grey again whose decoding was broken off. What
// scans before had put there stays.
func (s *scan) erase(mcu int) {
	s.place(mcu)
	n := s.p.scale.block()
	for i := range s.blocks {
		b := &s.blocks[i]
		switch s.kind {
		case firstDC:
			b.coefs[b.at] = 0
		case sequentialMeans, sequentialValues:
			for y := range n {
				row := b.pix[b.at+y*b.c.stride*n:][:n]
				for x := range row {
					row[x] = 128
				}
			}
		}
	}
}
