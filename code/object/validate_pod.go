package object

import (
	"path"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (p *Pod) validate() field.ErrorList {
	problems := p.Spec.validate(field.NewPath("spec"))
	return append(problems, oneOf(field.NewPath("status", "phase"), p.Status.Phase, "Pending", "Running", "Succeeded",
		"Failed", "Unknown")...)
}

// validateUpdate allows what Kubernetes allows: another image, more tolerations. And a node, once: there it is a
// binding that says so.
func (p *Pod) validateUpdate(old Object) field.ErrorList {
	before := old.(*Pod)
	spec := field.NewPath("spec")
	now, was := p.Spec, before.Spec
	if was.NodeName == "" {
		now.NodeName = ""
	}
	if len(now.Tolerations) >= len(was.Tolerations) && !slices.ContainsFunc(was.Tolerations, func(t Toleration) bool {
		return !slices.ContainsFunc(now.Tolerations, func(other Toleration) bool { return reflect.DeepEqual(t, other) })
	}) {
		now.Tolerations = was.Tolerations
	}
	now.Containers = withImagesOf(was.Containers, now.Containers)
	now.InitContainers = withImagesOf(was.InitContainers, now.InitContainers)
	if sameSpec(now, was) {
		return nil
	}
	return field.ErrorList{field.Forbidden(spec, "pod updates may not change fields other than "+
		"`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.tolerations` (only additions to existing "+
		"tolerations) and `spec.nodeName` (only if it is empty)")}
}

// withImagesOf returns containers with the images of others, in which they may differ.
func withImagesOf(others, containers []Container) []Container {
	if len(others) != len(containers) {
		return containers
	}
	containers = slices.Clone(containers)
	for index := range containers {
		containers[index].Image = others[index].Image
	}
	return containers
}

func (s *PodSpec) validate(at *field.Path) field.ErrorList {
	var problems field.ErrorList
	volumes := map[string]bool{}
	for index, volume := range s.Volumes {
		problems = append(problems, volume.validate(at.Child("volumes").Index(index), volumes)...)
	}
	if len(s.Containers) == 0 {
		problems = append(problems, field.Required(at.Child("containers"), ""))
	}
	names := map[string]bool{}
	for index := range s.InitContainers {
		c := &s.InitContainers[index]
		at := at.Child("initContainers").Index(index)
		problems = append(problems, c.validate(at, names, volumes)...)
		for name, probe := range map[string]*Probe{"livenessProbe": c.LivenessProbe, "readinessProbe": c.ReadinessProbe,
			"startupProbe": c.StartupProbe} {
			if probe != nil {
				problems = append(problems, field.Forbidden(at.Child(name),
					"may not be set for init containers without restartPolicy=Always"))
			}
		}
	}
	for index := range s.Containers {
		at := at.Child("containers").Index(index)
		problems = append(problems, s.Containers[index].validate(at, names, volumes)...)
	}
	problems = append(problems, s.validatePlace(at)...)
	return problems
}

// validatePlace looks at what concerns the pod as a whole, and where it may run.
func (s *PodSpec) validatePlace(at *field.Path) field.ErrorList {
	problems := oneOf(at.Child("restartPolicy"), s.RestartPolicy, "Always", "OnFailure", "Never")
	problems = append(problems, oneOf(at.Child("dnsPolicy"), s.DNSPolicy, "ClusterFirst", "Default")...)
	if s.TerminationGracePeriodSeconds != nil {
		problems = append(problems, notNegative(at.Child("terminationGracePeriodSeconds"),
			*s.TerminationGracePeriodSeconds)...)
	}
	if s.NodeName != "" {
		problems = append(problems, says(at.Child("nodeName"), s.NodeName, subdomain(s.NodeName, false))...)
	}
	problems = append(problems, validLabels(at.Child("nodeSelector"), s.NodeSelector)...)
	if s.Hostname != "" {
		problems = append(problems, says(at.Child("hostname"), s.Hostname, validation.IsDNS1123Label(s.Hostname))...)
	}
	for index, t := range s.Tolerations {
		at := at.Child("tolerations").Index(index)
		problems = append(problems, oneOf(at.Child("operator"), t.Operator, "Equal", "Exists")...)
		if t.Key != "" {
			problems = append(problems, says(at.Child("key"), t.Key, content.IsLabelKey(t.Key))...)
		} else if t.Operator != "Exists" {
			problems = append(problems, field.Invalid(at.Child("operator"), t.Operator,
				"operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
		}
		if t.Operator == "Exists" && t.Value != "" {
			problems = append(problems, field.Invalid(at.Child("operator"), t.Operator,
				"value must be empty when `operator` is 'Exists'"))
		}
		if t.Effect != "" {
			problems = append(problems, oneOf(at.Child("effect"), t.Effect, effects...)...)
		}
	}
	return problems
}

// effects are those of taints.
var effects = []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}

func (v *Volume) validate(at *field.Path, names map[string]bool) field.ErrorList {
	problems := required(at.Child("name"), v.Name)
	if v.Name != "" {
		problems = append(problems, says(at.Child("name"), v.Name, validation.IsDNS1123Label(v.Name))...)
		problems = append(problems, unique(at.Child("name"), names, v.Name)...)
	}
	switch {
	case v.HostPath != nil && v.EmptyDir != nil:
		problems = append(problems, field.Forbidden(at.Child("emptyDir"), "may not specify more than 1 volume type"))
	case v.HostPath == nil && v.EmptyDir == nil:
		problems = append(problems, field.Required(at, "must specify a volume type"))
	case v.HostPath != nil:
		at := at.Child("hostPath")
		problems = append(problems, required(at.Child("path"), v.HostPath.Path)...)
		if slices.Contains(strings.Split(v.HostPath.Path, "/"), "..") {
			problems = append(problems, field.Invalid(at.Child("path"), v.HostPath.Path, "must not contain '..'"))
		}
		problems = append(problems, oneOf(at.Child("type"), v.HostPath.Type, "", "DirectoryOrCreate", "Directory",
			"FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")...)
	}
	return problems
}

func (c *Container) validate(at *field.Path, names, volumes map[string]bool) field.ErrorList {
	problems := required(at.Child("name"), c.Name)
	if c.Name != "" {
		problems = append(problems, says(at.Child("name"), c.Name, validation.IsDNS1123Label(c.Name))...)
		problems = append(problems, unique(at.Child("name"), names, c.Name)...)
	}
	switch {
	case c.Image == "":
		problems = append(problems, field.Required(at.Child("image"), ""))
	case c.Image != strings.TrimSpace(c.Image):
		problems = append(problems, field.Invalid(at.Child("image"), c.Image,
			"must not have leading or trailing whitespace"))
	}
	problems = append(problems, oneOf(at.Child("imagePullPolicy"), c.ImagePullPolicy, "Always", "IfNotPresent",
		"Never")...)
	problems = append(problems, c.validatePorts(at.Child("ports"))...)
	for index, variable := range c.Env {
		at := at.Child("env").Index(index).Child("name")
		problems = append(problems, required(at, variable.Name)...)
		if variable.Name != "" {
			problems = append(problems, says(at, variable.Name, validation.IsRelaxedEnvVarName(variable.Name))...)
		}
	}
	places := map[string]bool{}
	for index, mount := range c.VolumeMounts {
		at := at.Child("volumeMounts").Index(index)
		problems = append(problems, required(at.Child("name"), mount.Name)...)
		if mount.Name != "" && !volumes[mount.Name] {
			problems = append(problems, field.NotFound(at.Child("name"), mount.Name))
		}
		problems = append(problems, required(at.Child("mountPath"), mount.MountPath)...)
		if places[path.Clean(mount.MountPath)] {
			problems = append(problems, field.Invalid(at.Child("mountPath"), mount.MountPath, "must be unique"))
		}
		places[path.Clean(mount.MountPath)] = true
	}
	problems = append(problems, c.StartupProbe.validate(at.Child("startupProbe"), true)...)
	problems = append(problems, c.LivenessProbe.validate(at.Child("livenessProbe"), true)...)
	problems = append(problems, c.ReadinessProbe.validate(at.Child("readinessProbe"), false)...)
	return append(problems, c.Resources.validate(at.Child("resources"))...)
}

func (c *Container) validatePorts(at *field.Path) (problems field.ErrorList) {
	names, hostPorts := map[string]bool{}, map[string]bool{}
	for index, port := range c.Ports {
		at := at.Index(index)
		if port.Name != "" {
			problems = append(problems, says(at.Child("name"), port.Name, validation.IsValidPortName(port.Name))...)
			problems = append(problems, unique(at.Child("name"), names, port.Name)...)
		}
		problems = append(problems, validPort(at.Child("containerPort"), port.ContainerPort)...)
		if port.HostPort != 0 {
			problems = append(problems, validPort(at.Child("hostPort"), port.HostPort)...)
			key := intstr.FromInt32(port.HostPort)
			problems = append(problems, unique(at.Child("hostPort"), hostPorts,
				port.Protocol+"/"+port.HostIP+"/"+key.String())...)
		}
		if port.HostIP != "" {
			problems = append(problems, validIP(at.Child("hostIP"), port.HostIP)...)
		}
		problems = append(problems, oneOf(at.Child("protocol"), port.Protocol, protocols...)...)
	}
	return problems
}

// protocols are those whose ports can be published.
var protocols = []string{"TCP", "UDP"}

func validPort(at *field.Path, port int32) field.ErrorList {
	return says(at, port, validation.IsValidPortNum(int(port)))
}

// validPortRef looks at a port that is a number or a name.
func validPortRef(at *field.Path, port intstr.IntOrString) field.ErrorList {
	if port.Type == intstr.Int {
		return validPort(at, port.IntVal)
	}
	return says(at, port.StrVal, validation.IsValidPortName(port.StrVal))
}

func (p *Probe) validate(at *field.Path, onceIsEnough bool) field.ErrorList {
	if p == nil {
		return nil
	}
	var problems field.ErrorList
	handlers := 0
	if p.Exec != nil {
		handlers++
		if len(p.Exec.Command) == 0 {
			problems = append(problems, field.Required(at.Child("exec", "command"), ""))
		}
	}
	if p.HTTPGet != nil {
		handlers++
		at := at.Child("httpGet")
		problems = append(problems, validPortRef(at.Child("port"), p.HTTPGet.Port)...)
		problems = append(problems, oneOf(at.Child("scheme"), p.HTTPGet.Scheme, "HTTP", "HTTPS")...)
	}
	if p.TCPSocket != nil {
		handlers++
		problems = append(problems, validPortRef(at.Child("tcpSocket", "port"), p.TCPSocket.Port)...)
	}
	switch {
	case handlers == 0:
		problems = append(problems, field.Required(at, "must specify a handler type"))
	case handlers > 1:
		problems = append(problems, field.Forbidden(at, "may not specify more than 1 handler type"))
	}
	problems = append(problems, notNegative(at.Child("initialDelaySeconds"), p.InitialDelaySeconds)...)
	problems = append(problems, notNegative(at.Child("timeoutSeconds"), p.TimeoutSeconds)...)
	problems = append(problems, notNegative(at.Child("periodSeconds"), p.PeriodSeconds)...)
	problems = append(problems, notNegative(at.Child("successThreshold"), p.SuccessThreshold)...)
	problems = append(problems, notNegative(at.Child("failureThreshold"), p.FailureThreshold)...)
	if onceIsEnough && p.SuccessThreshold > 1 {
		problems = append(problems, field.Invalid(at.Child("successThreshold"), p.SuccessThreshold, "must be 1"))
	}
	return problems
}

func (r *Resources) validate(at *field.Path) field.ErrorList {
	problems := validAmounts(at.Child("limits"), r.Limits)
	problems = append(problems, validAmounts(at.Child("requests"), r.Requests)...)
	for _, name := range sorted(r.Requests) {
		request := r.Requests[name]
		if limit, there := r.Limits[name]; there && request.Cmp(limit.Quantity) > 0 {
			problems = append(problems, field.Invalid(at.Child("requests"), request.String(),
				"must be less than or equal to "+name+" limit of "+limit.String()))
		}
	}
	return problems
}

// validAmounts looks at amounts of resources that a container can be given.
func validAmounts(at *field.Path, amounts ResourceList) (problems field.ErrorList) {
	for _, name := range sorted(amounts) {
		at := at.Key(name)
		amount := amounts[name]
		if name != "cpu" && name != "memory" {
			problems = append(problems, field.NotSupported(at, name, []string{"cpu", "memory"}))
		}
		if amount.Cmp(resource.Quantity{}) < 0 {
			problems = append(problems, field.Invalid(at, amount.String(), "must be greater than or equal to 0"))
		}
	}
	return problems
}
