package demo

import (
	"reflect"
	"testing"
)

func TestTextsAreComplete(t *testing.T) {
	for _, s := range []texts{english(), chinese()} {
		for _, v := range []reflect.Value{reflect.ValueOf(s), reflect.ValueOf(s.Weather)} {
			for i := range v.NumField() {
				if v.Field(i).IsZero() {
					t.Errorf("%s: %s is empty", s.Lang, v.Type().Field(i).Name)
				}
			}
		}
		for _, p := range regions() {
			if s.Weather.Regions[p.key] == "" {
				t.Errorf("%s: the region %q has no name", s.Lang, p.key)
			}
			for _, k := range p.kinds {
				if said := s.Weather.Kinds[k.key]; said.Name == "" || said.Means == "" || said.Expect == "" {
					t.Errorf("%s: of the weather %q it says %+v alone", s.Lang, k.key, said)
				}
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
