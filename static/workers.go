package static

import "strings"

// The names of the workers, for those who allow a page to start them: URL says
// where they are. The first is in every build; Has tells of the others.
const (
	ShrinkWorker = "shrink.js"
	FaceWorker   = "extra/faces/worker.js"
	HEICWorker   = "extra/heic/worker.js"
)

// ShareWorker is the plain name of the service worker that takes what is shared
// to Portrait, for URL. It fetches nothing, and its policy says so.
const ShareWorker = "share.js"

// workerPolicies are the Content-Security-Policies of the workers, by plain name.
// A worker has the policy of its own answer, not that of the page
// that starts it: so what a worker needs, no page has to allow. Every other
// file keeps the policy that the site gives it.
//
// Source: https://www.w3.org/TR/CSP3/#initialize-global-object-csp
var workerPolicies = map[string]string{
	// It is one file, and is given all it works on.
	ShrinkWorker: join("default-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"),
	// WebAssembly is compiled, its file and the model are fetched.
	FaceWorker: join("default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self'",
		"require-trusted-types-for 'script'", "trusted-types 'none'"),
	// The converter starts a worker of its own from a blob; the default policy of
	// Trusted Types lets that pass and nothing else.
	HEICWorker: join("default-src 'none'", "script-src 'self'", "worker-src blob:",
		"require-trusted-types-for 'script'", "trusted-types default"),
}

func join(directives ...string) string { return strings.Join(directives, "; ") }
