package raster

// pngPass is one of the seven reduced pictures of an interlaced PNG: the pixels that
// begin at x, y and lie dx, dy apart (W3C PNG, section 8.1).
type pngPass struct{ x, y, dx, dy int }

var pngPassOrder = [7]pngPass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

// size is the number of columns and rows of a pass, 0 where it has no pixels.
func (p pngPass) size(width, height int) (columns, rows int) {
	return max(0, (width-p.x+p.dx-1)/p.dx), max(0, (height-p.y+p.dy-1)/p.dy)
}

// pngPasses sums the passes of an interlaced PNG into the raster as they come.
type pngPasses struct {
	*pngRows
	gotRows [7]int // of each pass
	pixels  int64  // that came
}

// missing is the share of the pixels that did not come.
func (p *pngPasses) missing() float64 {
	return 1 - float64(p.pixels)/float64(p.info.width*p.info.height)
}

func (p *pngPasses) paint(c *canvas) error {
	left := p.info.rows()
	for i, pass := range pngPassOrder {
		columns, rows := pass.size(c.width, c.height)
		if columns == 0 {
			continue
		}
		p.setWidth(columns)
		for y := range rows {
			left--
			pixels, err := p.next(left == 0)
			if err != nil {
				return err
			}
			if pixels == nil {
				if share := p.missing(); share > 0.5 {
					return failf(Damaged, "PNG is damaged: %d %% of the picture is missing", int(100*share))
				}
				return nil
			}
			c.add(pass.x, pass.y+y*pass.dy, pass.dx, 1, pixels)
			p.gotRows[i]++
			p.pixels += int64(columns)
		}
	}
	return nil
}

// means gives each pixel of the raster the mean of those pixels that came. Where none did,
// it takes the one of a coarser pass that lies before it.
func (p *pngPasses) means(c *canvas) []byte {
	if p.missing() == 0 {
		return c.means()
	}
	areas := make([]uint64, c.dw*c.dh)
	for i, pass := range pngPassOrder {
		columns, _ := pass.size(c.width, c.height)
		across, down := shares(c.width, c.dw, pass.x, pass.dx, columns), shares(c.height, c.dh, pass.y, pass.dy, p.gotRows[i])
		for y, h := range down {
			for x, w := range across {
				areas[y*c.dw+x] += w * h
			}
		}
	}
	out := make([]byte, len(c.sums))
	for at, area := range areas {
		x, y := at%c.dw, at/c.dw
		from := at
		for d := 2; area == 0 && d <= 8; d *= 2 {
			from = (y-y%d)*c.dw + x - x%d
			area = areas[from]
		}
		for k := range c.channels {
			v := uint64(255)
			if area > 0 {
				v = (c.sums[from*c.channels+k] + area/2) / area
			}
			out[at*c.channels+k] = byte(v)
		}
	}
	return out
}

// shares is how much of each raster pixel along a side the pixels of a pass cover.
func shares(size, raster, first, step, n int) []uint64 {
	covered := make([]uint64, raster)
	for k := range n {
		for from, to := (first+k*step)*raster, (first+k*step+1)*raster; from < to; {
			i := from / size
			end := min((i+1)*size, to)
			covered[i] += uint64(end - from)
			from = end
		}
	}
	return covered
}
