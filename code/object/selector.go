package object

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxSelector is how long the text of a selector may be. A longer one does not fit into an address.
const maxSelector = 8 << 10

var errSelectorTooLong = fmt.Errorf("the selector is longer than %d bytes", maxSelector)

// Selector says which objects of a kind are meant. Its zero value means all.
type Selector struct {
	labels labels.Selector
	fields fields.Selector
}

// ParseSelector reads a selector of labels, `app=web,tier in (front, back),!old`, and one of fields,
// `spec.nodeName=node-1,status.phase!=Running`. Either may be empty. A field by which the kind cannot be selected is an
// error.
func ParseSelector(kind *Kind, byLabels, byFields string) (Selector, error) {
	if len(byLabels) > maxSelector || len(byFields) > maxSelector {
		return Selector{}, errSelectorTooLong
	}
	var s Selector
	var err error
	if byLabels != "" {
		if s.labels, err = labels.Parse(byLabels); err != nil {
			return Selector{}, fmt.Errorf("unable to parse label selector: %w", err)
		}
	}
	if byFields != "" {
		if s.fields, err = fields.ParseSelector(byFields); err != nil {
			return Selector{}, fmt.Errorf("unable to parse field selector: %w", err)
		}
		for _, requirement := range s.fields.Requirements() {
			if !kind.selectableBy(requirement.Field) {
				return Selector{}, fmt.Errorf("field label not supported: %s", requirement.Field)
			}
		}
	}
	return s, nil
}

func (k *Kind) selectableBy(name string) bool {
	return name == "metadata.name" || k.Namespaced && name == "metadata.namespace" || slices.Contains(k.fields, name)
}

// SelectAll returns a selector of objects that have all of these labels.
func SelectAll(set map[string]string) Selector {
	return Selector{labels: labels.SelectorFromSet(set)}
}

// Selector returns what the selector of a deployment or a replica set means. An empty one means all, as in Kubernetes.
func (l *LabelSelector) Selector() (Selector, error) {
	parsed, problems := l.parse(nil)
	return Selector{labels: parsed}, problems.ToAggregate()
}

func (l *LabelSelector) parse(path *field.Path) (labels.Selector, field.ErrorList) {
	var problems field.ErrorList
	parsed := labels.NewSelector()
	add := func(path *field.Path, key string, operator selection.Operator, values []string) {
		requirement, err := labels.NewRequirement(key, operator, values, field.WithPath(path))
		if err == nil {
			parsed = parsed.Add(*requirement)
			return
		}
		var aggregate interface{ Errors() []error }
		all := []error{err}
		if errors.As(err, &aggregate) {
			all = aggregate.Errors()
		}
		for _, err := range all {
			var problem *field.Error
			if !errors.As(err, &problem) {
				problem = field.Invalid(path, key, err.Error())
			}
			problems = append(problems, problem)
		}
	}
	for _, key := range sorted(l.MatchLabels) {
		add(child(path, "matchLabels"), key, selection.Equals, []string{l.MatchLabels[key]})
	}
	for index, r := range l.MatchExpressions {
		path := child(path, "matchExpressions").Index(index)
		operator, known := operators[r.Operator]
		if !known {
			problems = append(problems, field.NotSupported(path.Child("operator"), r.Operator, sorted(operators)))
			continue
		}
		add(path, r.Key, operator, r.Values)
	}
	return parsed, problems
}

var operators = map[string]selection.Operator{"In": selection.In, "NotIn": selection.NotIn, "Exists": selection.Exists,
	"DoesNotExist": selection.DoesNotExist}

// child also makes the path of a field at the top.
func child(path *field.Path, name string) *field.Path {
	if path == nil {
		return field.NewPath(name)
	}
	return path.Child(name)
}

// All reports whether the selector means all objects.
func (s Selector) All() bool {
	return (s.labels == nil || s.labels.Empty()) && (s.fields == nil || s.fields.Empty())
}

// Matches reports whether an object is meant.
func (s Selector) Matches(obj Object) bool {
	if s.labels != nil && !s.labels.Matches(labels.Set(obj.GetMeta().Labels)) {
		return false
	}
	if s.fields == nil || s.fields.Empty() {
		return true
	}
	set := obj.selectable()
	if set == nil {
		set = fields.Set{}
	}
	meta := obj.GetMeta()
	set["metadata.name"], set["metadata.namespace"] = meta.Name, meta.Namespace
	return s.fields.Matches(set)
}

func (p *Pod) selectable() fields.Set {
	return fields.Set{"spec.nodeName": p.Spec.NodeName, "spec.restartPolicy": p.Spec.RestartPolicy,
		"spec.schedulerName": p.Spec.SchedulerName, "status.phase": p.Status.Phase, "status.podIP": p.Status.PodIP}
}

func (s *Service) selectable() fields.Set {
	return fields.Set{"spec.clusterIP": s.Spec.ClusterIP, "spec.type": s.Spec.Type}
}

func (r *ReplicaSet) selectable() fields.Set {
	return fields.Set{"status.replicas": strconv.Itoa(int(r.Status.Replicas))}
}

func (n *Node) selectable() fields.Set {
	return fields.Set{"spec.unschedulable": strconv.FormatBool(n.Spec.Unschedulable)}
}

func (e *Event) selectable() fields.Set {
	source := e.Source.Component
	if source == "" {
		source = e.ReportingComponent
	}
	of := e.InvolvedObject
	return fields.Set{"involvedObject.apiVersion": of.APIVersion, "involvedObject.fieldPath": of.FieldPath,
		"involvedObject.kind": of.Kind, "involvedObject.name": of.Name, "involvedObject.namespace": of.Namespace,
		"involvedObject.resourceVersion": of.ResourceVersion, "involvedObject.uid": of.UID, "reason": e.Reason,
		"reportingComponent": e.ReportingComponent, "source": source, "type": e.Severity}
}

func (n *Namespace) selectable() fields.Set { return fields.Set{"status.phase": n.Status.Phase} }
func (s *Secret) selectable() fields.Set    { return fields.Set{"type": s.SecretType} }

func (*Endpoints) selectable() fields.Set  { return nil }
func (*Deployment) selectable() fields.Set { return nil }
func (*ConfigMap) selectable() fields.Set  { return nil }
func (*Lease) selectable() fields.Set      { return nil }
