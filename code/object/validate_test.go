package object

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// complaints are the errors in an error, a line each.
func complaints(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	var lines []string
	for _, problem := range invalid.Errors {
		lines = append(lines, problem.Error())
	}
	return strings.Join(lines, "\n")
}

// amount returns a quantity.
func amount(text string) Quantity { return Quantity{resource.MustParse(text)} }

// each has cases of one kind: a change to a valid object, and the beginnings of the complaints about it.
type each[T Object] map[string]func(T)

func (cases each[T]) run(t *testing.T, kind *Kind) {
	t.Helper()
	for want, change := range cases {
		obj := sample[T](t, kind)
		change(obj)
		got := strings.Split(complaints(t, Validate(obj)), "\n")
		wants := strings.Split(want, "\n")
		ok := len(got) == len(wants)
		for index := range wants {
			ok = ok && strings.HasPrefix(got[index], wants[index])
		}
		if !ok {
			t.Errorf("%v: got\n%s\nwant\n%s", kind, strings.Join(got, "\n"), want)
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	pod, _, err := Decode(Pods, []byte(`{"metadata":{"name":"Web","namespace":"meadow","labels":{"a b":"c"}},
		"spec":{"containers":[{"name":"a","image":"i"},{"name":"a"}],"restartPolicy":"Sometimes"}}`))
	if err != nil {
		t.Fatal(err)
	}
	SetDefaults(pod)
	err = Validate(pod)
	got := complaints(t, err)
	for _, want := range []string{
		`metadata.name: Invalid value: "Web": a lowercase RFC 1123 subdomain must consist of`,
		`metadata.labels: Invalid value: "a b": name part must consist of`,
		`spec.containers[1].name: Duplicate value: "a"`,
		`spec.containers[1].image: Required value`,
		`spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	if strings.Count(got, "\n") != 4 || !strings.HasPrefix(err.Error(), `Pod "Web" is invalid: [metadata.labels: `) {
		t.Errorf("%v", err)
	}
}

func TestMetadata(t *testing.T) {
	yes := true
	each[*Pod]{
		"metadata.name: Required value: name or generateName": func(p *Pod) { p.Name = "" },
		"": func(p *Pod) { p.Name, p.GenerateName = "", "web-" },
		"metadata.generateName: Invalid value: \"-\"": func(p *Pod) { p.Name, p.GenerateName = "", "-" },
		"metadata.name: Invalid value: \"a/b\"":       func(p *Pod) { p.Name = "a/b" },
		"metadata.namespace: Required value":          func(p *Pod) { p.Namespace = "" },
		"metadata.namespace: Invalid value: \"a.b\"":  func(p *Pod) { p.Namespace = "a.b" },
		"metadata.labels: Invalid value: \"" + strings.Repeat("x", 64): func(p *Pod) {
			p.Labels["a"] = strings.Repeat("x", 64)
		},
		"metadata.annotations: Too long: may not be more than 262144 bytes": func(p *Pod) {
			p.Annotations = map[string]string{"a": strings.Repeat("x", maxAnnotations)}
		},
		"metadata.finalizers[0]: Invalid value: \"a b\"": func(p *Pod) {
			p.Finalizers = []string{"a b"}
		},
		"metadata.ownerReferences: Invalid value: 2: Only one\n" +
			"metadata.ownerReferences[1].uid: Invalid value: \"\": must": func(p *Pod) {
			p.OwnerReferences = []OwnerReference{{"v1", "Pod", "a", "1", &yes, nil}, {"v1", "Pod", "b", "", &yes, nil}}
		},
	}.run(t, Pods)
	each[*Node]{
		"metadata.namespace: Forbidden: not allowed on this type": func(n *Node) { n.Namespace = "meadow" },
		"": func(n *Node) { n.Name = "node.example" },
	}.run(t, Nodes)
	each[*Service]{
		"metadata.name: Invalid value: \"1a\": a DNS-1035 label": func(s *Service) { s.Name = "1a" },
	}.run(t, Services)
}

func TestPods(t *testing.T) {
	first := func(change func(*Container)) func(*Pod) {
		return func(p *Pod) { change(&p.Spec.Containers[0]) }
	}
	each[*Pod]{
		"spec.containers: Required value":                     func(p *Pod) { p.Spec.Containers = nil },
		"spec.containers[0].image: Invalid value: \" nginx\"": first(func(c *Container) { c.Image = " nginx" }),
		"spec.containers[0].imagePullPolicy: Unsupported":     first(func(c *Container) { c.ImagePullPolicy = "x" }),
		"spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535": first(
			func(c *Container) { c.Ports[0].ContainerPort = 0 }),
		"spec.containers[0].ports[0].protocol: Unsupported value: \"SCTP\"": first(
			func(c *Container) { c.Ports[0].Protocol = "SCTP" }),
		"spec.containers[0].ports[1].hostPort: Duplicate value": first(func(c *Container) {
			c.Ports[0].HostPort = 80
			c.Ports = append(c.Ports, ContainerPort{ContainerPort: 81, HostPort: 80, Protocol: "TCP"})
		}),
		"spec.containers[0].ports[0].hostIP: Invalid value": first(func(c *Container) { c.Ports[0].HostIP = "here" }),
		"spec.containers[0].env[0].name: Required value":    first(func(c *Container) { c.Env[0].Name = "" }),
		"spec.containers[0].env[0].name: Invalid value":     first(func(c *Container) { c.Env[0].Name = "a=b" }),
		"spec.containers[0].volumeMounts[0].name: Not found: \"none\"": first(
			func(c *Container) { c.VolumeMounts[0].Name = "none" }),
		"spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/data/\": must be unique": first(
			func(c *Container) {
				c.VolumeMounts = append(c.VolumeMounts, VolumeMount{Name: "data", MountPath: "/data/"})
			}),
		"spec.containers[0].readinessProbe: Forbidden: may not specify more": first(
			func(c *Container) { c.ReadinessProbe.TCPSocket = &TCPAction{Port: intstr.FromInt32(1)} }),
		"spec.containers[0].livenessProbe: Required value: must specify a handler type\n" +
			"spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1": first(
			func(c *Container) { c.LivenessProbe = &Probe{SuccessThreshold: 2} }),
		"spec.containers[0].readinessProbe.exec.command: Required value": first(
			func(c *Container) { c.ReadinessProbe = &Probe{Exec: &ExecAction{}} }),
		"spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between": first(
			func(c *Container) { c.ReadinessProbe.HTTPGet.Port = intstr.FromInt32(0) }),
		"spec.containers[0].resources.requests: Invalid value: \"65Mi\": must be less than": first(
			func(c *Container) { c.Resources.Requests["memory"] = amount("65Mi") }),
		"spec.containers[0].resources.limits[gpu]: Unsupported value: \"gpu\"": first(
			func(c *Container) { c.Resources.Limits["gpu"] = amount("1") }),
		"spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\"\n" +
			"spec.containers[0].resources.requests: Invalid": first(
			func(c *Container) { c.Resources.Limits["cpu"] = amount("-1") }),
		"spec.volumes[0]: Required value: must specify a volume type": func(p *Pod) {
			p.Spec.Volumes[0].EmptyDir = nil
		},
		"spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\"": func(p *Pod) {
			p.Spec.Volumes[0] = Volume{Name: "data", HostPath: &HostPathVolume{Path: "/a/../b"}}
		},
		"spec.initContainers[0].livenessProbe: Forbidden": func(p *Pod) {
			p.Spec.InitContainers = []Container{{Name: "i", Image: "i", ImagePullPolicy: "Never",
				LivenessProbe: &Probe{Exec: &ExecAction{[]string{"true"}}}}}
		},
		"spec.terminationGracePeriodSeconds: Invalid value: -1": func(p *Pod) {
			*p.Spec.TerminationGracePeriodSeconds = -1
		},
		"spec.dnsPolicy: Unsupported value: \"None\"": func(p *Pod) { p.Spec.DNSPolicy = "None" },
		"spec.nodeSelector: Invalid value":            func(p *Pod) { p.Spec.NodeSelector[" "] = "" },
		"spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists": func(p *Pod) {
			p.Spec.Tolerations = []Toleration{{Operator: "Equal"}}
		},
		"status.phase: Unsupported value": func(p *Pod) { p.Status.Phase = "Grazing" },
	}.run(t, Pods)
}

func TestOtherKinds(t *testing.T) {
	each[*Deployment]{
		"spec.replicas: Invalid value: -1: must be greater than or equal to 0": func(d *Deployment) {
			*d.Spec.Replicas = -1
		},
		"spec.selector: Invalid value: null: empty selector is invalid": func(d *Deployment) {
			d.Spec.Selector = LabelSelector{}
		},
		"spec.template.metadata.labels: Invalid value: {\"app\":\"db\"}: `selector` does": func(
			d *Deployment) {
			d.Spec.Template.Labels["app"] = "db"
		},
		"spec.template.spec.containers[0].image: Required value": func(d *Deployment) {
			d.Spec.Template.Spec.Containers[0].Image = ""
		},
		"spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported": func(d *Deployment) {
			d.Spec.Template.Spec.RestartPolicy = "Never"
		},
		"spec.strategy.rollingUpdate: Forbidden": func(d *Deployment) { d.Spec.Strategy.Type = "Recreate" },
		"spec.strategy.type: Unsupported":        func(d *Deployment) { d.Spec.Strategy = Strategy{Type: "x"} },
		"spec.strategy.rollingUpdate.maxSurge: Invalid value: \"a lot\"": func(d *Deployment) {
			*d.Spec.Strategy.RollingUpdate.MaxSurge = intstr.FromString("a lot")
		},
		"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0": func(
			d *Deployment) {
			*d.Spec.Strategy.RollingUpdate.MaxUnavailable = intstr.FromString("0%")
			*d.Spec.Strategy.RollingUpdate.MaxSurge = intstr.FromInt32(0)
		},
		"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\"": func(d *Deployment) {
			*d.Spec.Strategy.RollingUpdate.MaxUnavailable = intstr.FromString("101%")
		},
		"spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds": func(d *Deployment) {
			*d.Spec.ProgressDeadlineSeconds, d.Spec.MinReadySeconds = 5, 5
		},
	}.run(t, Deployments)
	each[*ReplicaSet]{
		"spec.selector.matchExpressions[0].values: Invalid value": func(r *ReplicaSet) {
			r.Spec.Selector.MatchExpressions[0].Values = nil
		},
	}.run(t, ReplicaSets)
	each[*Service]{
		"spec.ports: Required value": func(s *Service) { s.Spec.Ports = nil },
		"spec.clusterIP: Invalid value: \"here\": must be a valid IP": func(s *Service) {
			s.Spec.ClusterIP = "here"
		},
		"spec.type: Unsupported value: \"LoadBalancer\"": func(s *Service) {
			s.Spec.Type = "LoadBalancer"
		},
		"spec.ports[0].nodePort: Forbidden: may not be used when `type` is": func(s *Service) {
			s.Spec.Ports[0].NodePort = 30000
		},
		"spec.ports[0].name: Required value\nspec.ports[1].name: Required value\n" +
			"spec.ports[1]: Duplicate value: \"TCP/80\"": func(
			s *Service) {
			s.Spec.Ports = append(s.Spec.Ports, s.Spec.Ports[0])
		},
		"": func(s *Service) { s.Spec.ClusterIP, s.Spec.Ports = "None", nil },
	}.run(t, Services)
	each[*Endpoints]{
		"subsets[0]: Required value": func(e *Endpoints) {
			e.Subsets[0].Addresses = nil
		},
		"subsets[0].addresses[0].ip: Invalid value: \"fe80::1%eth0\"": func(e *Endpoints) {
			e.Subsets[0].Addresses[0].IP = "fe80::1%eth0"
		},
		"subsets[0].ports[0].port: Invalid value: 65536": func(e *Endpoints) {
			e.Subsets[0].Ports[0].Port = 65536
		},
	}.run(t, Endpointses)
	each[*Node]{
		"spec.taints[0].effect: Unsupported value": func(n *Node) { n.Spec.Taints[0].Effect = "x" },
		"status.capacity[cpu]: Invalid value: \"-1\"": func(n *Node) {
			n.Status.Capacity["cpu"] = amount("-1")
		},
	}.run(t, Nodes)
	each[*Event]{
		"involvedObject.namespace: Invalid value: \"hill\": does not match": func(e *Event) {
			e.InvolvedObject.Namespace = "hill"
		},
		"": func(e *Event) { e.Namespace, e.InvolvedObject.Namespace = "default", "" },
	}.run(t, Events)
	each[*Namespace]{
		"metadata.name: Invalid value: \"a.b\"": func(n *Namespace) { n.Name = "a.b" },
		"status.phase: Unsupported value":       func(n *Namespace) { n.Status.Phase = "x" },
	}.run(t, Namespaces)
	each[*ConfigMap]{
		"data[..]: Invalid value: \"..\"": func(c *ConfigMap) { c.Data[".."] = "" },
		"binaryData[a.conf]: Invalid value: \"a.conf\": duplicate of key": func(c *ConfigMap) {
			c.BinaryData["a.conf"] = nil
		},
		"[]: Too long: may not be more than 1048576 bytes": func(c *ConfigMap) {
			c.Data["a"] = strings.Repeat("x", maxData)
		},
	}.run(t, ConfigMaps)
	each[*Secret]{
		"data: Too long: may not be more than 1048576 bytes": func(s *Secret) { s.Data["a"] = make([]byte, maxData) },
		"type: Required value":                               func(s *Secret) { s.SecretType = "" },
	}.run(t, Secrets)
	each[*Lease]{
		"spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0": func(l *Lease) {
			*l.Spec.LeaseDurationSeconds = 0
		},
	}.run(t, Leases)
}

func TestWhatCannotBeChanged(t *testing.T) {
	yes := true
	for _, c := range []struct {
		kind   *Kind
		change func(old, obj Object)
		want   string
	}{
		{Pods, func(_, o Object) { o.GetMeta().Name = "b" }, `metadata.name: Invalid value: "b": field is immutable`},
		{Pods, func(_, o Object) { o.GetMeta().Namespace = "b" }, `metadata.namespace: Invalid value: "b"`},
		{Pods, func(_, o Object) { o.GetMeta().Labels["b"] = "c" }, ""},
		{Pods, func(_, o Object) { o.(*Pod).Status.Phase = "Running" }, ""},
		{Pods, func(_, o Object) { o.(*Pod).Spec.Containers[0].Image = "b" }, ""},
		{Pods, func(_, o Object) { o.(*Pod).Spec.NodeName = "node-1" }, ""},
		{Pods, func(_, o Object) { o.(*Pod).Spec.Tolerations = []Toleration{{Operator: "Exists"}} }, ""},
		{Pods, func(old, _ Object) { old.(*Pod).Spec.Tolerations = []Toleration{{Operator: "Exists"}} },
			"spec: Forbidden: pod updates may not change fields other than"},
		{Pods, func(old, o Object) { old.(*Pod).Spec.NodeName = "node-1"; o.(*Pod).Spec.NodeName = "node-2" },
			"spec: Forbidden"},
		{Pods, func(_, o Object) { o.(*Pod).Spec.Containers[0].Command = []string{"b"} }, "spec: Forbidden"},
		{Pods, func(_, o Object) {
			o.(*Pod).Spec.Containers = append(o.(*Pod).Spec.Containers,
				Container{Name: "b", Image: "b", ImagePullPolicy: "Never"})
		}, "spec: Forbidden"},
		{Pods, func(old, o Object) {
			old.GetMeta().DeletionTimestamp, o.GetMeta().Finalizers = &Time{}, []string{"a"}
		}, "metadata.finalizers: Forbidden: no new finalizers can be added"},
		{Deployments, func(_, o Object) {
			o.(*Deployment).Spec.Selector.MatchExpressions = []Requirement{{Key: "app", Operator: "Exists"}}
		}, "spec.selector: Invalid value:"},
		{ReplicaSets, func(old, _ Object) {
			old.(*ReplicaSet).Spec.Selector.MatchLabels = map[string]string{"app": "web"}
		}, "spec.selector: Invalid value:"},
		{Services, func(_, o Object) { o.(*Service).Spec.ClusterIP = "10.30.0.1" }, ""},
		{Services, func(old, _ Object) { old.(*Service).Spec.ClusterIP = "10.30.0.1" },
			"spec.clusterIP: Invalid value: \"\""},
		{Secrets, func(_, o Object) { o.(*Secret).SecretType = "b" }, "type: Invalid value: \"b\": field is immutable"},
		{Secrets, func(old, o Object) { old.(*Secret).Immutable, o.(*Secret).Immutable = &yes, &yes }, ""},
		{ConfigMaps, func(old, o Object) {
			old.(*ConfigMap).Immutable = &yes
			o.(*ConfigMap).Data["a.conf"] = "y"
		}, "immutable: Forbidden: field is immutable when `immutable` is set\ndata: Forbidden"},
	} {
		old, obj := sample[Object](t, c.kind), sample[Object](t, c.kind)
		c.change(old, obj)
		got := complaints(t, ValidateUpdate(obj, old))
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%v: got %s, want %s", c.kind, got, c.want)
		}
	}
}
