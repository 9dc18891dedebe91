package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// samples are an object of each kind, as a person writes it.
var samples = map[*Kind]string{
	Pods: `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-0","namespace":"meadow","labels":{"app":"web"}},
		"spec":{"nodeSelector":{"disk":"ssd"},"volumes":[{"name":"data","emptyDir":{}}],"containers":[{"name":"web",
		"image":"nginx:1.29","ports":[{"name":"http","containerPort":8080}],"env":[{"name":"A","value":"b"}],
		"volumeMounts":[{"name":"data","mountPath":"/data"}],
		"readinessProbe":{"httpGet":{"port":"http"}},"resources":{"limits":{"memory":"64Mi","cpu":"250m"}}}]}}`,
	Services: `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"meadow"},
		"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}}`,
	Endpointses: `{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"web","namespace":"meadow"},
		"subsets":[{"addresses":[{"ip":"10.20.0.2"}],"ports":[{"port":8080}]}]}`,
	Deployments: `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"meadow"},
		"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
		"spec":{"containers":[{"name":"web","image":"nginx"}]}}}}`,
	ReplicaSets: `{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"meadow"},
		"spec":{"selector":{"matchExpressions":[{"key":"app","operator":"In","values":["web"]}]},
		"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx"}]}}}}`,
	Nodes: `{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-1"},
		"spec":{"taints":[{"key":"wet","effect":"NoSchedule"}]},"status":{"capacity":{"cpu":"2","memory":"4Gi"}}}`,
	Events: `{"apiVersion":"v1","kind":"Event","metadata":{"name":"web-0.1","namespace":"meadow"},"reason":"Started",
		"involvedObject":{"kind":"Pod","namespace":"meadow","name":"web-0"},"type":"Normal",
		"eventTime":"2026-06-13T10:00:00.000001Z"}`,
	Namespaces: `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"meadow"}}`,
	ConfigMaps: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"meadow"},
		"data":{"a.conf":"x"},"binaryData":{"b":"AAE="}}`,
	Secrets: `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"key","namespace":"meadow"},
		"stringData":{"password":"baa"}}`,
	Leases: `{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"node-1","namespace":"meadow"},
		"spec":{"holderIdentity":"node-1","leaseDurationSeconds":40,"renewTime":"2026-06-13T10:00:00.5Z"}}`,
}

// sample returns the object of a kind, with its defaults.
func sample[T Object](t testing.TB, kind *Kind) T {
	t.Helper()
	obj, complaints, err := Decode(kind, []byte(samples[kind]))
	if err != nil || len(complaints) > 0 {
		t.Fatalf("%v: %q, %v", kind, complaints, err)
	}
	SetDefaults(obj)
	return obj.(T)
}

func TestSamplesOfAllKindsAreValidAndSurviveEncoding(t *testing.T) {
	for _, kind := range Kinds {
		obj := sample[Object](t, kind)
		if err := Validate(obj); err != nil {
			t.Errorf("%v: %v", kind, err)
		}
		data, err := Encode(obj)
		if err != nil {
			t.Fatal(err)
		}
		again, complaints, err := Decode(nil, data)
		if err != nil || len(complaints) > 0 {
			t.Fatalf("%v: %q, %v", kind, complaints, err)
		}
		if !sameSpec(obj, again) || KindOf(again) != kind {
			t.Errorf("%v: it is now %s", kind, data)
		}
		if kept, err := DecodeKept(kind, data); err != nil || !sameSpec(obj, kept) {
			t.Errorf("%v: kept it is %+v, %v", kind, kept, err)
		}
		if kept, err := DecodeKept(otherThan(kind), data); err == nil {
			t.Errorf("%v: it is taken for %+v", kind, kept)
		}
		SetDefaults(again)
		if !sameSpec(obj, again) {
			t.Errorf("%v: defaults are not the same the second time", kind)
		}
		if clone := Clone(obj); !sameSpec(clone, obj) || clone.GetMeta() == obj.GetMeta() {
			t.Errorf("%v: the copy is %+v", kind, clone)
		}
	}
}

func otherThan(kind *Kind) *Kind {
	if kind == Nodes {
		return Namespaces
	}
	return Nodes
}

func TestEncodingBeginsWithTypeAndResourceVersion(t *testing.T) {
	for _, kind := range Kinds {
		obj := sample[Object](t, kind)
		obj.GetMeta().ResourceVersion = "12"
		data, err := Encode(obj)
		want := fmt.Sprintf(`{"kind":%q,"apiVersion":%q,"metadata":{"resourceVersion":"12",`, kind.Name,
			kind.APIVersion())
		if err != nil || !bytes.HasPrefix(data, []byte(want)) {
			t.Errorf("%.100s does not begin with %s, %v", data, want, err)
		}
	}
}

func TestKindsAreFoundByTheirNames(t *testing.T) {
	if !slices.IsSortedFunc(Kinds, func(a, b *Kind) int { return strings.Compare(a.Plural, b.Plural) }) {
		t.Error("the kinds are not sorted")
	}
	for _, kind := range Kinds {
		if Lookup(kind.APIVersion(), kind.Name) != kind || LookupPlural(kind.Group, kind.Plural) != kind {
			t.Errorf("%v is not found", kind)
		}
	}
	if Lookup("v1", "Deployment") != nil || LookupPlural("", "deployments") != nil {
		t.Error("a deployment of v1 is found")
	}
	if got := Deployments.String() + " " + Pods.String() + " " + Deployments.QualifiedName(); got !=
		"deployments.apps pods Deployment.apps" {
		t.Error(got)
	}
}

func TestFieldThatIsNotThereIsReportedByItsPath(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{`{"spec":{"affinity":{"x":1}}}`, `unknown field "spec.affinity"`},
		{`{"spec":{"containers":[{"name":"a"},{"img":"b"}]}}`, `unknown field "spec.containers[1].img"`},
		{`{"Spec":{}}`, `unknown field "Spec"`}, // encoding/json takes it for spec
		{`{"spec":{"hostname":"a","hostname":"b"}}`, `duplicate field "spec.hostname"`},
		{`{"metadata":{"labels":{"a":"1","a":"2"}}}`, `duplicate field "metadata.labels.a"`},
		{`{"metadata":{"managedFields":[]},"x":1}`, `unknown field "metadata.managedFields", unknown field "x"`},
		{`{"spec":{"containers":[{"readinessProbe":{"grpc":{}}}]}}`,
			`unknown field "spec.containers[0].readinessProbe.grpc"`},
		{`{"metadata":{"creationTimestamp":null},"status":{}}`, ``},
	} {
		_, complaints, err := Decode(Pods, []byte(c.data))
		if got := strings.Join(complaints, ", "); got != c.want || err != nil {
			t.Errorf("%s: %s, %v, want %s", c.data, got, err, c.want)
		}
	}
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	for _, c := range []struct {
		kind       *Kind
		data, want string
	}{
		{nil, `{}`, "Object 'Kind' is missing"},
		{nil, `{"kind":"Pod"}`, "Object 'apiVersion' is missing"},
		{nil, `{"kind":"Pod","apiVersion":"v2"}`, `no matches for kind "Pod" in version "v2"`},
		{Pods, `{"kind":"Node"}`, "the object provided is a Node"},
		{Pods, `{"apiVersion":"apps/v1"}`, "of apps/v1, not a Pod of v1"},
		{Pods, ``, "unexpected end of JSON input"},
		{Pods, `{} {}`, "after top-level value"},
		{Pods, `[]`, "cannot unmarshal array"},
		{Pods, `{"spec":{"containers":{}}}`, `Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal`},
		{Deployments, `{"spec":{"replicas":"3"}}`, "of type int32"},
		{Deployments, `{"spec":{"replicas":99999999999}}`, "of type int32"},
		{Nodes, `{"status":{"capacity":{"cpu":"many"}}}`, "quantities must match the regular expression"},
		{Leases, `{"spec":{"renewTime":"yesterday"}}`, "parsing time"},
		{Leases, `{"spec":{"renewTime":"9999-12-31T23:59:59-01:00"}}`, "the year 10000"},
		{Secrets, `{"data":{"a":"%"}}`, "illegal base64"},
		{Pods, strings.Repeat(" ", MaxBytes+1), "longer than"},
		{Pods, strings.Repeat(`{"a":`, 20000), "exceeded max depth"},
	} {
		if obj, _, err := Decode(c.kind, []byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: %v, %v, want %s", c.data, obj, err, c.want)
		}
	}
	if _, err := Encode(&ConfigMap{Data: map[string]string{"a": strings.Repeat("a", MaxBytes)}}); !errors.Is(err,
		ErrTooLarge) {
		t.Errorf("Encode: %v", err)
	}
}

func TestTimesHaveWhatJSONKeeps(t *testing.T) {
	at := time.Date(2026, 6, 13, 12, 0, 0, 123456789, time.FixedZone("", 7200))
	for _, c := range []struct {
		value, zero any
		want        string
	}{
		{NewTime(at), &Time{}, `"2026-06-13T10:00:00Z"`},
		{NewMicroTime(at), &MicroTime{}, `"2026-06-13T10:00:00.123456Z"`},
		{Time{}, &Time{}, `null`},
	} {
		data, err := json.Marshal(c.value)
		if string(data) != c.want || err != nil {
			t.Errorf("%s, %v, want %s", data, err, c.want)
		}
		if err := json.Unmarshal(data, c.zero); err != nil {
			t.Error(err)
		}
		if back := reflect.ValueOf(c.zero).Elem().Interface(); back != c.value {
			t.Errorf("%v is back as %v", c.value, back)
		}
	}
}

func TestDefaultsAreThoseOfKubernetes(t *testing.T) {
	get := func(obj Object, path ...string) any {
		data, err := json.Marshal(obj)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			t.Fatal(err)
		}
		for _, name := range path {
			if list, is := value.([]any); is {
				value = list[0]
			}
			value, _ = value.(map[string]any)[name]
		}
		return value
	}
	for _, c := range []struct {
		kind *Kind
		path string
		want any
	}{
		{Pods, "spec.restartPolicy", "Always"},
		{Pods, "spec.terminationGracePeriodSeconds", 30.0},
		{Pods, "spec.containers.imagePullPolicy", "IfNotPresent"},
		{Pods, "spec.containers.ports.protocol", "TCP"},
		{Pods, "spec.containers.resources.requests.memory", "64Mi"},
		{Pods, "spec.containers.readinessProbe.periodSeconds", 10.0},
		{Pods, "status.phase", "Pending"},
		{ReplicaSets, "spec.replicas", 1.0},
		{Deployments, "spec.replicas", 3.0},
		{Deployments, "spec.strategy.rollingUpdate.maxSurge", "25%"},
		{Deployments, "spec.template.spec.containers.imagePullPolicy", "Always"},
		{Services, "spec.type", "ClusterIP"},
		{Services, "spec.ports.protocol", "TCP"},
		{Nodes, "status.allocatable.memory", "4Gi"},
		{Namespaces, "status.phase", "Active"},
		{Secrets, "data.password", "YmFh"},
		{Secrets, "stringData", nil},
		{Secrets, "type", "Opaque"},
	} {
		if got := get(sample[Object](t, c.kind), strings.Split(c.path, ".")...); got != c.want {
			t.Errorf("%v: %s is %v, not %v", c.kind, c.path, got, c.want)
		}
	}
	if s := sample[*Service](t, Services); s.Spec.Ports[0].TargetPort.IntVal != 8080 {
		t.Errorf("the target port is %v", s.Spec.Ports[0].TargetPort)
	}
}

func TestImageThatMayChangeIsPulledAlways(t *testing.T) {
	for image, want := range map[string]string{
		"nginx": "Always", "nginx:latest": "Always", "nginx:1": "IfNotPresent",
		"localhost:5000/nginx": "Always", "localhost:5000/nginx:1": "IfNotPresent",
		"nginx@sha256:" + strings.Repeat("a", 64): "IfNotPresent",
	} {
		if got := pullPolicy(image); got != want {
			t.Errorf("%s: %s, not %s", image, got, want)
		}
	}
}

func TestSameSpecLooksAtWhatIsWanted(t *testing.T) {
	a, b := sample[*Deployment](t, Deployments), sample[*Deployment](t, Deployments)
	b.Status.Replicas, b.Labels = 3, map[string]string{"a": "b"}
	b.Spec.Template.Spec.Containers[0].Args = []string{}
	if !SameSpec(a, b) {
		t.Error("a status, a label and an empty list make another")
	}
	if *b.Spec.Replicas = 4; SameSpec(a, b) {
		t.Error("another number of replicas is the same")
	}
}
