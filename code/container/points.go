//go:build linux

package container

import "github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"

// The places at which a test kills the process: after each step that changes something outside of it.
const (
	createDirectory = "container/create/directory"
	createOverlay   = "container/create/overlay"
	createSaved     = "container/create/saved"
	startActive     = "container/start/active"
	startLease      = "container/start/lease"
	startOverlay    = "container/start/overlay"
	startCgroup     = "container/start/cgroup"
	startDevices    = "container/start/devices"
	startProcess    = "container/start/process"
	startBridge     = "container/start/bridge"
	startConnected  = "container/start/connected"
	startForwarding = "container/start/forwarding"
	startMasquerade = "container/start/masquerade"
	startPublished  = "container/start/published"
	startFiles      = "container/start/files"
	startSaved      = "container/start/saved"
	startProceeded  = "container/start/proceeded"
	endWaited       = "container/end/waited"
	endSaved        = "container/end/saved"
	endUnpublished  = "container/end/unpublished"
	endDisconnected = "container/end/disconnected"
	endReleased     = "container/end/released"
	endCgroup       = "container/end/cgroup"
	endActive       = "container/end/active"
	stopTerm        = "container/stop/term"
	stopKill        = "container/stop/kill"
	stopEnded       = "container/stop/ended"
	removeState     = "container/remove/state"
	removeOverlay   = "container/remove/overlay"
	removeDirectory = "container/remove/directory"
)

func point(name string) { crash.Point(name) }
