#!/bin/bash
# `make release`: the static program for every system that it is for, without
# symbols; what is in each (CycloneDX); and SHA-256 sums. All of it in bin/release.
# Two builds of the same commit are the same bytes.
set -eu -o pipefail
cd "$(dirname "$0")/.."
out=bin/release
rm -rf "$out"
mkdir -p "$out"
for target in linux/amd64 linux/arm64 windows/amd64 darwin/amd64 darwin/arm64; do
	os=${target%/*} arch=${target#*/}
	name=portrait-$os-$arch
	[[ $os == windows ]] && name+=.exe
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -ldflags '-s -w' -o "$out/$name" ./cmd/portrait
	go run -C tools ./sbom "../$out/$name" >"$out/$name.cdx.json"
	size=$(stat -c %s "$out/$name" 2>/dev/null || stat -f %z "$out/$name")
	((size <= 40 << 20)) || { echo "$name has $size bytes, more than 40 MB" >&2; exit 1; }
	echo "$name: $((size >> 20)) MB"
done
(cd "$out" && sha256sum portrait-* >SHA256SUMS)
