package object

// Node is a machine on which pods run.
type Node struct {
	Type
	Meta   `json:"metadata"`
	Spec   NodeSpec   `json:"spec,omitzero"`
	Status NodeStatus `json:"status,omitzero"`
}

// NodeSpec is what is wanted of a node.
type NodeSpec struct {
	PodCIDR       string   `json:"podCIDR,omitempty"`
	PodCIDRs      []string `json:"podCIDRs,omitempty"`
	ProviderID    string   `json:"providerID,omitempty"`
	Unschedulable bool     `json:"unschedulable,omitempty"`
	Taints        []Taint  `json:"taints,omitempty"`
}

// Taint keeps pods off a node that do not tolerate it.
type Taint struct {
	Key       string `json:"key"`
	Value     string `json:"value,omitempty"`
	Effect    string `json:"effect"`
	TimeAdded *Time  `json:"timeAdded,omitempty"`
}

// NodeStatus is what a node's agent says of it.
type NodeStatus struct {
	Capacity        ResourceList    `json:"capacity,omitempty"`
	Allocatable     ResourceList    `json:"allocatable,omitempty"`
	Phase           string          `json:"phase,omitempty"`
	Conditions      []Condition     `json:"conditions,omitempty"`
	Addresses       []NodeAddress   `json:"addresses,omitempty"`
	DaemonEndpoints DaemonEndpoints `json:"daemonEndpoints,omitzero"`
	NodeInfo        NodeInfo        `json:"nodeInfo,omitzero"`
}

// NodeAddress is a name or an address of a node.
type NodeAddress struct {
	Type    string `json:"type"`
	Address string `json:"address"`
}

// DaemonEndpoints says where a node's agent listens.
type DaemonEndpoints struct {
	KubeletEndpoint DaemonEndpoint `json:"kubeletEndpoint,omitzero"`
}

// DaemonEndpoint is a port. Its name begins with a capital in Kubernetes, too.
type DaemonEndpoint struct {
	Port int32 `json:"Port"`
}

// NodeInfo is what a machine is and runs.
type NodeInfo struct {
	MachineID               string `json:"machineID"`
	SystemUUID              string `json:"systemUUID"`
	BootID                  string `json:"bootID"`
	KernelVersion           string `json:"kernelVersion"`
	OSImage                 string `json:"osImage"`
	ContainerRuntimeVersion string `json:"containerRuntimeVersion"`
	KubeletVersion          string `json:"kubeletVersion"`
	KubeProxyVersion        string `json:"kubeProxyVersion"`
	OperatingSystem         string `json:"operatingSystem"`
	Architecture            string `json:"architecture"`
}

// Event says what has happened to an object, and why.
type Event struct {
	Type
	Meta               `json:"metadata"`
	InvolvedObject     Reference    `json:"involvedObject"`
	Reason             string       `json:"reason,omitempty"`
	Message            string       `json:"message,omitempty"`
	Source             EventSource  `json:"source,omitzero"`
	FirstTimestamp     Time         `json:"firstTimestamp,omitzero"`
	LastTimestamp      Time         `json:"lastTimestamp,omitzero"`
	Count              int32        `json:"count,omitempty"`
	Severity           string       `json:"type,omitempty"` // Normal, Warning
	EventTime          MicroTime    `json:"eventTime,omitzero"`
	Series             *EventSeries `json:"series,omitempty"`
	Action             string       `json:"action,omitempty"`
	Related            *Reference   `json:"related,omitempty"`
	ReportingComponent string       `json:"reportingComponent"`
	ReportingInstance  string       `json:"reportingInstance"`
}

// EventSource is who saw it.
type EventSource struct {
	Component string `json:"component,omitempty"`
	Host      string `json:"host,omitempty"`
}

// EventSeries says how often it has happened again.
type EventSeries struct {
	Count            int32     `json:"count,omitempty"`
	LastObservedTime MicroTime `json:"lastObservedTime,omitzero"`
}

// Namespace is a room for names.
type Namespace struct {
	Type
	Meta   `json:"metadata"`
	Spec   NamespaceSpec   `json:"spec,omitzero"`
	Status NamespaceStatus `json:"status,omitzero"`
}

// NamespaceSpec has who must be done before a namespace goes.
type NamespaceSpec struct {
	Finalizers []string `json:"finalizers,omitempty"`
}

// NamespaceStatus is whether a namespace is in use.
type NamespaceStatus struct {
	Phase      string      `json:"phase,omitempty"`
	Conditions []Condition `json:"conditions,omitempty"`
}

// ConfigMap is data for programs.
type ConfigMap struct {
	Type
	Meta       `json:"metadata"`
	Data       map[string]string `json:"data,omitempty"`
	BinaryData map[string][]byte `json:"binaryData,omitempty"`
	Immutable  *bool             `json:"immutable,omitempty"`
}

// Secret is data for programs that not everybody is to read.
type Secret struct {
	Type
	Meta       `json:"metadata"`
	Data       map[string][]byte `json:"data,omitempty"`
	StringData map[string]string `json:"stringData,omitempty"` // is moved to Data
	Immutable  *bool             `json:"immutable,omitempty"`
	SecretType string            `json:"type,omitempty"`
}

// Lease says who holds something, and until when, as a node's agent its node.
type Lease struct {
	Type
	Meta `json:"metadata"`
	Spec LeaseSpec `json:"spec,omitzero"`
}

// LeaseSpec is a lease's terms.
type LeaseSpec struct {
	HolderIdentity       *string    `json:"holderIdentity,omitempty"`
	LeaseDurationSeconds *int32     `json:"leaseDurationSeconds,omitempty"`
	AcquireTime          *MicroTime `json:"acquireTime,omitempty"`
	RenewTime            *MicroTime `json:"renewTime,omitempty"`
	LeaseTransitions     *int32     `json:"leaseTransitions,omitempty"`
}
