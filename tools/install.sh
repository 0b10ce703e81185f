#!/bin/bash
# Installs what `make` needs and this machine lacks, saying so in a line each:
#   tools/install.sh node|go|cc|chromium|postgresql|strace|openssl|fonts|butteraugli …
# Only what Debian has is installed, and only by root. Elsewhere it says what to
# install and fails.
set -eu -o pipefail

# there NAME: whether the machine has it.
there() {
	case $1 in
	go) command -v go ;;
	node) command -v npm && node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ;;
	cc) command -v gcc ;;
	chromium) command -v chromium || command -v google-chrome || command -v chromium-browser ;;
	postgresql) tools/with-postgres.sh --bin ;;
	strace) command -v strace ;;
	openssl) command -v openssl ;;
	fonts) fc-list ':lang=zh-cn' family | grep . ;;
	butteraugli) command -v butteraugli_main && command -v taskset ;;
	esac >/dev/null 2>&1
}

# packages NAME: Debian's packages for it; none if Debian's may be too old.
packages() {
	case $1 in
	cc) echo gcc libc6-dev ;;
	chromium) echo chromium ;;
	postgresql) echo postgresql ;;
	strace) echo strace ;;
	openssl) echo openssl ;;
	fonts) echo fonts-noto-cjk fontconfig ;;
	butteraugli) echo libjxl-devtools util-linux ;;
	esac
}

# why NAME: what it is for.
why() {
	case $1 in
	go) echo "Go 1.26 or newer (https://go.dev/dl)" ;;
	node) echo "Node 20 or newer with npm (https://nodejs.org), which builds the styles" ;;
	cc) echo "a C compiler, which the race detector needs" ;;
	chromium) echo "Chromium, for the browser tests" ;;
	postgresql) echo "PostgreSQL, for the store's tests" ;;
	strace) echo "strace, which sees whether a picture makes the program start another" ;;
	openssl) echo "openssl, with which the script of docs/entra.md makes a certificate" ;;
	fonts) echo "a font with Chinese characters, for the browser tests" ;;
	butteraugli) echo "butteraugli_main of libjxl and taskset, for the benchmark" ;;
	esac
}

wanted=()
for name in "$@"; do
	there "$name" && continue
	if [[ -z $(packages "$name") ]]; then
		echo "Missing: $(why "$name"). Please install it." >&2
		exit 1
	fi
	if [[ ! -e /etc/debian_version || $(id -u) != 0 ]]; then
		echo "Missing: $(why "$name"). Please install it; on Debian, as root: apt-get install $(packages "$name")" >&2
		exit 1
	fi
	echo "Installing $(why "$name"): $(packages "$name")"
	read -ra more <<<"$(packages "$name")"
	wanted+=("${more[@]}")
done
[[ ${#wanted[@]} == 0 ]] && exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install -y --no-install-recommends "${wanted[@]}"; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "Debian's packages could not be installed: ${wanted[*]}" >&2
	exit 1
fi
