#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A number whose taking could not be put on disk is not given to a board.
. "$(dirname "$0")/../lib.sh"

shim=$top/build/tests/failfs.so
mkdir "$work/numbers"
p=$(profile disk "leave: false
serial:
  source: {counter: {file: numbers/sn.state, start: 1, end: 99, format: \"D{:03d}\"}}
  patch: [{address: 0x081c0000, encode: ascii, value: \"{serial}\", length: 8}]")

# with_disk MODE CALL: two boards, while the numbers' disk does that.
with_disk() {
	rm -rf "$work/numbers" "$work/flash" "$work/log.csv"
	mkdir "$work/numbers"
	LD_PRELOAD=$shim FAILFS_MATCH=$work/numbers FAILFS_MODE=$1 FAILFS_CALL=$2 "$sim" --targets 2 --virtual-time --save "$work/flash" -- \
		"$h7gang" run --profile "$p" --audit "$work/log.csv" --count 2 --quiet
}

# unnumbered: flash without a number, as many as told.
unnumbered() {
	local flash count=0
	for flash in "$work"/flash/*.bin; do
		cmp -s -n 4 -i $((0x1c0000)):0 "$flash" <(printf '\377\377\377\377') && count=$((count + 1))
	done
	echo "$count"
}

exits 0 "a good disk" with_disk count 0
check "two numbers in flash" test "$(unnumbered)" -eq 0
# The first syncs are those of a file that is made; then each number has one.
for call in 1 2 3; do
	with_disk eio $call >"$work/out" 2>"$work/err"
	status=$?
	check "a sync that fails, the $call.: exit $status" test $status -ne 0
	check "the $call.: no PASS shares a number with what is not on disk" test "$(rows "$work/log.csv" result PASS)" -le 1
	check "the $call.: what has no PASS has no number" test "$(unnumbered)" -ge 1 -o $status -eq 2
done
finish
