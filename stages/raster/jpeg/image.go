package jpeg

// Image is a decoded picture: its planes as they were coded, neither upsampled nor
// converted.
type Image struct {
	Header
	Scale  Scale
	Planes []Plane // one for each component
	Damage *Damage // nil where the picture is whole
}

// Plane holds the samples of a component. At a scale of 1/n, sample (x, y) is the mean
// of n x n samples of the component, those that a block holds beyond the edge of the
// picture included. Its place in the picture follows from H and V of the header.
type Plane struct {
	Pix           []byte // sample (x, y) at y*Stride + x
	Stride        int
	Width, Height int // without the padding to whole blocks
}

// Damage says what could not be decoded, and why.
type Damage struct {
	Missing float64 // share of the blocks of all components that are mid-grey instead, 0..1
	Offset  int     // in bytes, of the first damage
	Reason  string  // a phrase of one line
}

// Limits bounds what decoding may cost. A zero field takes its default.
type Limits struct {
	Memory int64 // bytes that Decode may allocate; default 1 GiB
	Visits int64 // blocks that all scans together may pass over; default 200 million
}

// withDefaults fills the zero fields. A progressive photo of 100 megapixels in ten scans
// visits some 20 million blocks; 200 million take one to two seconds.
func (l Limits) withDefaults() Limits {
	if l.Memory <= 0 {
		l.Memory = 1 << 30
	}
	if l.Visits <= 0 {
		l.Visits = 200_000_000
	}
	return l
}
