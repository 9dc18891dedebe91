package object

import "k8s.io/apimachinery/pkg/util/intstr"

// Service is an address that stays, for pods that come and go.
type Service struct {
	Type
	Meta   `json:"metadata"`
	Spec   ServiceSpec   `json:"spec"`
	Status ServiceStatus `json:"status,omitzero"`
}

// ServiceSpec is what is wanted of a service.
type ServiceSpec struct {
	Type            string            `json:"type,omitempty"`
	Selector        map[string]string `json:"selector,omitempty"`
	Ports           []ServicePort     `json:"ports,omitempty"`
	ClusterIP       string            `json:"clusterIP,omitempty"`
	SessionAffinity string            `json:"sessionAffinity,omitempty"`
}

// ServicePort is a port of a service, and the port of the pods behind it.
type ServicePort struct {
	Name       string             `json:"name,omitempty"`
	Protocol   string             `json:"protocol,omitempty"`
	Port       int32              `json:"port"`
	TargetPort intstr.IntOrString `json:"targetPort,omitzero"`
	NodePort   int32              `json:"nodePort,omitempty"`
}

// ServiceStatus is what has become of a service.
type ServiceStatus struct {
	LoadBalancer LoadBalancer `json:"loadBalancer,omitzero"`
	Conditions   []Condition  `json:"conditions,omitempty"`
}

// LoadBalancer is empty: there is none. Clients send it so.
type LoadBalancer struct{}

// Endpoints are the addresses behind a service.
type Endpoints struct {
	Type
	Meta    `json:"metadata"`
	Subsets []EndpointSubset `json:"subsets,omitempty"`
}

// EndpointSubset is some addresses, each with all of the ports.
type EndpointSubset struct {
	Addresses         []EndpointAddress `json:"addresses,omitempty"`
	NotReadyAddresses []EndpointAddress `json:"notReadyAddresses,omitempty"`
	Ports             []EndpointPort    `json:"ports,omitempty"`
}

// EndpointAddress is the address of a pod.
type EndpointAddress struct {
	IP        string     `json:"ip"`
	Hostname  string     `json:"hostname,omitempty"`
	NodeName  string     `json:"nodeName,omitempty"`
	TargetRef *Reference `json:"targetRef,omitempty"`
}

// EndpointPort is a port of a pod.
type EndpointPort struct {
	Name     string `json:"name,omitempty"`
	Port     int32  `json:"port"`
	Protocol string `json:"protocol,omitempty"`
}

// Reference names an object.
type Reference struct {
	Kind            string `json:"kind,omitempty"`
	Namespace       string `json:"namespace,omitempty"`
	Name            string `json:"name,omitempty"`
	UID             string `json:"uid,omitempty"`
	APIVersion      string `json:"apiVersion,omitempty"`
	ResourceVersion string `json:"resourceVersion,omitempty"`
	FieldPath       string `json:"fieldPath,omitempty"`
}
