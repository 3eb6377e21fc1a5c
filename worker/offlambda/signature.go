package offlambda

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// signature says what is wrong with fn, by the rules of lambda.Start. That finds out only
// when it calls fn.
func signature(fn any) error {
	if fn == nil {
		return errors.New("the function is nil")
	}
	v := reflect.ValueOf(fn)
	if k := v.Kind(); (k == reflect.Func || k == reflect.Pointer) && v.IsNil() {
		return errors.New("the function is nil")
	}
	if _, ok := fn.(lambda.Handler); ok {
		return nil
	}
	t := v.Type()
	switch {
	case t.Kind() != reflect.Func:
		return fmt.Errorf("%v is not a function", t)
	case t.IsVariadic():
		return fmt.Errorf("%v takes any number of arguments, want none, a context, an event, or both", t)
	case t.NumIn() > 2, t.NumIn() == 2 && !isContext(t.In(0)):
		return fmt.Errorf("%v takes other arguments than none, a context, an event, or both", t)
	case t.NumIn() == 1 && t.In(0).Kind() == reflect.Interface && t.In(0).NumMethod() > 0 && !isContext(t.In(0)):
		return fmt.Errorf("%v takes an interface that is not context.Context", t)
	case t.NumOut() > 2, t.NumOut() > 0 && !t.Out(t.NumOut()-1).Implements(errorType):
		return fmt.Errorf("%v returns something else than nothing, an error, or a response and an error", t)
	}
	return nil
}

// isContext reports whether t is context.Context, or an interface with its methods.
func isContext(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && contextType.Implements(t) && t.Implements(contextType)
}
