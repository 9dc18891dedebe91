package object

import (
	"slices"
	"strings"
	"testing"
)

func TestSelectorsMeanWhatKubernetesMeans(t *testing.T) {
	pod := sample[*Pod](t, Pods)
	pod.Labels = map[string]string{"app": "web", "tier": "front"}
	pod.Spec.NodeName = "node-1"
	for _, c := range []struct {
		labels, fields string
		want           bool
	}{
		{"", "", true},
		{"app=web", "", true},
		{"app==web,tier!=back", "", true},
		{"app=web,tier=back", "", false},
		{"app in (web, db)", "", true},
		{"app notin (web)", "", false},
		{"old notin (yes)", "", true}, // as it has no such label
		{"app", "", true},
		{"!app", "", false},
		{"", "metadata.name=web-0", true},
		{"", "metadata.namespace!=meadow", false},
		{"", "spec.nodeName=node-1,status.phase=Pending", true},
		{"", "spec.nodeName=", false},
		{"app=web", "spec.nodeName!=node-1", false},
	} {
		selector, err := ParseSelector(Pods, c.labels, c.fields)
		if err != nil {
			t.Errorf("%q %q: %v", c.labels, c.fields, err)
		} else if got := selector.Matches(pod); got != c.want {
			t.Errorf("%q %q: %v", c.labels, c.fields, got)
		}
		if all := c.labels+c.fields == ""; selector.All() != all {
			t.Errorf("%q %q: means all: %v", c.labels, c.fields, !all)
		}
	}
}

func TestEachKindIsSelectedByItsFields(t *testing.T) {
	for _, kind := range Kinds {
		obj := sample[Object](t, kind)
		for _, name := range append(slices.Clone(kind.fields), "metadata.name") {
			value, there := obj.selectable()[name]
			if name == "metadata.name" {
				value, there = obj.GetMeta().Name, true
			}
			selector, err := ParseSelector(kind, "", name+"="+value)
			if err != nil || !there || !selector.Matches(obj) {
				t.Errorf("%v: %s=%s, %v, %v", kind, name, value, there, err)
			}
			if selector, err = ParseSelector(kind, "", name+"!="+value); err != nil || selector.Matches(obj) {
				t.Errorf("%v: %s!=%s matches, %v", kind, name, value, err)
			}
		}
		if len(obj.selectable()) != len(kind.fields) {
			t.Errorf("%v has %v", kind, obj.selectable())
		}
	}
}

func TestWhatIsNoSelectorIsRefused(t *testing.T) {
	for _, c := range []struct {
		kind                 *Kind
		labels, fields, want string
	}{
		{Pods, "app=(", "", "unable to parse label selector"},
		{Pods, "a b", "", "unable to parse label selector"},
		{Pods, "-=x", "", "unable to parse label selector"},
		{Pods, "a=" + strings.Repeat("x", 64), "", "must be no more than 63 bytes"},
		{Pods, "", "spec.nodeName", "unable to parse field selector"},
		{Pods, "", "spec.hostname=a", "field label not supported: spec.hostname"},
		{Nodes, "", "metadata.namespace=a", "field label not supported: metadata.namespace"},
		{Pods, strings.Repeat("a", maxSelector+1), "", "longer than"},
		{Pods, "", strings.Repeat("a", maxSelector+1), "longer than"},
	} {
		if s, err := ParseSelector(c.kind, c.labels, c.fields); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q %.40q: %v, %v", c.labels, c.fields, s, err)
		}
	}
}

func TestSelectorOfADeploymentMeansItsPods(t *testing.T) {
	pod := sample[*Pod](t, Pods)
	for _, c := range []struct {
		selector LabelSelector
		want     bool
	}{
		{LabelSelector{}, true},
		{LabelSelector{MatchLabels: map[string]string{"app": "web"}}, true},
		{LabelSelector{MatchLabels: map[string]string{"app": "db"}}, false},
		{LabelSelector{MatchExpressions: []Requirement{{"app", "In", []string{"db", "web"}}}}, true},
		{LabelSelector{MatchExpressions: []Requirement{{"app", "NotIn", []string{"db"}}, {"x", "Exists", nil}}}, false},
		{LabelSelector{MatchExpressions: []Requirement{{"x", "DoesNotExist", nil}}}, true},
	} {
		selector, err := c.selector.Selector()
		if err != nil || selector.Matches(pod) != c.want {
			t.Errorf("%+v: %v, %v", c.selector, !c.want, err)
		}
	}
	if _, err := (&LabelSelector{MatchExpressions: []Requirement{{"a", "Near", nil}}}).Selector(); err == nil ||
		!strings.Contains(err.Error(), `matchExpressions[0].operator: Unsupported value: "Near"`) {
		t.Errorf("an operator that there is not: %v", err)
	}
	if !SelectAll(map[string]string{"app": "web"}).Matches(pod) || SelectAll(map[string]string{"a": ""}).Matches(pod) {
		t.Error("SelectAll means others")
	}
}
