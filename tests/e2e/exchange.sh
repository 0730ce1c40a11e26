#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# The board that is written and verified is the board that was identified: boards are exchanged while they are reset,
# opened, or asked for an alternate setting, with and without a readable UID, noticed by the host or not.
# limit: 300
. "$(dirname "$0")/../lib.sh"

plain=$(profile plain $'timeouts: {transfer_ms: 1000}\nleave: false')

# tray NAME PROFILE TARGET...: a run over boards of the fleet; its log, $work/NAME.csv, and the flash of each.
tray() {
	local name=$1 profile=$2 target
	shift 2
	{
		echo "targets:"
		for target; do echo "  - {$target}"; done
	} >"$work/$name.yaml.fleet"
	"$sim" --virtual-time --fleet "$work/$name.yaml.fleet" --save "$work/$name" -- \
		"$h7gang" run --profile "$profile" --audit "$work/$name.csv" --count $# >"$work/out" 2>"$work/err"
	log_state 0 "$name: the log" "$work/$name.csv" "intact"
}

# honest NAME: no row that passed is of a board whose flash is not the image, and each UID in the log with PASS is that
# of a board that is there.
honest() {
	local uid bad=0
	for uid in $(scripts/log-columns "$work/$1.csv" uid result | awk '$2 == "PASS" { print $1 }'); do
		jq -es --arg uid "$uid" 'any(.uid == $uid)' "$work/$1"/*.json >/dev/null || { echo "# $uid is not there"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

for away in 0 300; do
	tray reset$away "$plain" \
		"name: program, contents: random, faults: [{fault: hang, on: write, nth: 20}, {fault: swap, on: reset, away_ms: $away}]" \
		"name: erase, contents: random, faults: [{fault: hang, on: [erase, mass_erase]}, {fault: swap, on: reset, away_ms: $away}]" \
		"name: verify, faults: [{fault: hang, on: read, nth: 3000}, {fault: swap, on: reset, away_ms: $away}]" \
		"name: identify, faults: [{fault: hang, on: upload, nth: 3}, {fault: swap, on: reset, away_ms: $away}]" \
		"name: good"
	check "away $away: no PASS with the UID of a board that left" honest reset$away
	check "away $away: each board that came passes as a unit of its own" \
		test "$(rows "$work/reset$away.csv" result PASS)" -eq 5
	check "away $away: the boards that left have their rows" test "$(rows "$work/reset$away.csv" error no_device)" -eq 3
	check "away $away: it says so" grep -q "another board took its place, with UID" "$work/reset$away.csv"
	for board in program erase verify identify good; do
		check "away $away: $board has the right flash" flash_is "$work/reset$away/$board.bin"
	done
done

# Exchanged at each question that identifies it, after its UID was read too.
asked=()
for nth in 2 3 4 5 6 7 8 9; do
	asked+=("name: asked$nth, faults: [{fault: hang, on: upload, nth: $nth}, {fault: swap, on: reset, away_ms: 0}]")
done
tray asked "$plain" "${asked[@]}"
check "asked: no PASS with the UID of a board that left" honest asked
check "asked: each board that came passes" test "$(rows "$work/asked.csv" result PASS)" -eq ${#asked[@]}

# A number that was sent to a board is given to no other one, and no board gets two.
numbered=$(profile numbered "timeouts: {transfer_ms: 1000}
leave: false
serial:
  source: {counter: {file: sn.state, start: 1, end: 99, format: \"N-{:04d}\"}}
  patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0x00}]")
number_of() { # NAME BOARD
	xxd -p -s 0x1fff00 -l 6 "$work/$1/$2.bin" | xxd -r -p
}
for uid in readable refused; do
	refuse=
	[ $uid = readable ] || refuse="refuse: [uid], "
	rm -f "$work/sn.state"
	tray number-$uid "$numbered" \
		"name: late, ${refuse}contents: random, faults: [{fault: hang, on: write, address: 0x081FFF00}, {fault: swap, on: reset, away_ms: 0}]" \
		"name: after, ${refuse}faults: [{fault: hang, on: read, nth: 3000}, {fault: swap, on: reset, away_ms: 300}]"
	check "$uid: both boards that came pass" test "$(rows "$work/number-$uid.csv" result PASS)" -eq 2
	for board in late after; do
		check "$uid, $board: its number is that of its own row" test "$(scripts/log-columns "$work/number-$uid.csv" \
			unit_serial result | awk -v n="$(number_of number-$uid $board)" '$1 == n && $2 == "PASS"' | wc -l)" -eq 1
	done
	check "$uid: no number is in two rows that passed" test -z \
		"$(scripts/log-columns "$work/number-$uid.csv" unit_serial result | awk '$2 == "PASS"' | sort | uniq -d)"
done
check "the row names the number that was sent" \
	grep -q "number N-000[0-9] was sent and is given to no other board" "$work/number-refused.csv"
check "without a UID the attempt starts over" grep -q "started over" "$work/number-refused.csv"

# A board that is reset again and again and tells no UID ends.
tray restless "$plain" "name: b, refuse: [uid], faults: [{fault: vanish, on: write, nth: 5, count: forever, away_ms: 300}]"
check "it fails" test "$(rows "$work/restless.csv" result PASS)" -eq 0
check "after two fresh starts" grep -q "started over 2 times" "$work/restless.csv"

# Other windows.
tray windows "$plain" "name: open, faults: [{fault: swap, on: open, away_ms: 0}]" \
	"name: alt, faults: [{fault: swap, on: set_interface, nth: 2, away_ms: 100}]"
check "windows: no PASS with the UID of a board that left" honest windows
check "windows: both boards pass" test "$(rows "$work/windows.csv" result PASS)" -ge 2

# --uid holds for the board that comes, too.
cat >"$work/only.fleet" <<-END
targets: [{name: b, uid: 0102030405060708090a0b0c, contents: random, faults: [{fault: hang, on: write, nth: 20},
	{fault: swap, on: reset, away_ms: 0}]}]
END
exits 1 "--uid and an exchange" "$sim" --virtual-time --fleet "$work/only.fleet" --save "$work/only" -- "$h7gang" run \
	--profile "$plain" --audit "$work/only.csv" --uid 0102030405060708090a0b0c
check "the board that came is left alone" test "$(jq .counters.programmed_words "$work/only/b.json")" = 0 -o \
	"$(tr -d '\377' <"$work/only/b.bin" | wc -c)" -eq 0
check "one row" test "$(column "$work/only.csv" seq | wc -l)" -eq 1

# A number belongs to the UID that was read last: the board that came does not inherit that of the board that left, and
# both are found again in the next run by the UIDs they have.
numbered=$(profile numbered "serial: {source: {counter: {file: numbered.state, start: 1, end: 99, format: 'N{:04d}'}}, unique_by: uid, on_fail: keep, patch: [{address: 0x080F0000, encode: ascii, length: 8}]}
timeouts: {transfer_ms: 1000}
leave: false")
tray numbered "$numbered" \
	"name: b, contents: random, faults: [{fault: hang, on: write, nth: 20}, {fault: swap, on: reset, away_ms: 0}]" \
	"name: c, contents: random, faults: [{fault: hang, on: write, nth: 20}, {fault: swap, on: reset, away_ms: 300}]" \
	"name: good"
pairs() { scripts/log-columns "$work/numbered.csv" uid unit_serial | awk 'NF == 2' | sort -u; }
check "numbers: each UID has one number, each number one UID" test "$(pairs | wc -l)" -gt 2 -a \
	"$(pairs | awk '{print $1}' | sort | uniq -d)$(pairs | awk '{print $2}' | sort | uniq -d)" = ""
in_flash() {
	local board uid number
	for board in b c good; do
		uid=$(jq -r .uid "$work/numbered/$board.json")
		number=$(dd if="$work/numbered/$board.bin" bs=1 skip=$((0xF0000)) count=5 2>/dev/null | tr -d '\377')
		[ -z "$number" ] || pairs | grep -qx "$uid[[:space:]]$number" || { echo "# $board: $uid has $number"; return 1; }
	done
}
check "numbers: the flash has the one of its own UID" in_flash

# One that is exchanged for ever does not keep the run from ending.
tray forever "$plain" "name: b, contents: random, faults: [{fault: swap, on: write, nth: 3, count: forever, away_ms: 300}]"
check "a run ends" test "$(column "$work/forever.csv" seq | wc -l)" -le 8

# Only a board that took the request and then left has left.
required=$(profile required "leave: required")
tray unplugged "$required" "name: b, faults: [{fault: vanish, on: leave, away_ms: forever}]"
check "leave: required fails" test "$(rows "$work/unplugged.csv" error leave_failed)" -eq 1
check "leave is not ok" test "$(rows "$work/unplugged.csv" leave ok)" -eq 0
finish
