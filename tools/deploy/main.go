// Command deploy parses and lints what is in deploy/: the Containerfile as
// BuildKit does, the unit as systemd's library does, the kustomize folder as
// kubectl does with every field known, and the proxy's configuration.
//
//	go run -C tools ./deploy
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/tufanbarisyildirim/gonginx/config"
	nginx "github.com/tufanbarisyildirim/gonginx/parser"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := check("../deploy"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check returns everything that is wrong in folder.
func check(folder string) error {
	var errs []error
	for name, look := range map[string]func(string) error{
		"Containerfile": containerfile, "portrait.service": service, "nginx.conf": proxy, "kustomize": kustomize,
	} {
		if err := look(filepath.Join(folder, name)); err != nil {
			errs = append(errs, fmt.Errorf("deploy/%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// containerfile holds that the image runs as somebody who isn't root.
func containerfile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return err
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return err
	}
	user := ""
	for _, c := range stages[len(stages)-1].Commands {
		if u, ok := c.(*instructions.UserCommand); ok {
			user = u.User
		}
	}
	if user == "" || user == "root" || strings.HasPrefix(user, "0") {
		return fmt.Errorf("it runs as %q", user)
	}
	return nil
}

// sandbox are directives without which the unit isn't shut in.
var sandbox = []string{"DynamicUser=yes", "ProtectSystem=strict", "ProtectHome=yes", "NoNewPrivileges=yes", "PrivateTmp=yes", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet="}

func service(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	options, err := unit.DeserializeOptions(file)
	if err != nil {
		return err
	}
	var there []string
	for _, o := range options {
		there = append(there, o.Name+"="+o.Value)
	}
	for _, want := range append([]string{"ExecStart=/usr/local/bin/portrait serve", "TimeoutStopSec=40"}, sandbox...) {
		if !slices.Contains(there, want) {
			return fmt.Errorf("it doesn't say %s", want)
		}
	}
	return nil
}

// proxy holds that the address that people have is passed on, and large bodies.
func proxy(path string) error {
	p, err := nginx.NewParser(path)
	if err != nil {
		return err
	}
	parsed, err := p.Parse()
	if err != nil {
		return err
	}
	for _, want := range []string{"proxy_pass", "client_max_body_size", "proxy_request_buffering", "ssl_certificate"} {
		if len(parsed.FindDirectives(want)) == 0 {
			return fmt.Errorf("it doesn't say %s", want)
		}
	}
	if !slices.ContainsFunc(parsed.FindDirectives("proxy_set_header"), func(d config.IDirective) bool { return d.GetParameters()[0].GetValue() == "X-Forwarded-For" }) {
		return errors.New("it doesn't pass X-Forwarded-For on")
	}
	return nil
}

// kinds are those that the folder may hold, as Kubernetes' own types.
var kinds = map[string]func() any{
	"Namespace": func() any { return &corev1.Namespace{} }, "Service": func() any { return &corev1.Service{} },
	"ConfigMap": func() any { return &corev1.ConfigMap{} }, "Deployment": func() any { return &appsv1.Deployment{} },
	"PodDisruptionBudget": func() any { return &policyv1.PodDisruptionBudget{} }, "NetworkPolicy": func() any { return &networkingv1.NetworkPolicy{} },
}

// kustomize builds the folder and reads each object strictly: a field that
// Kubernetes doesn't know is an error.
func kustomize(path string) error {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		return err
	}
	var errs []error
	seen := map[string]bool{}
	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return err
		}
		make, known := kinds[r.GetKind()]
		if !known {
			errs = append(errs, fmt.Errorf("%s is of no kind that is known", r.GetKind()))
			continue
		}
		object := make()
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.GetKind(), err))
		}
		seen[r.GetKind()] = true
		if d, ok := object.(*appsv1.Deployment); ok {
			errs = append(errs, deployment(d))
		}
	}
	for kind := range kinds {
		if !seen[kind] {
			errs = append(errs, fmt.Errorf("there is no %s", kind))
		}
	}
	return errors.Join(errs...)
}

// deployment holds what must be so for each pod.
func deployment(d *appsv1.Deployment) error {
	pod := d.Spec.Template.Spec
	c := pod.Containers[0]
	switch {
	case d.Spec.Replicas == nil || *d.Spec.Replicas < 2:
		return errors.New("the folder is for several replicas")
	case pod.SecurityContext == nil || pod.SecurityContext.RunAsNonRoot == nil || !*pod.SecurityContext.RunAsNonRoot:
		return errors.New("it may run as root")
	case c.SecurityContext == nil || c.SecurityContext.ReadOnlyRootFilesystem == nil || !*c.SecurityContext.ReadOnlyRootFilesystem:
		return errors.New("its files can be written to")
	case c.ReadinessProbe == nil || c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.LivenessProbe == nil || c.LivenessProbe.HTTPGet.Path != "/healthz":
		return errors.New("its probes aren't /readyz and /healthz")
	case pod.TerminationGracePeriodSeconds == nil || *pod.TerminationGracePeriodSeconds < 40:
		return errors.New("saves are cut off at the end")
	}
	return nil
}
