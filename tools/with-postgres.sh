#!/bin/bash
# Runs a command with a PostgreSQL cluster of its own:
#   tools/with-postgres.sh go test ./internal/store
# The cluster lives in a temporary folder, listens on a free port of 127.0.0.1
# and is gone when the command ends. The command finds its address in
# PORTRAIT_TEST_POSTGRES; the user may create databases in it. Where that is set
# already, the command runs on the cluster that it names.
#   tools/with-postgres.sh --bin
# prints the folder of PostgreSQL's programs, or fails if there is none.
set -eu -o pipefail

# programs prints the folder of the newest PostgreSQL; Debian has it outside PATH.
programs() {
	local dir
	for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v initdb || echo /none)")"; do
		[[ -x $dir/initdb && -x $dir/pg_ctl ]] && echo "$dir" && return
	done
	return 1
}

if [[ ${1-} == --bin ]]; then
	programs
	exit
fi
[[ -z ${PORTRAIT_TEST_POSTGRES-} ]] || exec "$@"
bin=$(programs) || {
	echo "PostgreSQL is not installed: run tools/install.sh postgresql" >&2
	exit 1
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/portrait-postgres.XXXXXX")
# PostgreSQL refuses to run as root.
as=()
if [[ $(id -u) == 0 ]]; then
	chown postgres "$dir"
	as=(runuser -u postgres --)
fi

stop() {
	"${as[@]}" "$bin/pg_ctl" stop -D "$dir/data" -m immediate -s >/dev/null 2>&1 || true # it may not have started
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start tries one port. Nothing that these tests write must outlive a crash, so
# nothing waits for the disk.
start() {
	"${as[@]}" "$bin/pg_ctl" start -D "$dir/data" -w -s -l "$dir/server.log" -o "-c listen_addresses=127.0.0.1 -c port=$1 \
		-c unix_socket_directories='' -c max_connections=200 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" >/dev/null 2>&1
}

cd "$dir" # runuser keeps the folder, which postgres may not be allowed to see
"${as[@]}" "$bin/initdb" -D "$dir/data" -U portrait -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || {
	cat "$dir/log" >&2
	exit 1
}
port=
for _ in {1..20}; do
	port=$((20000 + RANDOM))
	start "$port" && break
	port=
done
if [[ -z $port ]]; then
	cat "$dir/server.log" >&2
	echo "PostgreSQL did not start" >&2
	exit 1
fi
cd "$OLDPWD"

export PORTRAIT_TEST_POSTGRES="postgres://portrait@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
