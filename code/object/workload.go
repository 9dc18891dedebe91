package object

import "k8s.io/apimachinery/pkg/util/intstr"

// Deployment keeps a number of equal pods, and exchanges them when what is wanted changes.
type Deployment struct {
	Type
	Meta   `json:"metadata"`
	Spec   DeploymentSpec   `json:"spec"`
	Status DeploymentStatus `json:"status,omitzero"`
}

// DeploymentSpec is what is wanted of a deployment.
type DeploymentSpec struct {
	Replicas                *int32        `json:"replicas,omitempty"`
	Selector                LabelSelector `json:"selector"`
	Template                PodTemplate   `json:"template"`
	Strategy                Strategy      `json:"strategy,omitzero"`
	MinReadySeconds         int32         `json:"minReadySeconds,omitempty"`
	RevisionHistoryLimit    *int32        `json:"revisionHistoryLimit,omitempty"`
	ProgressDeadlineSeconds *int32        `json:"progressDeadlineSeconds,omitempty"`
	Paused                  bool          `json:"paused,omitempty"`
}

// Strategy is how old pods are exchanged for new ones.
type Strategy struct {
	Type          string         `json:"type,omitempty"`
	RollingUpdate *RollingUpdate `json:"rollingUpdate,omitempty"`
}

// RollingUpdate says how many pods may be missing, or too many, meanwhile: a number or a percentage.
type RollingUpdate struct {
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`
	MaxSurge       *intstr.IntOrString `json:"maxSurge,omitempty"`
}

// DeploymentStatus is how far a deployment is.
type DeploymentStatus struct {
	ObservedGeneration  int64       `json:"observedGeneration,omitempty"`
	Replicas            int32       `json:"replicas,omitempty"`
	UpdatedReplicas     int32       `json:"updatedReplicas,omitempty"`
	ReadyReplicas       int32       `json:"readyReplicas,omitempty"`
	AvailableReplicas   int32       `json:"availableReplicas,omitempty"`
	UnavailableReplicas int32       `json:"unavailableReplicas,omitempty"`
	Conditions          []Condition `json:"conditions,omitempty"`
}

// ReplicaSet keeps a number of equal pods.
type ReplicaSet struct {
	Type
	Meta   `json:"metadata"`
	Spec   ReplicaSetSpec   `json:"spec"`
	Status ReplicaSetStatus `json:"status,omitzero"`
}

// ReplicaSetSpec is what is wanted of a replica set.
type ReplicaSetSpec struct {
	Replicas        *int32        `json:"replicas,omitempty"`
	MinReadySeconds int32         `json:"minReadySeconds,omitempty"`
	Selector        LabelSelector `json:"selector"`
	Template        PodTemplate   `json:"template,omitzero"`
}

// ReplicaSetStatus is how far a replica set is.
type ReplicaSetStatus struct {
	Replicas             int32       `json:"replicas"`
	FullyLabeledReplicas int32       `json:"fullyLabeledReplicas,omitempty"`
	ReadyReplicas        int32       `json:"readyReplicas,omitempty"`
	AvailableReplicas    int32       `json:"availableReplicas,omitempty"`
	ObservedGeneration   int64       `json:"observedGeneration,omitempty"`
	Conditions           []Condition `json:"conditions,omitempty"`
}

// PodTemplate is what pods are made from.
type PodTemplate struct {
	Meta `json:"metadata"`
	Spec PodSpec `json:"spec"`
}

// LabelSelector says which objects are meant: those to which all of it applies.
type LabelSelector struct {
	MatchLabels      map[string]string `json:"matchLabels,omitempty"`
	MatchExpressions []Requirement     `json:"matchExpressions,omitempty"`
}

// Requirement is a statement about one label.
type Requirement struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"` // In, NotIn, Exists, DoesNotExist
	Values   []string `json:"values,omitempty"`
}
