package object

import (
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// SetDefaults fills in what Kubernetes fills in when it is left out, and moves what is written in one place and kept in
// another. Doing so twice changes nothing.
func SetDefaults(obj Object) {
	*obj.getType() = KindOf(obj).typ()
	obj.setDefaults()
}

// orElse gives a field a value if it has none.
func orElse[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

// orPointer gives an optional field a value if it has none.
func orPointer[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

func (p *Pod) setDefaults() {
	p.Spec.setDefaults()
	orElse(&p.Status.Phase, "Pending")
}

func (s *PodSpec) setDefaults() {
	orElse(&s.RestartPolicy, "Always")
	orElse(&s.DNSPolicy, "ClusterFirst")
	orElse(&s.SchedulerName, "default-scheduler")
	orPointer(&s.TerminationGracePeriodSeconds, 30)
	for index := range s.InitContainers {
		s.InitContainers[index].setDefaults()
	}
	for index := range s.Containers {
		s.Containers[index].setDefaults()
	}
	for index := range s.Tolerations {
		orElse(&s.Tolerations[index].Operator, "Equal")
	}
}

func (c *Container) setDefaults() {
	orElse(&c.ImagePullPolicy, pullPolicy(c.Image))
	for index := range c.Ports {
		orElse(&c.Ports[index].Protocol, "TCP")
	}
	for _, probe := range []*Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if probe == nil {
			continue
		}
		orElse(&probe.TimeoutSeconds, 1)
		orElse(&probe.PeriodSeconds, 10)
		orElse(&probe.SuccessThreshold, 1)
		orElse(&probe.FailureThreshold, 3)
		if probe.HTTPGet != nil {
			orElse(&probe.HTTPGet.Path, "/")
			orElse(&probe.HTTPGet.Scheme, "HTTP")
		}
	}
	// A container that may have so much and no more is taken to need it.
	for name, limit := range c.Resources.Limits {
		if _, there := c.Resources.Requests[name]; !there {
			if c.Resources.Requests == nil {
				c.Resources.Requests = ResourceList{}
			}
			c.Resources.Requests[name] = Quantity{limit.DeepCopy()}
		}
	}
}

// pullPolicy returns whether an image is fetched each time: one whose name can come to mean another is.
func pullPolicy(image string) string {
	name, _, byDigest := strings.Cut(image, "@")
	_, tag, tagged := strings.Cut(name[strings.LastIndex(name, "/")+1:], ":")
	if !byDigest && (!tagged || tag == "latest") {
		return "Always"
	}
	return "IfNotPresent"
}

func (d *Deployment) setDefaults() {
	orPointer(&d.Spec.Replicas, 1)
	orPointer(&d.Spec.RevisionHistoryLimit, 10)
	orPointer(&d.Spec.ProgressDeadlineSeconds, 600)
	strategy := &d.Spec.Strategy
	orElse(&strategy.Type, "RollingUpdate")
	if strategy.Type == "RollingUpdate" {
		orPointer(&strategy.RollingUpdate, RollingUpdate{})
		orPointer(&strategy.RollingUpdate.MaxUnavailable, intstr.FromString("25%"))
		orPointer(&strategy.RollingUpdate.MaxSurge, intstr.FromString("25%"))
	}
	d.Spec.Template.Spec.setDefaults()
}

func (r *ReplicaSet) setDefaults() {
	orPointer(&r.Spec.Replicas, 1)
	r.Spec.Template.Spec.setDefaults()
}

func (s *Service) setDefaults() {
	orElse(&s.Spec.Type, "ClusterIP")
	orElse(&s.Spec.SessionAffinity, "None")
	for index := range s.Spec.Ports {
		port := &s.Spec.Ports[index]
		orElse(&port.Protocol, "TCP")
		if port.TargetPort == (intstr.IntOrString{}) || port.TargetPort == intstr.FromString("") {
			port.TargetPort = intstr.FromInt32(port.Port)
		}
	}
}

func (e *Endpoints) setDefaults() {
	for _, subset := range e.Subsets {
		for index := range subset.Ports {
			orElse(&subset.Ports[index].Protocol, "TCP")
		}
	}
}

func (n *Node) setDefaults() {
	if n.Status.Allocatable == nil && n.Status.Capacity != nil {
		n.Status.Allocatable = maps.Clone(n.Status.Capacity)
	}
}

// nameLabel is the label by which selectors find a namespace.
const nameLabel = "kubernetes.io/metadata.name"

func (n *Namespace) setDefaults() {
	orElse(&n.Status.Phase, "Active")
	if n.Name != "" {
		if n.Labels == nil {
			n.Labels = map[string]string{}
		}
		n.Labels[nameLabel] = n.Name
	}
}

func (s *Secret) setDefaults() {
	orElse(&s.SecretType, "Opaque")
	for key, value := range s.StringData {
		if s.Data == nil {
			s.Data = map[string][]byte{}
		}
		s.Data[key] = []byte(value)
	}
	s.StringData = nil
}

func (*Event) setDefaults()     {}
func (*ConfigMap) setDefaults() {}
func (*Lease) setDefaults()     {}
