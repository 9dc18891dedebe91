module github.com/sheep-and-shepherd/sheep-and-shepherd/code

go 1.26.0

require (
	github.com/klauspost/compress v1.20.4
	github.com/vishvananda/netlink v1.3.1
	golang.org/x/sys v0.50.0
)

require (
	github.com/google/go-containerregistry v0.22.1 // indirect
	github.com/vishvananda/netns v0.0.5 // indirect
)
