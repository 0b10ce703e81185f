#!/bin/sh
# Runs the tests of the scripts, static/js/*.test.ts, with Node's own runner.
# esbuild takes the types out first, since Node 20 can't.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go tool -modfile=tools/go.mod esbuild static/js/*.test.ts --bundle --platform=node --format=esm \
	--define:SHRINK_WORKER='"/static/shrink.js"' --out-extension:.js=.mjs --outdir="$out" --log-level=warning
node --test --test-reporter=spec "$out"/*.mjs
