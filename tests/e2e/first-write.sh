#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A bootloader that loses the first 32 bytes of the first write after a read: every board passes, no word is
# programmed twice, and no byte is written outside of flash and of the RAM that is documented as free.
. "$(dirname "$0")/../lib.sh"

cat >"$work/fleet.yaml" <<'END'
defaults: {read_before_write: loses_first_word}
targets:
  - {name: blank}
  - {name: dirty, contents: random}
  - {name: wedges, contents: random, bootloader: V9.0}
END
exits 0 "three such boards" "$sim" --virtual-time --fleet "$work/fleet.yaml" --save "$work/flash" -- \
	"$h7gang" run --profile "$(profile reads)" --audit "$work/log.csv" --count 3
for board in blank dirty wedges; do
	check "$board holds the image" flash_is "$work/flash/$board.bin"
	check "$board saw nothing that its ROM forbids" counters_good "$work/flash/$board.json"
done
for series in h723xg h7a3xi; do
	cat >"$work/$series.yaml" <<END
profile: 1
name: $series
target: {part: stm32$series}
firmware: [{file: data.bin, address: 0x08000000}]
start: {check: off}
leave: false
END
	head -c 5000 /dev/urandom >"$work/data.bin"
	echo "targets: [{part: $series, read_before_write: loses_first_word, contents: random}]" >"$work/$series.fleet"
	exits 0 "$series" "$sim" --virtual-time --fleet "$work/$series.fleet" --save "$work/$series" -- \
		"$h7gang" run --profile "$work/$series.yaml" --audit "$work/$series.csv"
	check "$series saw nothing that its ROM forbids" counters_good "$work/$series/1-1.1.json"
done

# Option bytes are a write behind a read, too: RDP and the boot address are among the bytes that would be lost.
cat >"$work/options.yaml" <<'END'
profile: 1
name: options
target: {part: stm32h743xi}
firmware: [{file: data.bin, address: 0x08000000}]
start: {check: off}
leave: false
option_bytes: {set: {bor: 2}}
END
echo "targets: [{read_before_write: loses_first_word, option_write: takes}]" >"$work/options.fleet"
exits 0 "option bytes" "$sim" --virtual-time --fleet "$work/options.fleet" --save "$work/options" -- \
	"$h7gang" run --profile "$work/options.yaml" --audit "$work/options.csv"
check "option bytes: what was set, and no other bit" test "$(scripts/log-columns "$work/options.csv" option_bytes |
	grep -c 'OPTSR_CUR=0x1bc6aaf0;.*set:OPTSR_CUR=0x1bc6aaf8;BOOT_CUR=0x1ff00800;')" -eq 1
check "option bytes saw nothing that its ROM forbids" counters_good "$work/options/1-1.1.json"
finish
