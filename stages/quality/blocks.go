package quality

// grid is the side of a block of JPEG.
const grid = 8

// blocks returns by how many percent differences peak more often across the
// lines of a grid of eight than elsewhere, the larger of both directions,
// 0..255. The grid may lie anywhere, for a cut copy shows that of its source.
//
// Peaks are counted, not summed, so that a few strong edges that happen to lie
// on the grid (window frames, text) do not pass for blocks.
func blocks(luma []byte, w, h int) uint8 {
	if w < 4*grid || h < 4*grid {
		return 0 // too few lines to tell
	}
	var across, down [grid]int
	for y := 0; y < h; y += 2 { // every second line is enough to count
		row := luma[y*w : (y+1)*w]
		before, here := 0, size(row[1], row[0])
		for x := 1; x < w-1; x++ {
			after := size(row[x+1], row[x])
			across[x%grid] += peak(before, here, after)
			before, here = here, after
		}
	}
	for y := 2; y < h-1; y++ {
		n := 0
		a, b, c, d := luma[(y-2)*w:][:w], luma[(y-1)*w:][:w], luma[y*w:][:w], luma[(y+1)*w:][:w]
		for x := 0; x < w; x += 2 {
			n += peak(size(b[x], a[x]), size(c[x], b[x]), size(d[x], c[x]))
		}
		down[y%grid] += n
	}
	return uint8(min(255, max(excess(&across), excess(&down))))
}

// size returns |a-b|, and peak 1 where here exceeds both neighbours, else 0.
// Neither branches: on grain a branch is guessed wrong half of the time.
func size(a, b byte) int {
	d := int32(a) - int32(b)
	sign := d >> 31
	return int((d ^ sign) - sign)
}

func peak(before, here, after int) int {
	return int(uint32(before-here) >> 31 & (uint32(after-here) >> 31))
}

// excess compares the largest of eight sums with the mean of the others, in
// percent.
func excess(sums *[grid]int) int {
	best, total := 0, 0
	for _, s := range sums {
		best = max(best, s)
		total += s
	}
	others := (total - best) / (grid - 1)
	if others == 0 {
		return 0
	}
	return 100*best/others - 100
}
