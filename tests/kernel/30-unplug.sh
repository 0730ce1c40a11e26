#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boards that lose power during erase, program and verify, and come back: the second attempt passes, and
# the half-written flash is gone. One that stays away fails; the neighbour is not affected.
. "$(dirname "$0")/lib.sh"

inside() {
	local status=0 name

	profile bench.yaml 'erase: touched' 'leave: false' 'audit: {file: log.csv}'
	"$h7gang" run --profile bench.yaml --all-slots || status=$?
	same "status of the run" 1 "$status"
	for name in erase program verify healthy; do
		read_back "$(port_of $name)" 0x08000000 8192 "$name-1.bin"
		read_back "$(port_of $name)" 0x08100000 8192 "$name-2.bin"
	done
}
enter "$@"

bench --fleet "$fleets/unplug.yaml" --speed 4 --save saved

"$h7gang" audit verify log.csv
for name in erase program verify; do
	same "attempts of $name" 2 "$(row log.csv $name attempt)"
	same "verdict of $name" PASS "$(row log.csv $name result)"
done
same "attempts of healthy" 1 "$(row log.csv healthy attempt)"
same "verdict of healthy" PASS "$(row log.csv healthy result)"
same "verdict of lost" FAIL "$(row log.csv lost result)"
same "error of lost" no_device "$(row log.csv lost error)"
# It was verifying: the first attempt of that board had programmed everything.
paste -d ' ' <(column log.csv slot) <(column log.csv attempt) <(column log.csv program_ms) |
	grep -q '^verify 1 [0-9]' || fail "the board 'verify' was unplugged before it verified"
whole 1 >whole-1.bin
whole 2 >whole-2.bin
for name in erase program verify healthy; do
	cmp -n 8192 whole-1.bin $name-1.bin
	cmp -n 8192 whole-2.bin $name-2.bin
done
