#!/bin/bash
# Runs every fuzz target of the repository, one after another:
#   tools/fuzz.sh 5s light  # each for five seconds, as `make test` does
#   tools/fuzz.sh 5m        # as `make soak` does
# light leaves out packages with the database in them, whose fuzz targets take
# minutes to compile; their seeds run with the other tests.
# Inputs that fail are kept by go in testdata/fuzz of the package: commit them
# with what mends it.
set -eu -o pipefail
cd "$(dirname "$0")/.."
each=${1:?how long, as 5s}
light=${2-}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=()
while IFS=: read -r file target; do
	package=./$(dirname "$file")
	if [[ $light ]] && go list -deps -test "$package" | grep -q '^modernc.org/sqlite'; then continue; fi
	echo "$package $target"
	# Making a finding smaller may take a minute by default: more than the search.
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$each" -fuzzminimizetime 5s "$package" >"$log" 2>&1 || {
		# On a busy machine Go before 1.27 may take the end of its own time for a
		# failure (https://go.dev/issue/75804); a finding comes with its input.
		if grep -q '^    context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"; then continue; fi
		failed+=("$package $target")
		tail -n 40 "$log"
	}
done < <(git grep -noE '^func Fuzz[A-Za-z0-9_]*\(f \*testing\.F\)' -- '*_test.go' | sed -E 's/:[0-9]+:func (Fuzz[A-Za-z0-9_]*).*/:\1/')

if [[ ${#failed[@]} != 0 ]]; then
	printf 'failed: %s\n' "${failed[@]}"
	exit 1
fi
