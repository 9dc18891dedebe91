//go:build linux

package progress

import (
	"bufio"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// fake is a progress whose terminal is so wide (0: none) and whose clock moves a step with every look.
func fake(width int, step time.Duration) (*Progress, *strings.Builder) {
	out := &strings.Builder{}
	clock := time.Unix(0, 0)
	p := &Progress{out: out, now: func() time.Time { clock = clock.Add(step); return clock }}
	if width > 0 {
		p.width = func() int { return width }
	}
	return p, out
}

func TestInALogThereIsALineForEachPart(t *testing.T) {
	p, out := fake(0, 400*time.Millisecond)
	p.Start("layer 1 of 2", 5000)
	p.Advance(2000)
	p.Advance(3000)
	p.Done()
	p.Done()
	p.Start("layer 2 of 2", 0)
	p.Start("tag web:1", 0)
	p.Done()
	if want := "layer 1 of 2: 5.0 kB in 1.2 s\nlayer 2 of 2\ntag web:1\n"; out.String() != want {
		t.Errorf("it prints %q, want %q", out.String(), want)
	}
}

func TestOnATerminalABarMovesAndALineStays(t *testing.T) {
	p, out := fake(60, interval)
	p.Start("layer", 4000)
	p.Advance(1000)
	p.Advance(3000)
	p.Done()
	want := clear + "layer  [                         ]     0 B of 4.0 kB    0 %" + clear +
		"layer  [======                   ]  1.0 kB of 4.0 kB   25 %" + clear +
		"layer  [=========================]  4.0 kB of 4.0 kB  100 %" + clear +
		"layer: 4.0 kB\n"
	if out.String() != want {
		t.Errorf("it prints\n%q, want\n%q", out.String(), want)
	}
}

func TestBarDoesNotMoveWithEveryByte(t *testing.T) {
	p, out := fake(60, interval/10)
	p.Start("layer", 1000)
	for range 1000 {
		p.Advance(1)
	}
	if drawn := strings.Count(out.String(), clear); drawn != 101 {
		t.Errorf("drawn %d times in 100 intervals", drawn)
	}
}

func TestBarNeverBreaksTheLine(t *testing.T) {
	for width := range 200 {
		if width == 0 {
			continue
		}
		p, out := fake(width, interval)
		p.Start("a layer with a long name, ü", 123456)
		p.Advance(123456 * 2) // more than was said
		p.Start("unknown", 0)
		p.Advance(1)
		for _, line := range strings.Split(out.String(), clear) {
			if !strings.HasSuffix(line, "\n") && len([]rune(line)) >= width {
				t.Fatalf("%d columns are too few for %q", width, line)
			}
		}
	}
}

func TestRealTerminalGetsABar(t *testing.T) {
	master, slave, err := terminal.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := terminal.SetSize(master, 24, 50); err != nil {
		t.Fatal(err)
	}
	p := New(slave)
	p.Start("layer", 10)
	p.Advance(10)
	p.Done()
	slave.Close()
	line, err := bufio.NewReader(master).ReadString('\n')
	if !strings.Contains(line, "[   ") || !strings.HasSuffix(line, clear+"layer: 10 B\r\n") {
		t.Errorf("the terminal gets %q, %v", line, err)
	}
}

func TestManyMayTellOfProgress(t *testing.T) {
	p, out := fake(0, 0)
	p.Start("layer", 0)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				p.Advance(1)
			}
		})
	}
	all.Wait()
	p.Done()
	if out.String() != "layer: 800 B\n" {
		t.Errorf("it prints %q", out.String())
	}
}
