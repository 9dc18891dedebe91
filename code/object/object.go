// Package object has the kinds of object that Shepherd keeps, with the names, the JSON and the rules of Kubernetes: v1
// and apps/v1, and Lease of coordination.k8s.io/v1.
//
// It does nothing but say what an object is: [Decode] and [Encode], [SetDefaults], [Validate] and [ValidateUpdate],
// [Selector]. No clock, no file, no network is used, and everything that comes from outside has a bound, so that the
// server, the store, the command line and tests share it.
//
// A kind has the fields that Shepherd acts on, which are fewer than those of Kubernetes. [Decode] reports any other by
// its path, `unknown field "spec.affinity"`, as an API server does that is asked for strict validation. Whether that
// is refused or a warning is for the caller to say; it is never dropped in silence.
//
// # Caveats
//
// Durations, ports and counts have the bounds of Kubernetes, but an amount such as 1e30 of memory is valid, as there:
// only a scheduler knows that no node has it.
//
// See https://kubernetes.io/docs/reference/kubernetes-api/ for each field.
package object

import (
	"slices"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Object is an object of one of the [Kinds], as a pointer.
type Object interface {
	// GetMeta returns its metadata, to be read and changed.
	GetMeta() *Meta

	getType() *Type
	kind() *Kind
	setDefaults()
	validate() field.ErrorList
	validateUpdate(old Object) field.ErrorList
	selectable() fields.Set
}

// Type is the part of an object's JSON that says what it is. [SetDefaults] and [Decode] fill it in.
type Type struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
}

func (t *Type) getType() *Type { return t }

// Kind is what the objects of one kind have in common, as an API server tells its clients.
type Kind struct {
	Group      string // empty for v1
	Version    string
	Name       string // Deployment
	Plural     string // deployments: the resource
	Singular   string // deployment
	Short      []string
	Namespaced bool

	// fields are those by which objects are selected, besides their name and namespace.
	fields   []string
	make     func() Object
	nameRule func(name string, prefix bool) []string
}

// The kinds.
var (
	Pods = &Kind{Version: "v1", Name: "Pod", Plural: "pods", Singular: "pod", Short: []string{"po"}, Namespaced: true,
		fields: []string{"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "status.phase", "status.podIP"},
		make:   func() Object { return &Pod{} }, nameRule: subdomain}
	Services = &Kind{Version: "v1", Name: "Service", Plural: "services", Singular: "service", Short: []string{"svc"},
		Namespaced: true, fields: []string{"spec.clusterIP", "spec.type"},
		make: func() Object { return &Service{} }, nameRule: label1035}
	Endpointses = &Kind{Version: "v1", Name: "Endpoints", Plural: "endpoints", Singular: "endpoints",
		Short: []string{"ep"}, Namespaced: true, make: func() Object { return &Endpoints{} }, nameRule: subdomain}
	Deployments = &Kind{Group: "apps", Version: "v1", Name: "Deployment", Plural: "deployments",
		Singular: "deployment", Short: []string{"deploy"}, Namespaced: true,
		make: func() Object { return &Deployment{} }, nameRule: subdomain}
	ReplicaSets = &Kind{Group: "apps", Version: "v1", Name: "ReplicaSet", Plural: "replicasets",
		Singular: "replicaset", Short: []string{"rs"}, Namespaced: true, fields: []string{"status.replicas"},
		make: func() Object { return &ReplicaSet{} }, nameRule: subdomain}
	Nodes = &Kind{Version: "v1", Name: "Node", Plural: "nodes", Singular: "node", Short: []string{"no"},
		fields: []string{"spec.unschedulable"}, make: func() Object { return &Node{} }, nameRule: subdomain}
	Events = &Kind{Version: "v1", Name: "Event", Plural: "events", Singular: "event", Short: []string{"ev"},
		Namespaced: true, fields: []string{"involvedObject.apiVersion", "involvedObject.fieldPath",
			"involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "involvedObject.resourceVersion",
			"involvedObject.uid", "reason", "reportingComponent", "source", "type"},
		make: func() Object { return &Event{} }, nameRule: subdomain}
	Namespaces = &Kind{Version: "v1", Name: "Namespace", Plural: "namespaces", Singular: "namespace",
		Short: []string{"ns"}, fields: []string{"status.phase"},
		make: func() Object { return &Namespace{} }, nameRule: label1123}
	ConfigMaps = &Kind{Version: "v1", Name: "ConfigMap", Plural: "configmaps", Singular: "configmap",
		Short: []string{"cm"}, Namespaced: true, make: func() Object { return &ConfigMap{} }, nameRule: subdomain}
	Secrets = &Kind{Version: "v1", Name: "Secret", Plural: "secrets", Singular: "secret", Namespaced: true,
		fields: []string{"type"}, make: func() Object { return &Secret{} }, nameRule: subdomain}
	Leases = &Kind{Group: "coordination.k8s.io", Version: "v1", Name: "Lease", Plural: "leases", Singular: "lease",
		Namespaced: true, make: func() Object { return &Lease{} }, nameRule: subdomain}
)

// Kinds are all kinds, sorted by their plurals.
var Kinds = []*Kind{ConfigMaps, Deployments, Endpointses, Events, Leases, Namespaces, Nodes, Pods, ReplicaSets, Secrets,
	Services}

// APIVersion returns the group and the version as objects have them: v1, apps/v1.
func (k *Kind) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// String returns the plural with its group, as Kubernetes names a resource in errors: pods, deployments.apps.
func (k *Kind) String() string { return qualified(k.Plural, k.Group) }

// QualifiedName returns the name with its group: Pod, Deployment.apps.
func (k *Kind) QualifiedName() string { return qualified(k.Name, k.Group) }

func qualified(name, group string) string {
	if group == "" {
		return name
	}
	return name + "." + group
}

// New returns an empty object of the kind.
func (k *Kind) New() Object {
	obj := k.make()
	*obj.getType() = k.typ()
	return obj
}

func (k *Kind) typ() Type { return Type{Kind: k.Name, APIVersion: k.APIVersion()} }

// KindOf returns the kind of an object.
func KindOf(obj Object) *Kind { return obj.kind() }

// Lookup returns the kind that objects name so, and nil if there is none.
func Lookup(apiVersion, name string) *Kind {
	return find(func(k *Kind) bool { return k.APIVersion() == apiVersion && k.Name == name })
}

// LookupPlural returns the kind of a resource, and nil if there is none.
func LookupPlural(group, plural string) *Kind {
	return find(func(k *Kind) bool { return k.Group == group && k.Plural == plural })
}

func find(is func(*Kind) bool) *Kind {
	if index := slices.IndexFunc(Kinds, is); index >= 0 {
		return Kinds[index]
	}
	return nil
}

func (*Pod) kind() *Kind        { return Pods }
func (*Service) kind() *Kind    { return Services }
func (*Endpoints) kind() *Kind  { return Endpointses }
func (*Deployment) kind() *Kind { return Deployments }
func (*ReplicaSet) kind() *Kind { return ReplicaSets }
func (*Node) kind() *Kind       { return Nodes }
func (*Event) kind() *Kind      { return Events }
func (*Namespace) kind() *Kind  { return Namespaces }
func (*ConfigMap) kind() *Kind  { return ConfigMaps }
func (*Secret) kind() *Kind     { return Secrets }
func (*Lease) kind() *Kind      { return Leases }

// Counted reports whether the objects of a kind have a generation.
func (k *Kind) Counted() bool { return k == Pods || k == Deployments || k == ReplicaSets }

// SameSpec reports whether two objects of a kind that is [Kind.Counted] want the same.
func SameSpec(a, b Object) bool {
	switch a := a.(type) {
	case *Pod:
		return sameSpec(&a.Spec, &b.(*Pod).Spec)
	case *Deployment:
		return sameSpec(&a.Spec, &b.(*Deployment).Spec)
	case *ReplicaSet:
		return sameSpec(&a.Spec, &b.(*ReplicaSet).Spec)
	}
	return true
}
