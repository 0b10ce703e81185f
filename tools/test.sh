#!/bin/bash
# `make test`: everything that must hold, on a machine that may have nothing but
# Go and Node. The last line is the result.
set -eu -o pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh

# Only what the tests themselves set may steer them.
# PORTRAIT_TEST_POSTGRES names the cluster to test on, in place of one of our own.
postgres=${PORTRAIT_TEST_POSTGRES-}
unset "${!PORTRAIT_@}"
[[ -z $postgres ]] || export PORTRAIT_TEST_POSTGRES=$postgres
# Nothing is skipped for lack of a browser or a database: they are installed first.
export CI=true

stop_unless_ok() { [[ ${#failed[@]} == 0 ]] || finish "make test"; }

step "install" tools/install.sh go node cc chromium postgresql strace openssl fonts
stop_unless_ok
step "npm packages" make --no-print-directory node_modules/.done
stop_unless_ok
step "check" tools/check.sh
# Git doesn't have what the browser loads on need, and the browser tests need it.
step "static/extra" go run -C tools ./dist -extra
# Loops over pixels share nothing between goroutines, and take most of the time
# when the race detector looks at each of their steps: it does so where pictures
# are made side by side, and everywhere else it looks at everything but them.
pixels=(./internal/picture ./internal/jpegscale)
unwatched=()
for package in image/draw image/jpeg image/png golang.org/x/image/... portrait/internal/picture portrait/internal/jpegscale; do
	unwatched+=("-gcflags=$package=-race=false")
done
mapfile -t packages < <(go list ./... | grep -vE '/(e2e|internal/picture|internal/jpegscale)$')
# Most tests wait most of the time, so more of them run at once than there are processors.
step "go test -race" tools/with-postgres.sh go test -race "${unwatched[@]}" -parallel 6 -timeout 30m "${packages[@]}"
step "pixels" go test "${pixels[@]}"
step "pixels -race" go test -race -run 'TestSecurityCorpus|TestBudget' ./internal/picture
# By itself: what a browser does in time is part of what these tests hold.
step "browser tests" go test -parallel 4 -timeout 40m ./e2e
# By itself and without the race detector: it measures how much of a limit is used.
step "use of slots" tools/with-postgres.sh go test -count=1 -run ReplicasStay ./internal/photo
step "fuzz" tools/fuzz.sh 5s light
finish "make test"
