//go:build linux

// Package progress shows how far a long piece of work has come: as a bar that moves, when it is watched on a terminal,
// and otherwise, in a log or a pipe, as one line for each part that is done.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// interval is how often the bar moves: faster, it could not be read, and would cost more time than the work.
const interval = 100 * time.Millisecond

// Progress shows one piece of work after the other. It implements image.Progress; several goroutines may use it.
type Progress struct {
	out   io.Writer
	width func() int // of the terminal; nil if it is not one
	now   func() time.Time

	mutex       sync.Mutex
	what        string
	done, total int64
	began, last time.Time
}

// New shows progress on a file.
func New(out *os.File) *Progress {
	p := &Progress{out: out, now: time.Now}
	if terminal.IsTerminal(out) {
		p.width = func() int {
			_, cols, err := terminal.Size(out)
			if err != nil || cols == 0 {
				return 80
			}
			return int(cols)
		}
	}
	return p
}

// Start begins a piece of work of so many bytes; 0 if that is not known. What was begun before is done.
func (p *Progress) Start(what string, total int64) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.finish()
	p.what, p.done, p.total = what, 0, total
	p.began = p.now()
	p.last = p.began
	if p.width != nil {
		p.draw()
	}
}

// Advance adds n more bytes.
func (p *Progress) Advance(n int64) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.done += n
	if now := p.now(); p.width != nil && p.what != "" && now.Sub(p.last) >= interval {
		p.last = now
		p.draw()
	}
}

// Done ends the piece of work.
func (p *Progress) Done() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.finish()
}

// finish replaces the bar by a line that stays.
func (p *Progress) finish() {
	if p.what == "" {
		return
	}
	line := p.what
	if p.done > 0 {
		line += ": " + flags.FormatBytes(p.done)
		if took := p.now().Sub(p.began); took >= time.Second {
			line += fmt.Sprintf(" in %.1f s", took.Seconds())
		}
	}
	if p.width != nil {
		line = clear + line
	}
	fmt.Fprintln(p.out, line)
	p.what = ""
}

// clear goes to the start of the line and erases it: carriage return, EL (ECMA-48, 8.3.41).
const clear = "\r\x1b[K"

// draw draws the bar over the one before.
func (p *Progress) draw() {
	right := flags.FormatBytes(p.done)
	share := 0.0
	if p.total > 0 {
		share = min(1, float64(p.done)/float64(p.total))
		right = fmt.Sprintf("%6s of %s  %3.0f %%", right, flags.FormatBytes(p.total), 100*share)
	}
	// The last column stays empty: a letter there would break the line on some terminals.
	left, room := []rune(p.what), p.width()-1-len(right)-2
	if room < 1 {
		return
	}
	if len(left) > room {
		left = append(left[:room-1], '…')
	}
	line := string(left) + "  " + right
	if bar := min(40, room-len(left)-4); p.total > 0 && bar >= 8 {
		full := int(share * float64(bar))
		line = fmt.Sprintf("%s  [%s%s]  %s", string(left), strings.Repeat("=", full),
			strings.Repeat(" ", bar-full), right)
	}
	io.WriteString(p.out, clear+line)
}
