package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dedupidx/dedupidx/index/report"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value string
	words []string
}

func newChoice(value string, words ...string) choice { return choice{value, words} }

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "WORD" }
func (c *choice) list() string   { return strings.Join(c.words, ", ") }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return fmt.Errorf("must be one of %s", c.list())
	}
	c.value = s
	return nil
}

// size is a flag that takes a number of bytes, such as 512MiB.
type size int64

func (s *size) String() string {
	if *s == 0 {
		return ""
	}
	return strings.ReplaceAll(report.Size(int64(*s)), " ", "")
}

func (s *size) Type() string { return "SIZE" }

func (s *size) Set(text string) error {
	n, err := parseSize(text)
	*s = size(n)
	return err
}

// parseSize reads a number with a unit: K, KiB, M, MiB ... count by 1024, KB,
// MB ... by 1000, and no unit means bytes. Case does not matter.
func parseSize(text string) (int64, error) {
	t := strings.ToLower(strings.TrimSpace(text))
	end := strings.LastIndexAny(t, "0123456789.") + 1
	number, unit := t[:end], strings.TrimSpace(t[end:])
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || v < 0 || strings.ContainsAny(number, "einx_p") {
		return 0, fmt.Errorf("%q is no size: write 512MiB or 2GiB", text)
	}
	factor := 1.0
	if unit != "" && unit != "b" {
		power := strings.IndexByte("kmgt", unit[0]) + 1
		base := 1024.0
		switch unit[1:] {
		case "", "ib":
		case "b":
			base = 1000
		default:
			power = 0
		}
		if power == 0 {
			return 0, fmt.Errorf("%q is no size: its unit is none of K, M, G, T, KiB, MB and the like", text)
		}
		factor = math.Pow(base, float64(power))
	}
	if v *= factor; v > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return int64(v), nil
}
