package stages

import "github.com/dedupidx/dedupidx/stages/quality"

// Standing is what decides which picture of a group to keep: the feature of stage
// quality. The zero value stands below every picture that was decoded.
type Standing struct{ feature quality.Feature }

// DecodeStanding reads an encoded feature of stage quality.
func DecodeStanding(encoded []byte) (Standing, error) {
	f, err := quality.Decode(encoded)
	return Standing{f}, err
}

// Better is 1 where a is the one to keep, -1 where b is, 0 where nothing tells them apart.
func Better(a, b Standing) int { return quality.Better(a.feature, b.feature) }

// WhyBetter says in one line why Better prefers the one that it prefers.
func WhyBetter(a, b Standing) string { return quality.Reason(a.feature, b.feature) }
