package jpeg

// Scale says by how much a picture is reduced along each side: the denominator.
type Scale int

// The scales that Decode knows.
const (
	Full    Scale = 1
	Half    Scale = 2
	Quarter Scale = 4
	Eighth  Scale = 8
)

// valid says whether s is one of the four.
func (s Scale) valid() bool { return s == Full || s == Half || s == Quarter || s == Eighth }

// block is the width of a block of 8x8 samples at this scale.
func (s Scale) block() int { return 8 / int(s) }

// kept is the number of coefficients of a block, in zigzag order, that count at this
// scale. At 1/2 the fourth row and column alone would not, at 1/4 rows and
// columns 2, 4 and 6: keptQuarter stops before the last ones that would, since they
// weigh little. TestReduced measures what that costs.
func (s Scale) kept() int {
	switch s {
	case Eighth:
		return 1
	case Quarter:
		return keptQuarter
	}
	return 64
}

// weighed says which coefficients, in zigzag order by bit, have a part in the samples at
// this scale: at 1/2 not those of row or column 4, at 1/4 only those of rows and columns
// 0, 1, 3, 5 and 7.
func (s Scale) weighed() (set uint64) {
	for k, place := range zigzag {
		x, y := place%8, place/8
		if s == Full || s == Half && x != 4 && y != 4 || s == Quarter && (x%2 == 1 || x == 0) && (y%2 == 1 || y == 0) || k == 0 {
			set |= 1 << k
		}
	}
	return set
}

// keptQuarter are the coefficients up to the fourth of the first column, so that the
// means of 4x4 pixels come from rows and columns 0, 1 and 3.
const keptQuarter = 28

// ScaleFor chooses the smallest scale whose long side is still about side: 15/16 of it
// at least, so that the usual sensors of 4,000 pixels (3,840 to 4,032) count as eight
// times a side of 512. The choice is Full where even 1/2 would be too small.
func ScaleFor(width, height, side int) Scale {
	long := max(width, height)
	for s := Eighth; s > Full; s /= 2 {
		if (long+int(s)-1)/int(s) >= side-side/16 {
			return s
		}
	}
	return Full
}
