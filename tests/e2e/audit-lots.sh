#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# Logs of several lots: attempts that a killed run left open, marks that were put back from a backup, the clock of a new
# lot, and files in the order in which a shell names them.
. "$(dirname "$0")/../lib.sh"
. tests/disturb-lib.sh

lots=$(profile lots $'leave: false\nerase: touched\nverify: image\naudit: {file: "lots/{lot}.csv"}')
one=$(profile one $'leave: false\nerase: touched\nverify: image\naudit: {file: one.csv, rotate_lot: true}')
export h7gang work lots one
tray() { # PROFILE LOT [OPTIONS]
	local p=$1 lot=$2
	shift 2
	"$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$p" --lot "$lot" --quiet "$@"
}
# begun PROFILE LOT LOG SIGNAL: a run that gets it, "" none, while its board is written; its marks are kept.
begun() {
	"$h7gang" run --profile "$1" --lot "$2" --quiet >/dev/null 2>&1 </dev/null &
	local run=$!
	wait_for 60 test -s "$3.begun" || return 1
	cp "$3.begun" "$work/marks"
	[ -z "$4" ] || kill "-$4" $run
	wait $run
}
export -f begun wait_for

# --- marks whose attempts have rows two files ago ---
exits 0 "a lot" "$sim" --targets 1 --speed 4 -- bash -c 'begun "$one" L1 "$work/one.csv" ""'
exits 0 "a second lot" tray "$one" L2
exits 0 "a third lot" tray "$one" L3
cp "$work/marks" "$work/one.csv.begun"
exits 0 "the marks of the first one are put back" tray "$one" L3
check "each attempt has one row" test -z "$(for f in "$work"/one.csv*; do column "$f" "unit_id attempt"; done | sort | uniq -d)"
check "no row was made of them" test "$(cat "$work"/one.csv* | grep -c ABORTED)" -eq 0
log_state 0 "the log" "$work/one.csv.0001" "intact: 1 rows"

# --- the files of a log, in the order of a shell ---
exits 0 "files in the order of a shell" "$h7gang" audit verify "$work"/one.csv "$work"/one.csv.000?
check "they are one chain" says "$work/out" "intact: 4 rows, seq=4 "
exits 0 "each log" "$h7gang" audit verify --each "$work"/one.csv*

# --- a run that was killed in another lot ---
exits 137 "a run is killed" "$sim" --targets 1 --speed 4 -- bash -c 'begun "$lots" K1 "$work/lots/K1.csv" KILL'
exits 0 "another lot" tray "$lots" K2
check "it tells of the first one" says "$work/err" "$work/lots/K1.csv: 1 attempt of a run that was killed without a row"
exits 3 "the first one, without a board" "$h7gang" run --profile "$lots" --lot K1 --wait 0
check "it has its row" test "$(rows "$work/lots/K1.csv" result ABORTED)" -eq 1
exits 0 "another lot" tray "$lots" K2
check "nothing is told" test ! -s "$work/err"
exits 1 "logs of two lots are not one chain" "$h7gang" audit verify "$work"/lots/*.csv
check "it says how they are verified" says "$work/err" "--each"
exits 0 "each of them" "$h7gang" audit verify --each "$work"/lots/*.csv

# --- the clock of a new lot ---
# 20 s: more would be before the build of the program
back() { # SECONDS LOT [OPTIONS]
	local by=$1
	shift
	"$sim" --targets 1 --speed 50 -- env LD_PRELOAD_LATER="$top/build/tests/clockback.so" CLOCK_BACK_S="$by" CLOCK_BACK_AT=1 \
		sh -c 'LD_PRELOAD="$LD_PRELOAD $LD_PRELOAD_LATER" exec "$0" "$@"' \
		"$h7gang" run --profile "$lots" --quiet --lot "$@"
}
exits 4 "a new lot, the clock is 20 s back" back 20 K3
check "it names the log" grep -q "of $work/lots/K[12].csv. No board was touched. Set the clock, or confirm it with --clock-ok" "$work/err"
exits 0 "it is confirmed" back 20 K3 --clock-ok
check "its row says so" test "$(rows "$work/lots/K3.csv" overrides clock)" -eq 1
exits 0 "the right clock" back 0 K4
check "nothing had to be confirmed" test "$(rows "$work/lots/K4.csv" overrides clock)" -eq 0
finish
