package demo

import (
	"reflect"
	"testing"
)

func TestTextsAreComplete(t *testing.T) {
	for _, s := range []texts{english(), chinese()} {
		v := reflect.ValueOf(s)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is empty", s.Lang, v.Type().Field(i).Name)
			}
		}
		for _, p := range newPeople() {
			if p.persona != "" && s.Personas[p.persona] == "" {
				t.Errorf("%s: nothing says what %q stands for", s.Lang, p.persona)
			}
		}
		for _, sample := range samples() {
			if s.Sample[sample.name] == "" {
				t.Errorf("%s: nothing says what %q shows", s.Lang, sample.name)
			}
		}
	}
}
