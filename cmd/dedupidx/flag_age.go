package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// age is a flag that takes how long ago something was, such as 30d.
type age time.Duration

func (a *age) Type() string { return "TIME" }

// String is in the largest unit that makes a whole number of it.
func (a *age) String() string {
	d := time.Duration(*a)
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	if d > 0 && d%time.Hour == 0 {
		return strconv.FormatInt(int64(d/time.Hour), 10) + "h"
	}
	return d.String()
}

func (a *age) Set(text string) error {
	d, err := parseAge(text)
	*a = age(d)
	return err
}

// parseAge reads a whole number of weeks or days (8w, 30d), a duration as Go
// writes it (12h30m), or 0.
func parseAge(text string) (time.Duration, error) {
	unit := time.Duration(0)
	number, ok := strings.CutSuffix(text, "d")
	if ok {
		unit = day
	} else if number, ok = strings.CutSuffix(text, "w"); ok {
		unit = 7 * day
	}
	if unit > 0 {
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil || n > uint64(math.MaxInt64/unit) {
			return 0, fmt.Errorf("%q is no time: write 12h, 30d or 8w", text)
		}
		return time.Duration(n) * unit, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no time: write 12h, 30d or 8w", text)
	}
	return d, nil
}
