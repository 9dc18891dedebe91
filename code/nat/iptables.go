//go:build linux

package nat

import (
	"bytes"
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// lockFile is locked by each process that changes rules. The lock of iptables itself (xtables.lock, for which --wait
// waits) is held for one run of it only; between looking and changing, another process could change the rules.
var lockFile = "/run/sheep-nat.lock"

// rule is a line of iptables-save(8).
type rule struct {
	table, chain string
	text         string   // what follows the chain
	words        []string // of the text, without quotes
}

func newRule(table, chain, text string) rule {
	return rule{table: table, chain: chain, text: text, words: split(text)}
}

func (r rule) equal(other rule) bool {
	return r.table == other.table && r.chain == other.chain && slices.Equal(r.words, other.words)
}

// after returns the word that follows another, such as --comment; "" if there is none.
func (r rule) after(word string) string {
	if i := slices.Index(r.words, word); i >= 0 && i+1 < len(r.words) {
		return r.words[i+1]
	}
	return ""
}

func (r rule) comment() string { return r.after("--comment") }

// port reads back what Port.rules wrote.
func (r rule) port() Port {
	address, _, _ := strings.Cut(r.after("-d"), "/")
	hostIP, _ := netip.ParseAddr(address)
	hostPort, _ := strconv.ParseUint(r.after("--dport"), 10, 16)
	to, _ := netip.ParseAddrPort(r.after("--to-destination"))
	return Port{HostIP: hostIP, HostPort: uint16(hostPort), ContainerPort: to.Port(), Protocol: r.after("-p")}
}

// change makes the rules for which ours is true what they should be: it looks at those that are there, and if they are
// not exactly the wanted ones, replaces them. So it may be called any number of times, also after being killed, and by
// any number of processes at the same time.
func change(wanted func(present []rule) ([]rule, error), ours func(rule) bool) error {
	lock, err := durable.LockFile(lockFile)
	if err != nil {
		return err
	}
	defer lock.Close()
	for attempt := 1; ; attempt++ {
		present, err := list()
		if err != nil {
			return err
		}
		want, err := wanted(present)
		if err != nil {
			return err
		}
		old := slices.DeleteFunc(present, func(r rule) bool { return !ours(r) })
		if same(old, want) {
			return nil
		}
		// A firewall that is being reloaded may have removed the rules that restore removes.
		if err = restore(old, want); err == nil || attempt == 3 {
			return err
		}
	}
}

// same reports whether both hold the same rules, each the same number of times.
func same(a, b []rule) bool {
	if len(a) != len(b) {
		return false
	}
	b = slices.Clone(b)
	for _, r := range a {
		i := slices.IndexFunc(b, r.equal)
		if i < 0 {
			return false
		}
		b = slices.Delete(b, i, i+1)
	}
	return true
}

// restore removes rules and adds others, in one step for each table (iptables-restore(8)): no packet meets half of it.
func restore(remove, add []rule) error {
	var input strings.Builder
	for _, table := range []string{"filter", "nat"} {
		var lines []string
		for _, r := range remove {
			if r.table == table {
				lines = append(lines, "-D "+r.chain+" "+r.text)
			}
		}
		for _, r := range add {
			if r.table == table {
				// In filter, before a "reject the rest" that may stand at the end. In nat, the first rule that matches
				// decides: rules that were there before keep their precedence.
				verb := map[string]string{"filter": "-I ", "nat": "-A "}[table]
				lines = append(lines, verb+r.chain+" "+r.text)
			}
		}
		if len(lines) > 0 {
			fmt.Fprintf(&input, "*%s\n%s\nCOMMIT\n", table, strings.Join(lines, "\n"))
		}
	}
	_, err := run(input.String(), "iptables-restore", "--noflush", "--wait=60")
	return err
}

// list returns all rules of the tables nat and filter.
func list() ([]rule, error) {
	output, err := run("", "iptables-save")
	if err != nil {
		return nil, err
	}
	return parse(output)
}

// parse reads what iptables-save prints.
func parse(output string) ([]rule, error) {
	var rules []rule
	table := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		if name, found := strings.CutPrefix(line, "*"); found {
			table = name
		}
		if strings.HasPrefix(line, "# Table `") && strings.Contains(line, "is incompatible") {
			return nil, fmt.Errorf("iptables-save: its tables hold rules that it cannot read: %s", line[2:])
		}
		if line, found := strings.CutPrefix(line, "-A "); found && (table == "nat" || table == "filter") {
			chain, text, _ := strings.Cut(line, " ")
			rules = append(rules, newRule(table, chain, text))
		}
	}
	return rules, nil
}

// split takes a line of iptables-save apart: words in double quotes may have blanks, and a backslash before a quote or
// another backslash.
func split(line string) []string {
	var words []string
	var word []byte
	inWord, quoted := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"':
			inWord, quoted = true, !quoted
		case c == '\\' && quoted && i+1 < len(line):
			i++
			word = append(word, line[i])
		case c == ' ' && !quoted:
			if inWord {
				words = append(words, string(word))
			}
			word, inWord = word[:0], false
		default:
			word, inWord = append(word, c), true
		}
	}
	if inWord {
		words = append(words, string(word))
	}
	return words
}

// run runs a program and returns what it prints.
func run(input, name string, arguments ...string) (string, error) {
	program, err := find(name)
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program, arguments...)
	var output, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &output, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.Join(strings.Fields(complaint.String()), " "))
	}
	return output.String(), nil
}

// find returns where a program is. Not every user who may become root has the directories of system programs in PATH.
func find(name string) (string, error) {
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed, it is in the package iptables: %w", name, exec.ErrNotFound)
}
