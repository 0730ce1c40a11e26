#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How many boards run at once, how their starts are spread, and what a run says that did not start, or that a board
# came to too late.
# limit: 120
. "$(dirname "$0")/../lib.sh"

# tray NAME KEYS BOARDS OPTION...
tray() {
	local name=$1 keys=$2 boards=$3
	shift 3
	printf 'targets: [{repeat: %s}]\n' "$boards" >"$work/$name.fleet"
	"$sim" --virtual-time --fleet "$work/$name.fleet" -- \
		"$h7gang" run --profile "$(profile "$name" "$keys")" --audit "$work/$name.csv" "$@"
}

# The most boards that ran at once, by the times in the rows.
most_at_once() {
	{ column "$1" started_at | sed 's/$/ +/'; column "$1" finished_at | sed 's/$/ -/'; } | sort -k 1,1 -k 2,2r |
		awk '$2 == "+" { if (++n > most) most = n } $2 == "-" { n-- } END { print most }'
}

# The least and the most time between two starts in ms.
gaps() {
	column "$1" started_at | sort | while read -r at; do date -d "$at" +%s%3N; done |
		awk 'NR > 1 { gap = $1 - last; if (NR == 2 || gap < least) least = gap; if (gap > most) most = gap } { last = $1 } END { print least, most }'
}

exits 0 "no bound" tray free "" 8 --count 8
check "free: all run at once" test "$(most_at_once "$work/free.csv")" -eq 8
exits 0 "parallel: 3" tray three "parallel: 3" 8 --count 8
check "three: at most three run at once" test "$(most_at_once "$work/three.csv")" -eq 3
check "three: each has its row" test "$(rows "$work/three.csv" result PASS)" -eq 8
exits 0 "parallel: 1, without --count" tray one "parallel: 1" 4
check "one: boards that came in time get their turn" test "$(rows "$work/one.csv" result PASS)" -eq 4
check "one: one at a time" test "$(most_at_once "$work/one.csv")" -eq 1
exits 0 "stagger_ms: 700" tray spread "stagger_ms: 700" 6
read -r least most <<<"$(gaps "$work/spread.csv")"
check "spread: 700 ms lie between two starts ($least to $most ms)" test "$least" -ge 700 -a "$most" -lt 1000
check "spread: each has its row" test "$(rows "$work/spread.csv" result PASS)" -eq 6
exits 0 "both" tray both "parallel: 2
stagger_ms: 500" 5
check "both: each has its row" test "$(rows "$work/both.csv" result PASS)" -eq 5
check "both: at most two" test "$(most_at_once "$work/both.csv")" -le 2
exits 2 "parallel: 0" "$h7gang" check --profile "$(profile zero "parallel: 0")"
exits 2 "stagger_ms has a range" "$h7gang" check --profile "$(profile range "stagger_ms: 60001")"
"$h7gang" check --profile "$(profile plan "parallel: 2
stagger_ms: 500")" >"$work/plan"
check "the plan says both" test "$(grep -cE '^ *(parallel|stagger_ms)' "$work/plan")" -eq 2

# The messages if nothing started.
slots=$(for i in 1 2 3 4 5 6 7 8; do echo "  - {name: S$i, path: 1-1.$i}"; done)
exits 3 "--all-slots with 3 of 8 boards" tray some "slots:
$slots" 3 --all-slots
check "some: it says how many" says "$work/err" "--all-slots: 3 of 8 slots have a board after 10 s; nothing was touched"
check "some: no board came too late" sh -c "! grep -qE 'too late|not done' '$work/err'"
exits 3 "--count with fewer boards" tray few "" 3 --count 5
check "few: it says how many" grep -qE -- \
	"--count 5: 3 boards are there after 10 s \((1-1\.[123](, )?){3}\); nothing was touched" "$work/err"
printf 'targets: [{name: a, path: 1-1}]\n' >"$work/none.fleet"
exits 3 "no board at all" "$sim" --virtual-time --fleet "$work/none.fleet" -- "$h7gang" run --slot 1-9 --wait 4 \
	--profile "$(profile none)" --audit "$work/none.csv"
check "none: it says so" says "$work/err" "no board within 4 s; nothing was touched"
exits 3 "SIGTERM of an empty --watch" "$sim" --fleet "$work/none.fleet" -- timeout --preserve-status -s TERM 2 \
	"$h7gang" run --watch --slot 1-9 --profile "$work/none.yaml" --audit "$work/none.csv"
check "term: it was ended" says "$work/err" "ended before a board was programmed"
check "term: no time is blamed" sh -c "! grep -q 'within 10 s' '$work/err'"

# A board that is lost, and back when its unit is over, has its row; nothing more is said of it.
printf 'targets: [{name: late, faults: [{fault: vanish, on: write, nth: 50, away_ms: 6500}]}, {name: slow, wire_block_ms: 5}]\n' >"$work/late.fleet"
exits 1 "a board returns too late" "$sim" --virtual-time --fleet "$work/late.fleet" -- "$h7gang" run \
	--profile "$(profile late)" --audit "$work/late.csv" --count 2
check "late: its row says no_device" test "$(rows "$work/late.csv" error no_device)" -eq 1
check "late: one message" sh -c "! grep -qE 'not done|too late' '$work/err'"
finish
