#!/bin/bash
# `make fuzz`: runs every fuzz target for a while ($1, 2m unless given), one after
# the other. What is found is kept by Go in the package's testdata/fuzz.
set -eu -o pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh

for_time=${1:-2m}
while IFS=: read -r file target; do
	step "$target" go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$for_time"
done < <(git grep -oE 'func Fuzz[A-Za-z]+' -- '*_test.go' | sed 's/func //')
finish "make fuzz"
