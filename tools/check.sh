#!/bin/bash
# `make check`: looks at everything without running Portrait. Changes nothing.
# Goes on after a finding, so that all are seen at once; fails if there was one.
set -eu -o pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
templ=(go tool -modfile=tools/go.mod templ)

formatted() {
	local wrong
	wrong=$(git ls-files -co --exclude-standard '*.go' | xargs -r ls -d 2>/dev/null | xargs -r gofmt -l)
	[[ -z $wrong ]] && return
	echo "Not in gofmt's form (run \`make format\`):" $wrong
	return 1
}

vetted() {
	go vet ./...
	go vet -C tools ./...
}

static_checked() {
	go tool -modfile=tools/go.mod staticcheck ./...
	(cd tools && go tool staticcheck ./...)
}

# security_checked looks for what gosec finds and nobody has explained.
security_checked() { go run -C tools ./gosec; }

# views_fresh generates from a copy: this tree may be somebody's work in progress.
views_fresh() {
	mkdir -p "$tmp/fresh" "$tmp/formatted"
	cp views/*.templ "$tmp/fresh"
	cp views/*.templ "$tmp/formatted"
	"${templ[@]}" generate -path "$tmp/fresh" -log-level error
	local made stale=()
	for made in "$tmp"/fresh/*_templ.go; do
		cmp -s "$made" "views/${made##*/}" || stale+=("views/${made##*/}")
	done
	for made in views/*_templ.go; do
		[[ -e $tmp/fresh/${made##*/} ]] || stale+=("$made")
	done
	if [[ ${#stale[@]} != 0 ]]; then
		echo "Not what their .templ files give (run \`make generate\` and commit them): ${stale[*]}"
		return 1
	fi
	"${templ[@]}" fmt -log-level error "$tmp/formatted"
	if ! diff -q "$tmp/formatted" "$tmp/fresh" --exclude '*_templ.go' >/dev/null; then
		echo "Some .templ files are not in templ's form: run \`make format\`"
		return 1
	fi
}

static_fresh() { go run -C tools ./dist -check; }

lock_clean() {
	! grep -n '"resolved"' package-lock.json bench/package-lock.json tools/lighthouse/package-lock.json || {
		echo "package-lock.json names registry hosts: run \`npm config set omit-lockfile-registry-resolved true\`, delete the file and run \`npm install\`"
		return 1
	}
}

scripts_typed() {
	npx --no-install tsc --noEmit --project static/js
	npx --no-install tsc --noEmit --project static/js/workers
}

shell_parsed() {
	local script
	for script in tools/*.sh .ci/run; do bash -n "$script"; done
}

step "gofmt" formatted
step "go vet" vetted
step "staticcheck" static_checked
step "gosec" security_checked
step "templ fresh" views_fresh
step "static fresh" static_fresh
step "npm lock file" lock_clean
step "TypeScript types" scripts_typed
step "shell scripts" shell_parsed
step "deploy" go run -C tools ./deploy
step "tests of tools" go test -C tools ./...
step "tests of scripts" tools/test-js.sh
finish "make check"
