package object

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// InvalidError says all that is wrong with an object.
type InvalidError struct {
	Kind   *Kind
	Name   string
	Errors field.ErrorList
	More   int // how many there are besides, if there are more than anybody reads
}

// maxProblems is how many errors of an object are told. An object can have as many as it has bytes.
const maxProblems = 100

func (e *InvalidError) Error() string {
	more := ""
	if e.More > 0 {
		more = fmt.Sprintf(", and %d more", e.More)
	}
	return fmt.Sprintf("%s %q is invalid: %v%s", e.Kind.QualifiedName(), cut(e.Name), e.Errors.ToAggregate(), more)
}

// maxValue is how much of a wrong value is told.
const maxValue = 1 << 10

func cut(value string) string {
	if len(value) > maxValue {
		return strings.ToValidUTF8(value[:maxValue], "") + "…"
	}
	return value
}

// Validate returns an [InvalidError] with all that is wrong with an object whose defaults are set, and nil if nothing
// is. Each error has the path of a field and is in Kubernetes' words.
func Validate(obj Object) error {
	problems := obj.GetMeta().validate(KindOf(obj))
	return invalid(obj, append(problems, obj.validate()...))
}

// ValidateUpdate returns what is wrong with an object that is to replace another: besides what [Validate] finds, what
// cannot be changed.
func ValidateUpdate(obj, old Object) error {
	meta, before := obj.GetMeta(), old.GetMeta()
	problems := meta.validate(KindOf(obj))
	path := field.NewPath("metadata")
	problems = append(problems, same(path.Child("name"), meta.Name, before.Name)...)
	problems = append(problems, same(path.Child("namespace"), meta.Namespace, before.Namespace)...)
	if before.DeletionTimestamp != nil {
		for _, finalizer := range meta.Finalizers {
			if !slices.Contains(before.Finalizers, finalizer) {
				problems = append(problems, field.Forbidden(path.Child("finalizers"), fmt.Sprintf(
					"no new finalizers can be added if the object is being deleted, found new finalizers []string{%q}",
					finalizer)))
			}
		}
	}
	problems = append(problems, obj.validate()...)
	return invalid(obj, append(problems, obj.validateUpdate(old)...))
}

func invalid(obj Object, problems field.ErrorList) error {
	if len(problems) == 0 {
		return nil
	}
	told := problems[:min(len(problems), maxProblems)]
	for _, problem := range told {
		if text, is := problem.BadValue.(string); is {
			problem.BadValue = cut(text)
		}
	}
	return &InvalidError{KindOf(obj), obj.GetMeta().Name, slices.Clone(told), len(problems) - len(told)}
}

// maxAnnotations is how many bytes the annotations of an object may have.
const maxAnnotations = 256 << 10

func (m *Meta) validate(kind *Kind) field.ErrorList {
	path := field.NewPath("metadata")
	var problems field.ErrorList
	switch {
	case m.Name != "":
		problems = says(path.Child("name"), m.Name, kind.nameRule(m.Name, false))
	case m.GenerateName != "":
		problems = says(path.Child("generateName"), m.GenerateName, kind.nameRule(m.GenerateName, true))
	default:
		problems = append(problems, field.Required(path.Child("name"), "name or generateName is required"))
	}
	switch {
	case !kind.Namespaced && m.Namespace != "":
		problems = append(problems, field.Forbidden(path.Child("namespace"), "not allowed on this type"))
	case kind.Namespaced && m.Namespace == "":
		problems = append(problems, field.Required(path.Child("namespace"), ""))
	case kind.Namespaced:
		problems = append(problems, says(path.Child("namespace"), m.Namespace,
			validation.IsDNS1123Label(m.Namespace))...)
	}
	problems = append(problems, m.validateNotes(path)...)
	controllers := 0
	for index, owner := range m.OwnerReferences {
		path := path.Child("ownerReferences").Index(index)
		for name, value := range map[string]string{"apiVersion": owner.APIVersion, "kind": owner.Kind,
			"name": owner.Name, "uid": owner.UID} {
			if value == "" {
				problems = append(problems, field.Invalid(path.Child(name), value, "must not be empty"))
			}
		}
		if owner.Controller != nil && *owner.Controller {
			controllers++
		}
	}
	if controllers > 1 {
		problems = append(problems, field.Invalid(path.Child("ownerReferences"), controllers,
			"Only one reference can have Controller set to true"))
	}
	for index, finalizer := range m.Finalizers {
		problems = append(problems, says(path.Child("finalizers").Index(index), finalizer,
			content.IsLabelKey(finalizer))...)
	}
	slices.SortStableFunc(problems, func(a, b *field.Error) int { return cmp.Compare(a.Field, b.Field) })
	return problems
}

// validateNotes looks at labels and annotations, which a pod template has as well.
func (m *Meta) validateNotes(path *field.Path) field.ErrorList {
	problems := validLabels(path.Child("labels"), m.Labels)
	annotations, size := path.Child("annotations"), 0
	for _, key := range sorted(m.Annotations) {
		size += len(key) + len(m.Annotations[key])
		problems = append(problems, says(annotations, key, content.IsLabelKey(strings.ToLower(key)))...)
	}
	if size > maxAnnotations {
		problems = append(problems, field.TooLong(annotations, "", maxAnnotations))
	}
	return problems
}

func validLabels(path *field.Path, labels map[string]string) (problems field.ErrorList) {
	for _, key := range sorted(labels) {
		problems = append(problems, says(path, key, content.IsLabelKey(key))...)
		problems = append(problems, says(path, labels[key], content.IsLabelValue(labels[key]))...)
	}
	return problems
}

// says makes an error of each complaint about a value.
func says(path *field.Path, value any, complaints []string) (problems field.ErrorList) {
	for _, complaint := range complaints {
		problems = append(problems, field.Invalid(path, value, complaint))
	}
	return problems
}

// same returns an error if a field is another than before.
func same(path *field.Path, now, before any) field.ErrorList {
	if reflect.DeepEqual(now, before) {
		return nil
	}
	return field.ErrorList{field.Invalid(path, now, "field is immutable")}
}

// oneOf returns an error if a value is none of those that there are.
func oneOf(path *field.Path, value string, values ...string) field.ErrorList {
	if slices.Contains(values, value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, value, slices.Sorted(slices.Values(values)))}
}

// required returns an error if a text is missing.
func required(path *field.Path, value string) field.ErrorList {
	if value == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return nil
}

// notNegative returns an error for a number below 0.
func notNegative[N int32 | int64](path *field.Path, n N) field.ErrorList {
	if n < 0 {
		return field.ErrorList{field.Invalid(path, n, "must be greater than or equal to 0")}
	}
	return nil
}

// unique returns an error for a value that was there before, and remembers it.
func unique(path *field.Path, seen map[string]bool, value string) field.ErrorList {
	if seen[value] {
		return field.ErrorList{field.Duplicate(path, value)}
	}
	seen[value] = true
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// The rules for names. A prefix may end in a dash, as five characters follow.

func subdomain(name string, prefix bool) []string {
	return validation.IsDNS1123Subdomain(full(name, prefix))
}
func label1123(name string, prefix bool) []string {
	return validation.IsDNS1123Label(full(name, prefix))
}
func label1035(name string, prefix bool) []string {
	return validation.IsDNS1035Label(full(name, prefix))
}

func full(name string, prefix bool) string {
	if prefix && len(name) > 1 && strings.HasSuffix(name, "-") {
		return name[:len(name)-1] + "a"
	}
	return name
}
