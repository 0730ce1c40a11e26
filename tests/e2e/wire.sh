#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Boards that share the wire of one transaction translator: they take turns, erase one sector while the wire
# serves others, and the log tells the wait from work.
. "$(dirname "$0")/../lib.sh"

tests/firmware/bytes code $((5 * 131072 + 4000)) >"$work/app.bin" # six sectors from bank 1, two of them in bank 2
cat >"$work/tray.yaml" <<END
profile: 1
name: tray
target: {part: stm32h743xi}
firmware:
  - {file: app.bin, address: 0x08000000}
  - {file: app.bin, address: 0x08100000}
erase: touched
verify: image
leave: false
END
{
	cat "$work/app.bin"
	head -c $((1048576 - $(stat -c %s "$work/app.bin"))) /dev/zero | tr '\0' '\377'
} >"$work/bank"

fleet() { # NAME HUB BOARDS KEYS
	echo "{hubs: [$2], defaults: {contents: random, $4}, targets: [{repeat: $3}]}" >"$work/$1.fleet"
}
tray() { # NAME BOARDS
	exits 0 "$1" "$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/$1" -- \
		"$h7gang" run --profile "$work/tray.yaml" --audit "$work/$1.csv" --count "$2"
}
touched_hold() { # FLASH: whether the sectors of the image hold it
	cmp -n $((6 * 131072)) "$1" "$work/bank" && cmp -i 1048576:0 -n $((6 * 131072)) "$1" "$work/bank"
}
single="{path: 1-1, tt: single}"

# --- no read falls between two writes of a board: a bootloader that loses the first word shows it ---
for version in V9.2 V9.1 V9.0; do
	fleet "$version" "$single" 4 "bootloader: $version, read_before_write: loses_first_word"
	tray "$version" 4
	check "$version: one attempt each" [ "$(rows "$work/$version.csv" attempt 1)" = 4 ]
	for board in 1-1.1 1-1.4; do
		check "$version: $board holds the image" touched_hold "$work/$version/$board.bin"
		check "$version: $board saw nothing that its ROM forbids" counters_good "$work/$version/$board.json"
	done
done
check "V9.2: sectors were erased" [ "$(rows "$work/V9.2.csv" erase_method sectors)" = 4 ]
check "V9.1: flash was left alone after each erase of bank 2" [ "$(rows "$work/V9.1.csv" erase_method sectors+settle)" = 4 ]
check "V9.0: each erase of bank 2 was ended" [ "$(rows "$work/V9.0.csv" erase_method sectors+unwedge)" = 4 ]

# --- the wait is told from work ---
sum() { # LOG COLUMN...: of the first row
	local log=$1 column total=0
	shift
	for column; do
		total=$((total + $(column "$log" "$column" | head -n 1)))
	done
	echo "$total"
}
near() { # A B PERCENT
	[ $((100 * $1)) -le $(((100 + $3) * $2)) ] && [ $((100 * $2)) -le $(((100 + $3) * $1)) ] || {
		echo "# $1 and $2"
		return 1
	}
}
fleet alone "$single" 1 ""
fleet shared "$single" 8 ""
fleet apart "{path: 1-1, tt: multi}" 8 ""
tray alone 1
tray shared 8
tray apart 8
check "a board alone waits for no wire" [ "$(sum "$work/alone.csv" wire_wait_ms)" = 0 ]
check "nor do boards with wires of their own" [ "$(sum "$work/apart.csv" wire_wait_ms)" = 0 ]
check "boards that share one do" [ "$(sum "$work/shared.csv" wire_wait_ms)" -gt 1000 ]
check "and work as long as one alone" near "$(sum "$work/shared.csv" erase_ms program_ms verify_ms)" \
	"$(sum "$work/alone.csv" erase_ms program_ms verify_ms)" 8
check "wait and work are all of it" near "$(sum "$work/shared.csv" blank_ms erase_ms program_ms verify_ms wire_wait_ms)" \
	"$(sum "$work/shared.csv" total_ms)" 3

# --- a busy wire is no time-out ---
sed 's/^leave: false/&\ntimeouts: {transfer_ms: 100, unit_s: 25}/' "$work/tray.yaml" >"$work/short.yaml"
fleet busy "$single" 16 ""
exits 0 "16 boards with 25 s an attempt, 100 ms a transfer" "$sim" --virtual-time --fleet "$work/busy.fleet" -- \
	"$h7gang" run --profile "$work/short.yaml" --audit "$work/busy.csv" --count 16
check "which take longer than that" [ "$(column "$work/busy.csv" total_ms | sort -n | tail -n 1)" -gt 25000 ]
check "pass at the first attempt" [ "$(rows "$work/busy.csv" result PASS)" = 16 ]

# --- a board that hangs holds up no other ---
cat >"$work/hangs.fleet" <<END
hubs: [$single]
defaults: {contents: random}
targets:
  - {repeat: 7}
  - {faults: [{fault: hang, on: write, nth: 40}]}
END
exits 1 "a tray with a board that hangs" "$sim" --virtual-time --fleet "$work/hangs.fleet" -- \
	"$h7gang" run --profile "$work/tray.yaml" --audit "$work/hangs.csv" --count 8
last_pass() { # LOG: when the last board passed, ms
	paste -d' ' <(column "$1" result) <(column "$1" total_ms) | awk '$1 == "PASS" && $2 > most { most = $2 } END { print most }'
}
check "is as fast as one without it" [ "$(last_pass "$work/hangs.csv")" -le "$(last_pass "$work/shared.csv")" ]

# --- the expected time, on the hubs that are there ---
tests/firmware/bytes code 2097152 >"$work/full.bin"
cat >"$work/full.yaml" <<END
profile: 1
name: full
target: {part: stm32h743xi}
firmware: [{file: full.bin, address: 0x08000000}]
slots: [{name: A, path: 1-1.1}, {name: B, path: 1-1.2}, {name: C, path: 1-1.3}, {name: D, path: 1-1.4}]
END
expected() { # KIND OUTPUT: the seconds that it expects of boards with that flash
	sed -n "s/.*about \([0-9]*\) s blank, \([0-9]*\) s with.*/\1 \2/p" "$2" | cut -d ' ' -f "$1" | head -n 1
}
for hub in shared apart; do
	exits 0 "check --boards, $hub" "$sim" --fleet "$work/$hub.fleet" -- \
		"$h7gang" check --profile "$work/full.yaml" --boards 4
	cp "$work/out" "$work/check.$hub"
	exits 0 "list, $hub" "$sim" --fleet "$work/$hub.fleet" -- "$h7gang" list --profile "$work/full.yaml"
	cp "$work/out" "$work/list.$hub"
	"$sim" --fleet "$work/$hub.fleet" -- "$h7gang" doctor --profile "$work/full.yaml" >"$work/doctor.$hub" 2>&1
done
shares() { # HUB: the boards that share its boards' wires
	awk '/dfuIDLE/ { print $NF }' "$work/list.$1" | sort | uniq -c | xargs
}
check "list: boards of one translator share it" test "$(shares shared)" = "8 1-1"
check "list: a board with a wire of its own shares with none" test "$(shares apart)" = "8 -"
tray_json() { # HUB COMMAND...: its JSON, on that fleet
	local hub=$1
	shift
	"$sim" --fleet "$work/$hub.fleet" -- "$h7gang" "$@" --profile "$work/full.yaml" --json
}
rounds_to() { # FILE FILTER KIND OUTPUT: the number in the JSON is that of the text
	[ "$(jq -r "$2 | round" "$1")" = "$(expected "$3" "$4")" ]
}
for hub in shared apart; do
	tray_json $hub check --boards 4 >"$work/check.json"
	check "check --json, $hub: the same, blank" rounds_to "$work/check.json" .trays[0].blank_s 1 "$work/check.$hub"
	check "check --json, $hub: with firmware" rounds_to "$work/check.json" .trays[0].dirty_s 2 "$work/check.$hub"
	check "check --json, $hub: where" jq -e '.trays == [.trays[0]] and .trays[0].hub == "slots" and .trays[0].boards == 4' \
		"$work/check.json"
	tray_json $hub list >"$work/list.json"
	check "list --json, $hub: the same, blank" rounds_to "$work/list.json" .tray.blank_s 1 "$work/list.$hub"
	check "list --json, $hub: with firmware" rounds_to "$work/list.json" .tray.dirty_s 2 "$work/list.$hub"
	check "list --json, $hub: of all boards" jq -e '.tray.boards == 8' "$work/list.json"
done
tray_json apart check --boards 9 >"$work/check.json"
check "check --json with more boards than slots: on two kinds of hub" jq -e '[.trays[].hub] == ["multi_tt", "single_tt"] and
	.trays[0].blank_s * 2 < .trays[1].blank_s' "$work/check.json"
check "check --json without --boards tells no tray" sh -c "! '$h7gang' check --profile '$work/full.yaml' --json | grep -q trays"
check "four boards with wires of their own take as long as one" near "$(expected 1 "$work/check.apart")" 16 10
check "four that share one take longer" near "$(expected 1 "$work/check.shared")" 22 10
check "and eight, which list finds, longer still" near "$(expected 1 "$work/list.shared")" 44 10
check "but not on wires of their own" near "$(expected 2 "$work/list.apart")" 23 10
check "doctor says that another hub would halve it" says "$work/doctor.shared" \
	"a hub with one transaction translator a port would take about 16 s"
check "and where none would" says "$work/doctor.apart" "a faster hub would not halve this time"
finish
