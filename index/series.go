package index

import "context"

// Two contents are shots of a series where one camera took them at different moments with
// at most SeriesGap between each moment and the next; SeriesStep is the least that tells two
// moments apart. Nanoseconds.
//
// Bursts, brackets and second tries lie within seconds. EXIF gives whole seconds, and editors
// drop the fraction beside them: shots within one second are not told from copies.
const (
	SeriesStep = 1_000_000_000
	SeriesGap  = 10 * SeriesStep
)

// Every stored match is looked at, and its two contents where it may be one of a series.
const selectSeries = `
SELECT ` + matchColumns + `
FROM match
CROSS JOIN content AS a ON a.id = match.a AND a.taken <> 0 AND a.camera <> ''
CROSS JOIN content AS b ON b.id = match.b AND b.taken <> 0 AND b.camera = a.camera
WHERE match.kind NOT IN ('none', 'pixels')
  AND b.taken BETWEEN a.taken - ?2 AND a.taken + ?2 AND (b.taken <= a.taken - ?1 OR b.taken >= a.taken + ?1)
ORDER BY match.a, match.b`

// SeriesMatches are the matches, but for those of the same pixels, between two shots of a
// series of which one may follow the other.
func (x *Index) SeriesMatches(ctx context.Context) ([]Match, error) {
	return x.matches(ctx, "read matches of series", selectSeries, SeriesStep, SeriesGap)
}
