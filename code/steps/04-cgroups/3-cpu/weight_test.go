//go:build linux

package main

import (
	"strconv"
	"testing"
)

// The numbers are those of runc and crun.
func TestSharesBecomeTheWeightThatRuncAndCrunGive(t *testing.T) {
	for shares, want := range map[int]string{
		1: "1", 2: "1", 3: "2", 100: "17", 128: "21", 256: "35", 512: "59", 1024: "100", 2048: "174", 4096: "303",
		262144: "10000",
	} {
		if got := weight(shares); got != want {
			t.Errorf("%d shares are a weight of %s, want %s", shares, got, want)
		}
	}
}

func TestMoreSharesAreNeverLessWeight(t *testing.T) {
	last := 1
	for shares := 2; shares <= 262144; shares++ {
		got, err := strconv.Atoi(weight(shares))
		if err != nil || got < last || got > 10000 {
			t.Fatalf("%d shares are a weight of %d (%v), and one less is %d", shares, got, err, last)
		}
		last = got
	}
}
