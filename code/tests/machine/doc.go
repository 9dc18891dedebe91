// Package machine holds no code, only tests: they prove that the Linux they run on can do what the series needs, so
// that a failure elsewhere is the fault of the code and not of the machine.
//
// What needs no cgroup v2 controllers runs anywhere, in namespaces of its own. The rest, in files with the build tag
// vm, runs only in the virtual machine of this repository:
//
//	npm run test:vm
package machine
