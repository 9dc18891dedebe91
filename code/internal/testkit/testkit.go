// Package testkit has the two lines that every test needs. Its subpackages have the larger tools: testns runs tests in
// namespaces of their own, testhost makes hosts for tests of networks, testtraces sees what containers leave behind,
// testload puts a load on the machine, and testcrash lists the points at which a test can kill a command.
package testkit

import (
	"testing"
	"time"
)

// patience is how long [Eventually] waits: far longer than anything takes, even on a busy machine.
const patience = time.Minute

// Must ends the test if err is not nil.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Eventually waits until condition holds, and ends the test if that takes longer than a minute. what names the
// condition in the failure.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}
