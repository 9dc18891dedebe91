package object

import (
	"reflect"
	"testing"
	"time"
)

// fill gives a value and all that is in it something other than zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		switch value := v.Addr().Interface().(type) {
		case *time.Time:
			*value = time.Date(2026, 6, 13, 0, 0, 0, 0, time.UTC)
			return
		case *Quantity:
			*value = amount("123456789012345678901234567890") // which is kept behind a pointer
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(7)
	default:
		v.SetInt(7)
	}
}

// shared returns the path of something that two values share, or that is nil.
func shared(path string, a, b reflect.Value) string {
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		empty := a.Kind() == reflect.Pointer && a.Type().Elem().Size() == 0 // all of these have one address
		if a.IsNil() || a.Pointer() == b.Pointer() && !empty {
			return path
		}
	}
	switch a.Kind() {
	case reflect.Pointer:
		return shared(path, a.Elem(), b.Elem())
	case reflect.Struct:
		if a.Type() == timeType || a.Type() == quantityType {
			return ""
		}
		for i := range a.NumField() {
			if found := shared(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); found != "" {
				return found
			}
		}
	case reflect.Slice:
		return shared(path+"[1]", a.Index(1), b.Index(1))
	case reflect.Map:
		for each := a.MapRange(); each.Next(); {
			return shared(path+"[x]", each.Value(), b.MapIndex(each.Key()))
		}
	}
	return ""
}

func TestCopySharesNothing(t *testing.T) {
	for _, kind := range Kinds {
		obj := kind.New()
		fill(reflect.ValueOf(obj).Elem())
		clone := Clone(obj)
		if !reflect.DeepEqual(obj, clone) {
			t.Errorf("%v: the copy is %+v", kind, clone)
		}
		if path := shared(kind.Name, reflect.ValueOf(obj), reflect.ValueOf(clone)); path != "" {
			t.Errorf("the copy shares %s", path)
		}
	}
	node := sample[*Node](t, Nodes)
	node.Status.Capacity["memory"] = amount("123456789012345678901234567890")
	clone := Clone(node)
	memory := clone.Status.Capacity["memory"]
	memory.Add(amount("1").Quantity)
	if kept := node.Status.Capacity["memory"]; kept.Cmp(amount("123456789012345678901234567890").Quantity) != 0 {
		t.Errorf("an addition to the copy has made it %v", kept)
	}
}
