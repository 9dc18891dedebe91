// Package crash marks the places where a command may be killed, so that tests can kill it there.
//
// A command that is killed between two system calls leaves half a change behind, and the next command has to repair it.
// To test that, the kill must come at a chosen place. [Point] names a place, after each system call that changes state,
// as package/where:
//
//	os.Mkdir(dir, 0o755)
//	crash.Point("overlay/make-directory")
//
// In a program built with the tag crashtest, a process with SHEEP_CRASH_AT=overlay/make-directory in its environment
// dies there of SIGKILL, which no handler and no deferred call sees: a power cut for one process. SHEEP_CRASH_AT=name:3
// waits for the third time. A process with SHEEP_STOP_AT=overlay/make-directory is stopped there by SIGSTOP, as by
// Ctrl-Z, until it gets SIGCONT. In any other build Point does nothing and costs nothing.
package crash

// Variable is the environment variable that says at which point to die: name, or name:n for the n-th time.
const Variable = "SHEEP_CRASH_AT"

// StopVariable is the environment variable that says at which point to stop.
const StopVariable = "SHEEP_STOP_AT"
