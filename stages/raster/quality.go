package raster

// ijgLuma is the luminance quantization table of ITU-T T.81, table K.1, in zigzag
// order: what the Independent JPEG Group's encoder scales by its quality.
var ijgLuma = [64]uint16{
	16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
	26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
	56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
	95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
}

// estimateQuality returns the quality from 1 to 100 on the scale of the Independent
// JPEG Group's encoder whose luminance table lies nearest to table (zigzag order),
// by the sum of absolute differences; the higher of two that are equally near.
// For files of that encoder it is exact, for others an estimate.
func estimateQuality(table *[64]uint16) int {
	best, bestSum := 0, -1
	for q := 100; q >= 1; q-- {
		sum := 0
		for i, base := range ijgLuma {
			d := int(table[i]) - ijgScale(int(base), q)
			sum += max(d, -d)
		}
		if bestSum < 0 || sum < bestSum {
			best, bestSum = q, sum
		}
	}
	return best
}

// ijgScale scales an entry of a basic table to a quality, as jpeg_quality_scaling
// of libjpeg documents it, kept to 8 bits.
func ijgScale(base, quality int) int {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	return min(max((base*scale+50)/100, 1), 255)
}
