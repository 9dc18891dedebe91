package object

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Pod is a group of containers that run on one node, and what has become of them.
type Pod struct {
	Type
	Meta   `json:"metadata"`
	Spec   PodSpec   `json:"spec"`
	Status PodStatus `json:"status,omitzero"`
}

// PodSpec is what is wanted of a pod.
type PodSpec struct {
	Containers                    []Container       `json:"containers"`
	InitContainers                []Container       `json:"initContainers,omitempty"`
	Volumes                       []Volume          `json:"volumes,omitempty"`
	RestartPolicy                 string            `json:"restartPolicy,omitempty"`
	TerminationGracePeriodSeconds *int64            `json:"terminationGracePeriodSeconds,omitempty"`
	DNSPolicy                     string            `json:"dnsPolicy,omitempty"`
	NodeName                      string            `json:"nodeName,omitempty"`
	NodeSelector                  map[string]string `json:"nodeSelector,omitempty"`
	Hostname                      string            `json:"hostname,omitempty"`
	SchedulerName                 string            `json:"schedulerName,omitempty"`
	Tolerations                   []Toleration      `json:"tolerations,omitempty"`
}

// Container is a program, with its image, of a pod.
type Container struct {
	Name            string          `json:"name"`
	Image           string          `json:"image,omitempty"`
	ImagePullPolicy string          `json:"imagePullPolicy,omitempty"`
	Command         []string        `json:"command,omitempty"`
	Args            []string        `json:"args,omitempty"`
	WorkingDir      string          `json:"workingDir,omitempty"`
	Env             []EnvVar        `json:"env,omitempty"`
	Ports           []ContainerPort `json:"ports,omitempty"`
	Resources       Resources       `json:"resources,omitzero"`
	VolumeMounts    []VolumeMount   `json:"volumeMounts,omitempty"`
	StartupProbe    *Probe          `json:"startupProbe,omitempty"`
	LivenessProbe   *Probe          `json:"livenessProbe,omitempty"`
	ReadinessProbe  *Probe          `json:"readinessProbe,omitempty"`
	Stdin           bool            `json:"stdin,omitempty"`
	TTY             bool            `json:"tty,omitempty"`
}

// EnvVar is a variable of a container's environment.
type EnvVar struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// ContainerPort is a port that a container listens on.
type ContainerPort struct {
	Name          string `json:"name,omitempty"`
	ContainerPort int32  `json:"containerPort"`
	HostPort      int32  `json:"hostPort,omitempty"`
	HostIP        string `json:"hostIP,omitempty"`
	Protocol      string `json:"protocol,omitempty"`
}

// ResourceList is an amount of each resource: cpu, memory, pods.
type ResourceList map[string]Quantity

// Quantity is an amount: 250m, 64Mi, 1e3.
type Quantity struct{ resource.Quantity }

const (
	maxQuantity = 64 // bytes of an amount
	maxExponent = 2  // digits of its exponent
)

// UnmarshalJSON implements [json.Unmarshaler]. It is there for its bounds: [resource.Quantity] takes seconds for a
// million digits, and is not done after a minute with the twelve bytes of 1e-999999999, as it computes the power.
func (q *Quantity) UnmarshalJSON(data []byte) error {
	if len(data) > maxQuantity {
		return fmt.Errorf("the quantity is longer than %d bytes", maxQuantity)
	}
	text := strings.Trim(string(data), `"`)
	if at := strings.IndexAny(text, "eE"); at >= 0 && len(strings.TrimLeft(text[at+1:], "+-")) > maxExponent {
		return fmt.Errorf("the exponent of the quantity %q has more than %d digits", text, maxExponent)
	}
	return q.Quantity.UnmarshalJSON(data)
}

// Resources are a container's limits, and what a node has to have free for it.
type Resources struct {
	Limits   ResourceList `json:"limits,omitempty"`
	Requests ResourceList `json:"requests,omitempty"`
}

// Volume is a directory that containers of a pod can mount. It has one source.
type Volume struct {
	Name     string          `json:"name"`
	HostPath *HostPathVolume `json:"hostPath,omitempty"`
	EmptyDir *EmptyDirVolume `json:"emptyDir,omitempty"`
}

// HostPathVolume is a file or a directory of the node.
type HostPathVolume struct {
	Path string `json:"path"`
	Type string `json:"type,omitempty"`
}

// EmptyDirVolume is a directory that lives as long as its pod.
type EmptyDirVolume struct{}

// VolumeMount says where a container has a volume.
type VolumeMount struct {
	Name      string `json:"name"`
	MountPath string `json:"mountPath"`
	ReadOnly  bool   `json:"readOnly,omitempty"`
}

// Probe is how an agent finds out how a container is.
type Probe struct {
	Exec                *ExecAction `json:"exec,omitempty"`
	HTTPGet             *HTTPAction `json:"httpGet,omitempty"`
	TCPSocket           *TCPAction  `json:"tcpSocket,omitempty"`
	InitialDelaySeconds int32       `json:"initialDelaySeconds,omitempty"`
	TimeoutSeconds      int32       `json:"timeoutSeconds,omitempty"`
	PeriodSeconds       int32       `json:"periodSeconds,omitempty"`
	SuccessThreshold    int32       `json:"successThreshold,omitempty"`
	FailureThreshold    int32       `json:"failureThreshold,omitempty"`
}

// ExecAction is a command whose exit code is the answer.
type ExecAction struct {
	Command []string `json:"command,omitempty"`
}

// HTTPAction is a request whose status is the answer.
type HTTPAction struct {
	Path   string             `json:"path,omitempty"`
	Port   intstr.IntOrString `json:"port"`
	Host   string             `json:"host,omitempty"`
	Scheme string             `json:"scheme,omitempty"`
}

// TCPAction is a connection that succeeds or does not.
type TCPAction struct {
	Port intstr.IntOrString `json:"port"`
	Host string             `json:"host,omitempty"`
}

// Toleration lets a pod on to nodes that have a taint.
type Toleration struct {
	Key               string `json:"key,omitempty"`
	Operator          string `json:"operator,omitempty"`
	Value             string `json:"value,omitempty"`
	Effect            string `json:"effect,omitempty"`
	TolerationSeconds *int64 `json:"tolerationSeconds,omitempty"`
}

// PodStatus is what the agent of its node knows of a pod.
type PodStatus struct {
	ObservedGeneration    int64             `json:"observedGeneration,omitempty"`
	Phase                 string            `json:"phase,omitempty"`
	Conditions            []Condition       `json:"conditions,omitempty"`
	Message               string            `json:"message,omitempty"`
	Reason                string            `json:"reason,omitempty"`
	HostIP                string            `json:"hostIP,omitempty"`
	PodIP                 string            `json:"podIP,omitempty"`
	PodIPs                []PodIP           `json:"podIPs,omitempty"`
	StartTime             *Time             `json:"startTime,omitempty"`
	QOSClass              string            `json:"qosClass,omitempty"`
	InitContainerStatuses []ContainerStatus `json:"initContainerStatuses,omitempty"`
	ContainerStatuses     []ContainerStatus `json:"containerStatuses,omitempty"`
}

// PodIP is an address of a pod.
type PodIP struct {
	IP string `json:"ip"`
}

// Condition is a statement about an object that is true, false or unknown. Which of its times it has depends on the
// kind.
type Condition struct {
	Type               string `json:"type"`
	Status             string `json:"status"`
	ObservedGeneration int64  `json:"observedGeneration,omitempty"`
	LastProbeTime      Time   `json:"lastProbeTime,omitzero"`
	LastHeartbeatTime  Time   `json:"lastHeartbeatTime,omitzero"`
	LastUpdateTime     Time   `json:"lastUpdateTime,omitzero"`
	LastTransitionTime Time   `json:"lastTransitionTime,omitzero"`
	Reason             string `json:"reason,omitempty"`
	Message            string `json:"message,omitempty"`
}

// ContainerStatus is how a container is.
type ContainerStatus struct {
	Name         string         `json:"name"`
	State        ContainerState `json:"state,omitzero"`
	LastState    ContainerState `json:"lastState,omitzero"`
	Ready        bool           `json:"ready"`
	Started      *bool          `json:"started,omitempty"`
	RestartCount int32          `json:"restartCount"`
	Image        string         `json:"image"`
	ImageID      string         `json:"imageID"`
	ContainerID  string         `json:"containerID,omitempty"`
}

// ContainerState is one of three.
type ContainerState struct {
	Waiting    *WaitingState    `json:"waiting,omitempty"`
	Running    *RunningState    `json:"running,omitempty"`
	Terminated *TerminatedState `json:"terminated,omitempty"`
}

// WaitingState says why a container does not run yet.
type WaitingState struct {
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// RunningState says since when a container runs.
type RunningState struct {
	StartedAt Time `json:"startedAt,omitzero"`
}

// TerminatedState says how a container ended.
type TerminatedState struct {
	ExitCode    int32  `json:"exitCode"`
	Signal      int32  `json:"signal,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Message     string `json:"message,omitempty"`
	StartedAt   Time   `json:"startedAt,omitzero"`
	FinishedAt  Time   `json:"finishedAt,omitzero"`
	ContainerID string `json:"containerID,omitempty"`
}
