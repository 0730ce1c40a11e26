#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Boards whose DFU code is another one than the fleet's own reading of the ROM: each healthy one passes, and no word
# is programmed twice. A program in flash is refused unless the profile allows it.
. "$(dirname "$0")/../lib.sh"

head -c 5000 /dev/urandom >"$work/data.bin"

# series PART NAME: writes a profile for a part, tells its path.
series() {
	cat >"$work/$2.yaml" <<-END
	profile: 1
	name: $2
	target: {part: $1${3:-}}
	firmware: [{file: data.bin, address: ${4:-0x08000000}}]
	start: {check: off}
	leave: false
	${5:-}
	END
	echo "$work/$2.yaml"
}

# all NAME PART VERSIONS KEYS: a board of each version with these keys, dirty and blank; every one must pass.
all() {
	local name=$1 part=$2 keys=$4 version boards=0
	echo "targets:" >"$work/$name.fleet"
	for version in $3; do
		echo "  - {name: $version, part: $part, bootloader: $version, contents: random, $keys}" >>"$work/$name.fleet"
		echo "  - {name: $version-blank, part: $part, bootloader: $version, $keys}" >>"$work/$name.fleet"
		boards=$((boards + 2))
	done
	exits 0 "$name: each passes" "$sim" --virtual-time --fleet "$work/$name.fleet" --save "$work/$name" -- \
		"$h7gang" run --profile "$(series "$part" "$name")" --audit "$work/$name.csv" --count "$boards"
	for version in $3; do
		check "$name: $version saw nothing that its ROM forbids" counters_good "$work/$name/$version.json"
		check "$name: $version, blank, neither" counters_good "$work/$name/$version-blank.json"
	done
}

# The smaller parts of each series, since all of flash is read.
h74x=$(echo $(versions_of H74X) unknown)
h72x=$(echo $(versions_of H72X))
h7a3=$(echo $(versions_of H7AX))
all class-h74x stm32h743xg "$h74x" "personality: st-dfu-class"
all class-h72x stm32h723xe "$h72x" "personality: st-dfu-class"
all class-h7a3 stm32h7a3xg "$h7a3" "personality: st-dfu-class"
all class-polls stm32h743xg "V9.2" "personality: st-dfu-class, poll_erase_ms: 1000, poll_write_ms: 257"
all class-reads stm32h723xe "V9.3" "personality: st-dfu-class, read_before_write: loses_first_word"
for strings in shifted empty; do
	all "$strings-h74x" stm32h743xg "$h74x" "strings: $strings"
	all "$strings-h72x" stm32h723xe "$h72x" "strings: $strings"
	all "$strings-h7a3" stm32h7a3xg "$h7a3" "strings: $strings"
done
all early stm32h743xg "V9.0 V9.1" "early_status_ms: 100"
all starts stm32h7a3xg "V9.0 V9.2" "start_ms: 1000, own_supply: true"

# --- a program in flash ---
echo "targets: [{name: one, personality: resident, contents: random}]" >"$work/resident.fleet"
exits 1 "a resident program" "$sim" --virtual-time --fleet "$work/resident.fleet" --save "$work/resident" -- \
	"$h7gang" run --profile "$(series stm32h743xi resident)" --audit "$work/resident.csv"
check "it is a wrong part" test "$(column "$work/resident.csv" error)" = wrong_part
check "nothing was sent to it" jq -e '.counters | .erases_sent == 0 and .writes_sent == 0' "$work/resident/one.json"
exits 1 "allowed, but its own sector is wanted" "$sim" --virtual-time --fleet "$work/resident.fleet" --save "$work/own" -- \
	"$h7gang" run --profile "$(series stm32h743xi own ', resident: allow')" --audit "$work/own.csv"
check "its own sector is not touched" jq -e '.counters | .erases_sent == 0 and .writes_sent == 0' "$work/own/one.json"
exits 0 "allowed, behind its own sector" "$sim" --virtual-time --fleet "$work/resident.fleet" --save "$work/allowed" -- \
	"$h7gang" run --profile "$(series stm32h743xi allowed ', resident: allow' 0x08020000 'erase: touched')" \
	--audit "$work/allowed.csv"
check "no word was programmed twice" counters_good "$work/allowed/one.json"
finish
