# For scripts that do several things: `step NAME COMMAND …` runs one and says how
# long it took; `finish NAME` prints the result of all, as the last line, and
# exits with it.
took=()
failed=()
began=$SECONDS

step() {
	local name=$1 start=$SECONDS result=ok
	shift
	# In a subshell of its own: as the condition of an if, set -e would be off in it.
	set +e
	(
		set -e
		"$@"
	)
	[[ $? == 0 ]] || {
		result=FAILED
		failed+=("$name")
	}
	set -e
	took+=("$name $((SECONDS - start)) s")
	printf -- '-- %-18s %-6s %4d s\n' "$name" "$result" $((SECONDS - start))
}

finish() {
	local all
	all=$(printf ', %s' "${took[@]}")
	if [[ ${#failed[@]} != 0 ]]; then
		local what
		what=$(printf ', %s' "${failed[@]}")
		echo "$1: FAILED in $((SECONDS - began)) s: ${what:2}"
		exit 1
	fi
	echo "$1: passed in $((SECONDS - began)) s (${all:2})"
}
