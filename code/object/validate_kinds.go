package object

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var spec = field.NewPath("spec")

// sameSpec reports whether two values are the same in JSON, where an empty list is left out, and 1000m of a processor
// are 1.
func sameSpec(a, b any) bool {
	one, err := json.Marshal(a)
	other, also := json.Marshal(b)
	return err == nil && also == nil && bytes.Equal(one, other)
}

func (d *Deployment) validate() field.ErrorList {
	s := &d.Spec
	problems := validSet("deployment", s.Replicas, s.MinReadySeconds, &s.Selector, &s.Template)
	if s.RevisionHistoryLimit != nil {
		problems = append(problems, notNegative(spec.Child("revisionHistoryLimit"), *s.RevisionHistoryLimit)...)
	}
	if deadline := s.ProgressDeadlineSeconds; deadline != nil {
		at := spec.Child("progressDeadlineSeconds")
		problems = append(problems, notNegative(at, *deadline)...)
		if *deadline >= 0 && *deadline <= s.MinReadySeconds {
			problems = append(problems, field.Invalid(at, *deadline, "must be greater than minReadySeconds"))
		}
	}
	return append(problems, s.Strategy.validate(spec.Child("strategy"))...)
}

func (s *Strategy) validate(at *field.Path) field.ErrorList {
	if s.Type != "RollingUpdate" {
		problems := oneOf(at.Child("type"), s.Type, "Recreate", "RollingUpdate")
		if s.RollingUpdate != nil {
			problems = append(problems, field.Forbidden(at.Child("rollingUpdate"),
				"may not be specified when strategy `type` is 'Recreate'"))
		}
		return problems
	}
	at = at.Child("rollingUpdate")
	if s.RollingUpdate == nil || s.RollingUpdate.MaxUnavailable == nil || s.RollingUpdate.MaxSurge == nil {
		return field.ErrorList{field.Required(at, "this should be defaulted and never be nil")}
	}
	unavailable, surge := *s.RollingUpdate.MaxUnavailable, *s.RollingUpdate.MaxSurge
	problems := validShare(at.Child("maxUnavailable"), unavailable)
	problems = append(problems, validShare(at.Child("maxSurge"), surge)...)
	if len(problems) == 0 {
		missing, _ := intstr.GetScaledValueFromIntOrPercent(&unavailable, 100, true)
		more, _ := intstr.GetScaledValueFromIntOrPercent(&surge, 100, true)
		if missing == 0 && more == 0 {
			problems = append(problems, field.Invalid(at.Child("maxUnavailable"), unavailable.String(),
				"may not be 0 when `maxSurge` is 0"))
		}
		if unavailable.Type == intstr.String && missing > 100 {
			problems = append(problems, field.Invalid(at.Child("maxUnavailable"), unavailable.String(),
				"must not be greater than 100%"))
		}
	}
	return problems
}

// validShare looks at a number, or a percentage.
func validShare(at *field.Path, share intstr.IntOrString) field.ErrorList {
	if share.Type == intstr.Int {
		return notNegative(at, share.IntVal)
	}
	complaints := validation.IsValidPercent(share.StrVal)
	if len(complaints) == 0 {
		if _, err := intstr.GetScaledValueFromIntOrPercent(&share, 100, true); err != nil {
			complaints = []string{err.Error()} // more digits than an int has
		}
	}
	return says(at, share.StrVal, complaints)
}

// validSet looks at what deployments and replica sets have in common.
func validSet(kind string, replicas *int32, minReady int32, selector *LabelSelector, template *PodTemplate,
) field.ErrorList {
	var problems field.ErrorList
	if replicas != nil {
		problems = notNegative(spec.Child("replicas"), *replicas)
	}
	problems = append(problems, notNegative(spec.Child("minReadySeconds"), minReady)...)
	parsed, wrong := selector.parse(spec.Child("selector"))
	problems = append(problems, wrong...)
	at := spec.Child("template")
	switch {
	case len(wrong) > 0:
	case parsed.Empty():
		problems = append(problems, field.Invalid(spec.Child("selector"), selector.MatchLabels,
			"empty selector is invalid for "+kind))
	case !parsed.Matches(labels.Set(template.Labels)):
		problems = append(problems, field.Invalid(at.Child("metadata", "labels"), template.Labels,
			"`selector` does not match template `labels`"))
	}
	problems = append(problems, template.validateNotes(at.Child("metadata"))...)
	problems = append(problems, template.Spec.validate(at.Child("spec"))...)
	if policy := template.Spec.RestartPolicy; policy == "OnFailure" || policy == "Never" {
		problems = append(problems, field.NotSupported(at.Child("spec", "restartPolicy"), policy, []string{"Always"}))
	}
	return problems
}

func (r *ReplicaSet) validate() field.ErrorList {
	s := &r.Spec
	return validSet("replicaset", s.Replicas, s.MinReadySeconds, &s.Selector, &s.Template)
}

func (d *Deployment) validateUpdate(old Object) field.ErrorList {
	return sameSelector(&d.Spec.Selector, &old.(*Deployment).Spec.Selector)
}

func (r *ReplicaSet) validateUpdate(old Object) field.ErrorList {
	return sameSelector(&r.Spec.Selector, &old.(*ReplicaSet).Spec.Selector)
}

func sameSelector(now, before *LabelSelector) field.ErrorList {
	if sameSpec(now, before) {
		return nil
	}
	return field.ErrorList{field.Invalid(spec.Child("selector"), *now, "field is immutable")}
}

func (s *Service) validate() field.ErrorList {
	problems := oneOf(spec.Child("type"), s.Spec.Type, "ClusterIP", "NodePort")
	problems = append(problems, oneOf(spec.Child("sessionAffinity"), s.Spec.SessionAffinity, "None")...)
	problems = append(problems, validLabels(spec.Child("selector"), s.Spec.Selector)...)
	headless := s.Spec.ClusterIP == "None"
	if s.Spec.ClusterIP != "" && !headless {
		problems = append(problems, validIP(spec.Child("clusterIP"), s.Spec.ClusterIP)...)
	}
	at := spec.Child("ports")
	if len(s.Spec.Ports) == 0 && !headless {
		problems = append(problems, field.Required(at, ""))
	}
	names, ports := map[string]bool{}, map[string]bool{}
	for index, port := range s.Spec.Ports {
		at := at.Index(index)
		if port.Name == "" && len(s.Spec.Ports) > 1 {
			problems = append(problems, field.Required(at.Child("name"), ""))
		}
		if port.Name != "" {
			problems = append(problems, says(at.Child("name"), port.Name, validation.IsDNS1123Label(port.Name))...)
			problems = append(problems, unique(at.Child("name"), names, port.Name)...)
		}
		problems = append(problems, validPort(at.Child("port"), port.Port)...)
		number := intstr.FromInt32(port.Port)
		problems = append(problems, unique(at, ports, port.Protocol+"/"+number.String())...)
		problems = append(problems, validPortRef(at.Child("targetPort"), port.TargetPort)...)
		problems = append(problems, oneOf(at.Child("protocol"), port.Protocol, protocols...)...)
		switch {
		case port.NodePort != 0 && s.Spec.Type == "ClusterIP":
			problems = append(problems, field.Forbidden(at.Child("nodePort"),
				"may not be used when `type` is 'ClusterIP'"))
		case port.NodePort != 0:
			problems = append(problems, validPort(at.Child("nodePort"), port.NodePort)...)
		}
	}
	return problems
}

func (s *Service) validateUpdate(old Object) field.ErrorList {
	before := old.(*Service).Spec.ClusterIP
	if before == "" {
		return nil
	}
	return same(spec.Child("clusterIP"), s.Spec.ClusterIP, before)
}

func validIP(at *field.Path, text string) field.ErrorList {
	if _, err := netip.ParseAddr(text); err != nil || strings.Contains(text, "%") {
		return field.ErrorList{field.Invalid(at, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")}
	}
	return nil
}

func (e *Endpoints) validate() (problems field.ErrorList) {
	for index, subset := range e.Subsets {
		at := field.NewPath("subsets").Index(index)
		if len(subset.Addresses)+len(subset.NotReadyAddresses) == 0 {
			problems = append(problems, field.Required(at, "must specify `addresses` or `notReadyAddresses`"))
		}
		for index, address := range subset.Addresses {
			problems = append(problems, validIP(at.Child("addresses").Index(index).Child("ip"), address.IP)...)
		}
		for index, address := range subset.NotReadyAddresses {
			problems = append(problems, validIP(at.Child("notReadyAddresses").Index(index).Child("ip"), address.IP)...)
		}
		for index, port := range subset.Ports {
			at := at.Child("ports").Index(index)
			if port.Name == "" && len(subset.Ports) > 1 {
				problems = append(problems, field.Required(at.Child("name"), ""))
			}
			problems = append(problems, validPort(at.Child("port"), port.Port)...)
			problems = append(problems, oneOf(at.Child("protocol"), port.Protocol, protocols...)...)
		}
	}
	return problems
}

func (n *Node) validate() field.ErrorList {
	var problems field.ErrorList
	for index, taint := range n.Spec.Taints {
		at := spec.Child("taints").Index(index)
		problems = append(problems, says(at.Child("key"), taint.Key, content.IsLabelKey(taint.Key))...)
		problems = append(problems, oneOf(at.Child("effect"), taint.Effect, effects...)...)
	}
	for _, list := range []struct {
		name    string
		amounts ResourceList
	}{{"allocatable", n.Status.Allocatable}, {"capacity", n.Status.Capacity}} {
		for _, name := range sorted(list.amounts) {
			if amount := list.amounts[name]; amount.Cmp(resource.Quantity{}) < 0 {
				problems = append(problems, field.Invalid(field.NewPath("status", list.name).Key(name), amount.String(),
					"must be greater than or equal to 0"))
			}
		}
	}
	return problems
}

// validate demands what Kubernetes does: an event lies where its object does, and that of a node in default.
func (e *Event) validate() field.ErrorList {
	of := e.InvolvedObject.Namespace
	if of == e.Namespace || of == "" && (e.Namespace == "default" || e.Namespace == "kube-system") {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("involvedObject", "namespace"), of,
		"does not match event.namespace")}
}

func (n *Namespace) validate() field.ErrorList {
	return oneOf(field.NewPath("status", "phase"), n.Status.Phase, "Active", "Terminating")
}

// maxData is how many bytes the values of a configuration or a secret may have.
const maxData = 1 << 20

func (c *ConfigMap) validate() field.ErrorList {
	size := 0
	problems := validKeys(field.NewPath("data"), sorted(c.Data))
	for _, value := range c.Data {
		size += len(value)
	}
	at := field.NewPath("binaryData")
	problems = append(problems, validKeys(at, sorted(c.BinaryData))...)
	for _, key := range sorted(c.BinaryData) {
		size += len(c.BinaryData[key])
		if _, there := c.Data[key]; there {
			problems = append(problems, field.Invalid(at.Key(key), key, "duplicate of key present in data"))
		}
	}
	if size > maxData {
		problems = append(problems, field.TooLong(field.NewPath(""), "", maxData))
	}
	return problems
}

func validKeys(at *field.Path, keys []string) (problems field.ErrorList) {
	for _, key := range keys {
		problems = append(problems, says(at.Key(key), key, validation.IsConfigMapKey(key))...)
	}
	return problems
}

func (s *Secret) validate() field.ErrorList {
	at := field.NewPath("data")
	problems := validKeys(at, sorted(s.Data))
	size := 0
	for _, value := range s.Data {
		size += len(value)
	}
	if size > maxData {
		problems = append(problems, field.TooLong(at, "", maxData))
	}
	return append(problems, required(field.NewPath("type"), s.SecretType)...)
}

func (c *ConfigMap) validateUpdate(old Object) field.ErrorList {
	before := old.(*ConfigMap)
	return frozen(before.Immutable, c.Immutable, map[string][2]any{"data": {c.Data, before.Data},
		"binaryData": {c.BinaryData, before.BinaryData}})
}

func (s *Secret) validateUpdate(old Object) field.ErrorList {
	before := old.(*Secret)
	problems := same(field.NewPath("type"), s.SecretType, before.SecretType)
	return append(problems, frozen(before.Immutable, s.Immutable, map[string][2]any{"data": {s.Data, before.Data}})...)
}

// frozen returns an error for each field that has changed, now and before, of an object that is immutable.
func frozen(before, now *bool, values map[string][2]any) (problems field.ErrorList) {
	if before == nil || !*before {
		return nil
	}
	if now == nil || !*now {
		problems = append(problems, field.Forbidden(field.NewPath("immutable"),
			"field is immutable when `immutable` is set"))
	}
	for _, name := range sorted(values) {
		if !sameSpec(values[name][0], values[name][1]) {
			problems = append(problems, field.Forbidden(field.NewPath(name),
				"field is immutable when `immutable` is set"))
		}
	}
	return problems
}

func (l *Lease) validate() (problems field.ErrorList) {
	if d := l.Spec.LeaseDurationSeconds; d != nil && *d <= 0 {
		problems = append(problems, field.Invalid(spec.Child("leaseDurationSeconds"), *d, "must be greater than 0"))
	}
	if n := l.Spec.LeaseTransitions; n != nil {
		problems = append(problems, notNegative(spec.Child("leaseTransitions"), *n)...)
	}
	return problems
}

func (*Endpoints) validateUpdate(Object) field.ErrorList { return nil }
func (*Node) validateUpdate(Object) field.ErrorList      { return nil }
func (*Event) validateUpdate(Object) field.ErrorList     { return nil }
func (*Namespace) validateUpdate(Object) field.ErrorList { return nil }
func (*Lease) validateUpdate(Object) field.ErrorList     { return nil }
