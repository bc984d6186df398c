package wavelet

// The lifting steps and the scale of the CDF 9/7 wavelet: Daubechies and
// Sweldens 1998, section 7.7.
const (
	liftA = -1.586134342059924
	liftB = -0.052980118572961
	liftC = 0.882911075530934
	liftD = 0.443506852043971
	liftK = 1.149604398860241
)

// transform runs one level over the upper left n x n of the plane (n odd),
// rows, then columns: lows go to the front, highs behind them.
func transform(plane *[side * side]float64, n int) {
	var in, out [side]float64
	for y := range n {
		row := plane[y*side : y*side+n]
		lift(row, out[:n])
		copy(row, out[:n])
	}
	for x := range n {
		for y := range n {
			in[y] = plane[y*side+x]
		}
		lift(in[:n], out[:n])
		for y := range n {
			plane[y*side+x] = out[y]
		}
	}
}

// lift splits v, of odd length from 3 on, into (n+1)/2 lows and n/2 highs, and
// overwrites v. At the ends the signal is mirrored about its last sample. A
// reversed signal gives the reversed lows and highs to the last bit: each step
// adds a sum of two neighbours, and a sum does not know their order.
//
// Products are converted explicitly, which keeps a compiler from fusing them
// with the addition (language specification, "Floating-point operators").
func lift(v, out []float64) {
	predict(v, liftA)
	update(v, liftB)
	predict(v, liftC)
	update(v, liftD)
	low := (len(v) + 1) / 2
	for i := range low {
		out[i] = v[2*i] * liftK
	}
	for i := range len(v) / 2 {
		out[low+i] = v[2*i+1] / liftK
	}
}

// predict adds k times its neighbours to each odd sample.
func predict(v []float64, k float64) {
	for i := 1; i < len(v); i += 2 {
		v[i] += float64(k * (v[i-1] + v[i+1]))
	}
}

// update adds k times its neighbours to each even sample.
func update(v []float64, k float64) {
	n := len(v)
	v[0] += float64(k * (v[1] + v[1]))
	for i := 2; i < n-1; i += 2 {
		v[i] += float64(k * (v[i-1] + v[i+1]))
	}
	v[n-1] += float64(k * (v[n-2] + v[n-2]))
}
