package main

import (
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0d": 0, "30d": 30 * day, "8w": 56 * day, "12h30m": 12*time.Hour + 30*time.Minute, "24h": day,
	} {
		var a age
		if err := a.Set(text); err != nil || time.Duration(a) != want {
			t.Errorf("%q is %v (%v), want %v", text, time.Duration(a), err, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "1.5d", "-3h", "30", "4294967296d", "200000d", "x", "1d2h"} {
		var a age
		if err := a.Set(text); err == nil {
			t.Errorf("%q is taken as %v", text, time.Duration(a))
		}
	}
	for want, a := range map[string]age{"0s": 0, "30d": age(30 * day), "36h": age(36 * time.Hour), "1m30s": age(90 * time.Second)} {
		if a.String() != want {
			t.Errorf("%v is written %q, want %q", time.Duration(a), a.String(), want)
		}
	}
}
