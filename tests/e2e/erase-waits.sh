#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long an erase is waited for that may still run, and how often a board is asked about it: as long as its series
# or its version calls for, and no longer.
# limit: 150
. "$(dirname "$0")/../lib.sh"

# one NAME PART KEYS FLEET-KEYS: a run of one board; log and flash by that name.
one() {
	printf 'targets:\n  - {name: %s, part: %s, %s}\n' "$1" "$2" "$4" >"$work/$1.fleet"
	# One bank of 1 MiB takes the first part of the firmware.
	sed "s/part: stm32h743xi/part: $2, unidentified: accept/; /h723/,\$ s/demo.hex/&, range: {first: 0x08000000, last: 0x080FFFFF}/" \
		"$(profile "$1" "leave: false
start: {check: off}
$3")" >"$work/$1.profile.yaml"
	"$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/saved" -- \
		"$h7gang" run --profile "$work/$1.profile.yaml" --audit "$work/$1.csv"
}

# total NAME: ms of all attempts, by the first start and the last end.
total() {
	local first last
	first=$(column "$work/$1.csv" started_at | head -n 1)
	last=$(column "$work/$1.csv" finished_at | tail -n 1)
	echo $((($(date -d "$last" +%s%N) - $(date -d "$first" +%s%N)) / 1000000))
}

asked_once() {
	jq -e '.counters | .wedged_asks == 0 and .sector_erases > 0' "$work/saved/$1.json" >/dev/null
}

exits 0 "V9.0: bank 2 is erased" one wedges stm32h743xi "erase: touched" "bootloader: V9.0, contents: random"
check "wedges: it is asked once a sector" asked_once wedges
check "wedges: by the CLRSTATUS pair" test "$(column "$work/wedges.csv" erase_method)" = sectors+unwedge
check "wedges: flash is right" counters_good "$work/saved/wedges.json"
exits 0 "a question in dfuDNBUSY erases again" one repeats stm32h743xi "erase: touched" \
	"bootloader: V9.0, contents: random, wedge_repeats: true"
check "repeats: flash is right" counters_good "$work/saved/repeats.json"
exits 0 "poll: spec" one spec stm32h743xi "erase: touched
poll: spec" "bootloader: V9.0, contents: random"
check "spec: it is asked once a sector" asked_once spec

# Found in the middle of a download: H74x has versions that erase behind an answer; the others have none.
for state in dfuDNLOAD-SYNC dfuDNBUSY dfuDNLOAD-IDLE; do
	while read -r part whether; do
		name=${state#dfu}-$part
		exits 0 "$part found in $state" one "$name" "$part" "" "initial_state: $state"
		ms=$(total "$name")
		case $whether in
		waits) check "$name: waits for the worst erase ($ms ms)" test "$ms" -gt 26000 ;;
		goes) check "$name: goes on at once ($ms ms)" test "$ms" -lt 26000 ;;
		esac
	done <<-END
		stm32h743xi waits
		stm32h723xg goes
		stm32h7a3xi goes
	END
done
exits 0 "no strings tell the series" one mute stm32h723xg "" \
	"initial_state: dfuDNLOAD-IDLE, refuse: strings"
check "mute: it waits" test "$(total mute)" -gt 26000

# Lost in the middle of a mass erase, and back after 2 s.
lost='contents: random, faults: [{fault: vanish, on: op_mass, ms: 1000, away_ms: 2000}]'
exits 0 "V9.2 is lost during a mass erase" one normal stm32h743xi "" "bootloader: V9.2, $lost"
check "normal: in two attempts" test "$(column "$work/normal.csv" attempt | tail -n 1)" = 2
normal=$(total normal)
exits 0 "V9.1 is lost during a mass erase" one early stm32h743xi "erase: mass" "bootloader: V9.1, contents: random,
     faults: [{fault: vanish, on: op_mass, ms: 5, away_ms: 2000}]"
early=$(total early)
check "normal: it is tried again at once ($normal ms, V9.1 $early ms)" test "$normal" -lt 50000
check "early: it waits for the worst erase" test "$early" -gt 52000

# The target's own words for its error.
exits 1 "a status with a string" one words stm32h743xi "attempts: 1" \
	'status_string: "Bootloader sector 0x08000000 is locked", faults: [{fault: fail, on: op_program, value: errPROG, count: forever}]'
check "words: they are in detail" says "$work/words.csv" 'errPROG: ""Bootloader sector 0x08000000 is locked""'
exits 1 "a status without one" one silent stm32h743xi "attempts: 1" \
	'faults: [{fault: fail, on: op_program, value: errPROG, count: forever}]'
check "silent: only its name" sh -c "! grep -q 'errPROG:' '$work/silent.csv'"
finish
