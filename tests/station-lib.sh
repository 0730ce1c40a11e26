# SPDX-License-Identifier: GPL-2.0-or-later
# A watching station that a script drives by --commands, for the tests of scans, stop rules and hooks.
# shellcheck shell=bash
log=$work/log.csv
socket=$work/ctl
export h7gang sim log socket work

ctl() { "$sim" ctl "$socket" "$@" >/dev/null; }
# events FILTER: how many there were so far.
events() { jq -s "map(select($1)) | length" "$log.json" 2>/dev/null || echo 0; }
seen() { [ "$(events "$2")" -ge "$1" ]; }
# met NAME COMMAND...: notes whether it holds now.
met() {
	local name=$1
	shift
	if "$@" >/dev/null; then echo "$name" >>"$work/met"; else echo "NOT $name" >>"$work/met"; fi
}
# soon COUNT FILTER: waits for so many events; the note is the filter.
soon() { met "$2" wait_for 20 seen "$@"; }
# say LINE [COUNT]: gives a command, and waits for its answer; `last` is it.
said=0
say() {
	said=$((said + 1))
	printf '%s\n' "$1" >&9
	wait_for 20 seen $said '.event == "answer"' || echo "NOT answered: $1" >>"$work/met"
	last=$(jq -sc 'map(select(.event == "answer")) | last' "$log.json")
}
yes() { say "$1"; met "yes: $1" jq -e .accepted <<<"$last"; }
no() { # LINE WORDS: it is refused, and says so
	say "$1"
	met "no: $1: $2" jq -e --arg text "$2" '(.accepted | not) and (.text | contains($text))' <<<"$last"
}
begin() { # OPTIONS...
	rm -f "$work/commands"
	: >"$log.json" >"$log.err" # a run in the background may empty them late
	mkfifo "$work/commands"
	said=0
	"$h7gang" run --watch --json --commands "$@" <"$work/commands" >"$log.json" 2>"$log.err" &
	run=$!
	exec 9>"$work/commands"
	wait_for 60 seen 1 '.event == "state"' || echo "NOT begun" >>"$work/met"
}
end() {
	exec 9>&-
	wait $run
	echo "exit $?" >>"$work/met"
}
export -f ctl events seen met soon say yes no begin end wait_for

# station WHAT DRIVER: ($time: the fleet's time, by default the real one with a faster flash) runs the driver over the fleet of $work/fleet.yaml; each of its notes is a check.
station() {
	: >"$work/met"
	rm -f "$log.json"
	# shellcheck disable=SC2086 # options
	"$sim" ${time:---speed 20} --fleet "$work/fleet.yaml" --control "$socket" --save "$work/saved" -- bash -c "$2" \
		>"$work/driver.out" 2>"$work/driver.err"
	check "$1: the driver ran" test -s "$work/met"
	while read -r line; do
		check "$1: $line" test "${line#NOT }" = "$line"
	done <"$work/met"
	[ "$bad" -eq 0 ] || { tail -n 5 "$log.json" "$log.err" "$work/driver.err" | cut -c 1-600 | sed 's/^/# /'; }
}
