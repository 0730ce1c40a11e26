#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long
# kill -9 while boards are written: the next start turns them into ABORTED rows and programs them. A
# pair of SIGTERM does so in order; one lets them finish.
. "$(dirname "$0")/../lib.sh"

export h7gang work
p=$(profile killed "leave: false")
export p

# start LOG: a run in the background, ended when boards are being written.
start_run() {
	"$h7gang" run --profile "$p" --audit "$1" --count 4 >"$1.out" 2>"$1.err" </dev/null &
	run=$!
	wait_for 60 grep -q ': program$' "$1.err"
}
export -f start_run wait_for

killed() {
	start_run "$work/log.csv" || exit 90
	kill -9 $run
	wait $run
	"$h7gang" audit verify "$work/log.csv" >"$work/between" 2>&1
	"$h7gang" run --profile "$p" --audit "$work/log.csv" --count 4 --wait 20
}
export -f killed
exits 0 "kill -9, then a second run" "$sim" --targets 4 --save "$work/saved" -- bash -c killed
cp "$work/err" "$work/second.err"
open=$(sed -n 's/.* \([0-9]*\) attempts begun without a row.*/\1/p' "$work/between")
echo "# $(tail -n 1 "$work/between")"
check "between them audit verify lists what is open" test "${open:-0}" -ge 1
check "that many rows say ABORTED" test "$(rows "$work/log.csv" result ABORTED)" -eq "${open:-0}"
check "the second run says how many" says "$work/second.err" "$open interrupted attempt"
check "four say PASS" test "$(rows "$work/log.csv" result PASS)" -eq 4
log_state 0 "the log" "$work/log.csv" "intact: $((4 + ${open:-0})) rows"
for flash in "$work"/saved/*.bin; do
	check "flash is right" flash_is "$flash"
	check "counters are 0" counters_good "${flash%.bin}.json"
done

# signalled LOG SIGNAL...: a run that gets them while boards are written, each after the one before was heeded.
signalled() {
	local log=$1 signal next=
	start_run "$log" || exit 90
	for signal in "${@:2}"; do
		[ -z "$next" ] || wait_for 60 grep -q "ending: what runs is finished" "$log.err" || exit 91
		kill "-$signal" $run
		next=yes
	done
	wait $run
}
export -f signalled
exits 1 "SIGTERM twice" "$sim" --targets 4 -- bash -c 'signalled "$work/twice.csv" TERM TERM'
check "rows say ABORTED" test "$(rows "$work/twice.csv" error aborted)" -ge 1
check "lines too" grep -q '^ABORTED ' "$work/twice.csv.out"
log_state 0 "the log" "$work/twice.csv" "intact: 4 rows"

exits 0 "SIGTERM once" "$sim" --targets 4 --speed 4 -- bash -c 'signalled "$work/once.csv" TERM'
check "all are finished" test "$(rows "$work/once.csv" result PASS)" -eq 4

# The terminal goes: as SIGTERM once, however often it is told; under nohup it is nothing.
exits 0 "SIGHUP twice" "$sim" --targets 4 --speed 4 -- bash -c 'signalled "$work/hangup.csv" HUP HUP'
check "all are finished then, too" test "$(rows "$work/hangup.csv" result PASS)" -eq 4
exits 0 "SIGHUP ignored" "$sim" --targets 4 --speed 4 -- bash -c 'trap "" HUP; signalled "$work/ignored.csv" HUP'
check "nothing is said of it" eval "! grep -q ending '$work/ignored.csv.err'"
finish
