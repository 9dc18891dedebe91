package object

import (
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Clone returns a copy that shares nothing with the object.
func Clone[T Object](obj T) T {
	return copied(reflect.ValueOf(obj)).Interface().(T)
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	quantityType = reflect.TypeFor[resource.Quantity]()
)

// copied copies what the fields of objects are made of. That takes less than half of the time of encoding
// and decoding.
func copied(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		to := reflect.New(v.Type().Elem())
		to.Elem().Set(copied(v.Elem()))
		return to
	case reflect.Struct:
		if v.Type() == quantityType {
			return reflect.ValueOf(v.Interface().(resource.Quantity).DeepCopy())
		}
		to := reflect.New(v.Type()).Elem()
		to.Set(v)
		for i := 0; i < v.NumField() && v.Type() != timeType; i++ {
			switch v.Field(i).Kind() {
			case reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Map:
				to.Field(i).Set(copied(v.Field(i)))
			}
		}
		return to
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			to.Index(i).Set(copied(v.Index(i)))
		}
		return to
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeMapWithSize(v.Type(), v.Len())
		for each := v.MapRange(); each.Next(); {
			to.SetMapIndex(each.Key(), copied(each.Value()))
		}
		return to
	}
	return v
}
