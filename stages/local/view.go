package local

import "slices"

// view is a thumbnail as planes.
type view struct {
	w, h   int
	y      []uint8 // w*h, and w+1 that sample reads and does not count
	cw     int
	cb, cr []uint8 // rows of cw, half as many pixels each way
	px, py float64 // pixels per unit
}

// viewOf decodes the thumbnail of a feature; w is 0 where there is none.
func viewOf(f Feature) view {
	img := f.small.decode()
	if img == nil {
		return view{}
	}
	v := view{w: f.small.w, h: f.small.h, cw: img.CStride, cb: img.Cb, cr: img.Cr}
	long := float64(max(f.Width, f.Height))
	v.px, v.py = mul(float64(v.w), long)/float64(f.Width), mul(float64(v.h), long)/float64(f.Height)
	v.y = make([]uint8, v.w*v.h+v.w+1)
	for y := range v.h {
		copy(v.y[y*v.w:(y+1)*v.w], img.Y[y*img.YStride:])
	}
	return v
}

// sample is the brightness at (x, y), in 1/256 pixel from the middle of the first pixel.
func (v *view) sample(x, y int) uint8 {
	x, y = min(max(x, 0), (v.w-1)<<8), min(max(y, 0), (v.h-1)<<8)
	ix, iy, fx, fy := x>>8, y>>8, x&255, y&255
	i := iy*v.w + ix // what lies beyond the last column and row counts nothing there
	above, below := v.y[i:i+2:i+2], v.y[i+v.w:i+v.w+2:i+v.w+2]
	top := int(above[0])*(256-fx) + int(above[1])*fx
	bottom := int(below[0])*(256-fx) + int(below[1])*fx
	return uint8((top*(256-fy) + bottom*fy + 1<<15) >> 16)
}

// smoothed returns pixels after so many passes of [1 2 1]/4 each way, and what stands
// behind them as it is.
func smoothed(pix []uint8, w, h, passes int) []uint8 {
	if passes <= 0 {
		return pix
	}
	// Kept in 1/128 grey between the passes.
	in, out := make([]uint16, w*h), make([]uint16, w*h)
	for i, v := range pix[:w*h] {
		in[i] = uint16(v) << 7
	}
	for range passes {
		for y := range h {
			src, dst := in[y*w:][:w], out[y*w:][:w]
			left := uint32(src[0])
			for x, v := range src {
				right := uint32(src[min(x+1, w-1)])
				dst[x] = uint16((left + 2*uint32(v) + right + 2) >> 2)
				left = uint32(v)
			}
		}
		for y := range h {
			up, here, down := out[max(y-1, 0)*w:][:w], out[y*w:][:w], out[min(y+1, h-1)*w:][:w]
			dst := in[y*w:][:w]
			for x, v := range here {
				dst[x] = uint16((uint32(up[x]) + 2*uint32(v) + uint32(down[x]) + 2) >> 2)
			}
		}
	}
	smooth := slices.Clone(pix)
	for i, v := range in {
		smooth[i] = uint8((v + 64) >> 7)
	}
	return smooth
}
