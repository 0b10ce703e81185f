package main

import (
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// faceParts says where the imports of static/js/workers/faces.ts, and of what
// it imports, are found. face-api's build without a bundle asks for all of
// TensorFlow.js; its tiny detector needs the core and the backend in
// WebAssembly. WebGL is left out, and so are threads, which need a page that is
// isolated from all others, and random numbers.
//
// What isn't here is found as always.
var faceParts = map[string]struct {
	file string // below node_modules
	text string // or the module itself
}{
	"face-api": {file: "@vladmandic/face-api/dist/face-api.esm-nobundle.js"},
	"@tensorflow/tfjs/dist/index.js": {text: `export * from '@tensorflow/tfjs-core';
		import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';`},
	"@tensorflow/tfjs-backend-webgl/dist/index.js": {text: `export {};`},
	"@tensorflow/tfjs-backend-wasm/dist/index.js":  {file: "@tensorflow/tfjs-backend-wasm/dist/index.js"},
	"seedrandom": {text: `export const alea = undefined;`},
	"../wasm-out/tfjs-backend-wasm-threaded-simd.js":        {text: `export default undefined;`},
	"../wasm-out/tfjs-backend-wasm-threaded-simd.worker.js": {text: `export const wasmWorkerContents = '';`},
}

// shrinkWorker bundles the worker that makes pictures small, which is all ours.
func shrinkWorker(root string) ([]byte, error) {
	return bundle(root, api.BuildOptions{EntryPoints: []string{"static/js/workers/shrink.ts"}})
}

// faceWorker bundles the worker that finds faces.
func faceWorker(root string) ([]byte, error) {
	return bundle(root, api.BuildOptions{
		EntryPoints: []string{"static/js/workers/faces.ts"},
		Plugins:     []api.Plugin{{Name: "face parts", Setup: func(b api.PluginBuild) { takeFaceParts(b, root) }}},
	})
}

// takeFaceParts makes b find what faceParts has.
func takeFaceParts(b api.PluginBuild, root string) {
	const made = "made" // the modules that are a text here
	b.OnResolve(api.OnResolveOptions{Filter: `^(face-api|seedrandom|@tensorflow/tfjs.*/dist/index\.js|\.\./wasm-out/.*threaded.*)$`},
		func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			p, ok := faceParts[args.Path]
			switch {
			case !ok:
				return api.OnResolveResult{}, nil
			case p.file != "":
				return api.OnResolveResult{Path: filepath.Join(root, "node_modules", filepath.FromSlash(p.file))}, nil
			}
			return api.OnResolveResult{Path: args.Path, Namespace: made}, nil
		})
	b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: made}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		text := faceParts[args.Path].text
		return api.OnLoadResult{Contents: &text, ResolveDir: root}, nil
	})
}

// heicWorker bundles the worker that converts HEIC pictures. The converter
// itself stays a file of its own, unmodified, so that anybody can put another
// build of it in its place, as its licence asks.
func heicWorker(root string) ([]byte, error) {
	return bundle(root, api.BuildOptions{
		EntryPoints: []string{"static/js/workers/heic.ts"},
		Alias:       map[string]string{"heic-to/csp": "./heic-to.js"},
		External:    []string{"./heic-to.js"},
	})
}

// shareWorker bundles the service worker that takes what is shared to Portrait.
// It is small and of ours alone, and so stands in static/dist.
func shareWorker(root string) ([]byte, error) {
	return bundle(root, api.BuildOptions{EntryPoints: []string{"static/js/workers/share.ts"}})
}
