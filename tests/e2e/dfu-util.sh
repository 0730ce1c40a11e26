#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An independent program, dfu-util, checks the stand-in, and then h7gang.
. "$(dirname "$0")/../lib.sh"
command -v dfu-util >/dev/null || { echo "no dfu-util"; exit 77; }

flash=build/firmware/demo.flash
head -c 262144 $flash >"$work/bank1.bin"
tail -c +1048577 $flash | head -c 262144 >"$work/bank2.bin"
export work

exits 0 "dfu-util lists a board" "$sim" --targets 1 -- dfu-util -l
check "by name and layout" says "$work/out" "@Internal Flash   /0x08000000/16*128Kg"

by_dfu_util() { # it does not write over a file
	rm -f "$work/back.bin"
	dfu-util -a 0 -s 0x08000000 -D "$work/bank1.bin" &&
		dfu-util -a 0 -s 0x08100000 -D "$work/bank2.bin" &&
		dfu-util -a 0 -s 0x08000000:2097152 -U "$work/back.bin"
}
export -f by_dfu_util
exits 0 "dfu-util programs and reads a board" "$sim" --targets 1 --speed 20 --save "$work/a" -- \
	bash -c by_dfu_util
check "what it read is right" flash_is "$work/back.bin"
check "the flash is right" flash_is "$work/a/1-1.1.bin"
check "counters are 0" counters_good "$work/a/1-1.1.json"

exits 0 "h7gang programs, dfu-util reads" "$sim" --targets 1 --speed 20 -- bash -c '
	"$1" run --profile "$2" --audit "$3/b.csv" &&
	dfu-util -a 0 -s 0x08000000:2097152 -U "$3/b.bin"' - "$h7gang" "$(profile stays "leave: false")" "$work"
check "what it read is right" flash_is "$work/b.bin"

exits 0 "dfu-util programs, h7gang compares" "$sim" --targets 1 --speed 20 -- bash -c '
	by_dfu_util && "$1" verify --profile "$2" --audit "$3/c.csv"' - "$h7gang" "$work/stays.yaml" "$work"
check "it passes" test "$(rows "$work/c.csv" result PASS)" -eq 1
finish
