//go:build linux

package confine

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

const (
	passwdFile = `root:x:0:0:root:/root:/bin/sh

# not a user
broken:x
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
dolly:x:1000:100:Dolly,,,:/home/dolly:/bin/sh
5:x:7:7:a name that is a number:/five:/bin/sh
bad:x:many:1::/:
huge:x:4294967295:0::/:
nowhere:x:12:12:::
early:x:13:14::/early
earlier:x:15
`
	groupFile = `root:x:0:
wool:x:50:dolly,root
users:x:100:dolly
again:x:50:dolly
bad:x:y:dolly
other:x:60:molly
empty:x:70
`
)

func TestLookupFindsUsersAsDockerDoes(t *testing.T) {
	passwd, group := files(t, passwdFile, groupFile)
	for text, want := range map[string]User{
		"":            {0, 0, []int{50}, "/root"},
		"root":        {0, 0, []int{50}, "/root"},
		"0":           {0, 0, []int{50}, "/root"},
		"dolly":       {1000, 100, []int{50, 100}, "/home/dolly"},
		"1000":        {1000, 100, []int{50, 100}, "/home/dolly"},
		"dolly:wool":  {1000, 50, nil, "/home/dolly"},
		"dolly:60":    {1000, 60, nil, "/home/dolly"},
		"dolly:4711":  {1000, 4711, nil, "/home/dolly"},
		"4711":        {4711, 0, nil, "/"},
		"4711:other":  {4711, 60, nil, "/"},
		"4711:4712":   {4711, 4712, nil, "/"},
		"5":           {7, 7, nil, "/five"},
		"nowhere":     {12, 12, nil, "/"},
		"2147483647":  {2147483647, 0, nil, "/"},
		"early":       {13, 14, nil, "/early"},
		"earlier":     {15, 0, nil, "/"},
		"dolly:empty": {1000, 70, nil, "/home/dolly"},
		":60":         {0, 60, nil, "/root"},
	} {
		got, err := lookup(text, passwd, group)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestLookupSaysWhoIsUnknown(t *testing.T) {
	passwd, group := files(t, passwdFile, groupFile)
	for text, want := range map[string]string{
		"molly":      `user molly: no such name in ` + passwd,
		"-1":         `user -1: no such name`,
		"4294967295": `"4294967295" is not a number up to 2147483647`,
		"4294967296": `is not a number up to`,
		"bad":        `"many" is not a number`,
		"huge":       `"4294967295" is not a number`,
		"dolly:":     `group : no such name in ` + group,
		"dolly:x":    `group x: no such name in ` + group,
		"a:b:c":      `user a: no such name`,
		"dolly:b:c":  `group b:c: no such name`,
	} {
		if _, err := lookup(text, passwd, group); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestLookupNeedsNoFilesForNumbers(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "etc/passwd")
	if user, err := lookup("12:34", missing, missing); err != nil || user.UID != 12 || user.GID != 34 {
		t.Errorf("%+v, %v", user, err)
	}
	if user, err := lookup("", missing, missing); err != nil || user.UID != 0 || user.GID != 0 {
		t.Errorf("%+v, %v", user, err)
	}
	if _, err := lookup("root", missing, missing); err == nil {
		t.Error("a name was found in a file that is not there")
	}
}

func TestLookupDoesNotHangOnAFIFO(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "passwd")
	testkit.Must(t, syscall.Mkfifo(fifo, 0o600))
	for _, name := range []string{fifo, t.TempDir(), "/dev/zero"} {
		if _, err := lookup("dolly", name, "/dev/null"); err == nil ||
			!strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLookupRefusesEndlessLines(t *testing.T) {
	passwd, group := files(t, strings.Repeat("x", 2<<20), "")
	if _, err := lookup("dolly", passwd, group); err == nil || !strings.Contains(err.Error(), "token too long") {
		t.Error(err)
	}
}

func files(t *testing.T, passwd, group string) (string, string) {
	t.Helper()
	directory := t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(directory, "passwd"), []byte(passwd), 0o644))
	testkit.Must(t, os.WriteFile(filepath.Join(directory, "group"), []byte(group), 0o644))
	return filepath.Join(directory, "passwd"), filepath.Join(directory, "group")
}
