#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 120 boards in one process: a thread each, one row each, the right flash in each.
. "$(dirname "$0")/../lib.sh"

boards=120
log=$work/log.csv
tests/firmware/bytes data 32768 1000 >"$work/image.bin"
p=$(profile tray120 "erase: touched
leave: false")
sed -i "s|^firmware: .*|firmware: [{file: $work/image.bin, address: 0x08020000}]|" "$p"
exits 0 "$boards boards" "$sim" --targets $boards --virtual-time --save "$work/saved" -- \
	"$h7gang" run --profile "$p" --audit "$log" --count $boards --wait 60
check "as many lines say PASS" test "$(grep -c '^PASS ' "$work/out")" -eq $boards
check "as many rows say PASS" test "$(rows "$log" result PASS)" -eq $boards
check "as many slots" test "$(column "$log" usb_path | sort -u | wc -l)" -eq $boards
check "as many UIDs" test "$(column "$log" uid | sort -u | wc -l)" -eq $boards
log_state 0 "the log" "$log" "intact: $boards rows"
good=0
for flash in "$work"/saved/*.bin; do
	cmp -s -i 131072:0 -n 32768 "$flash" "$work/image.bin" && counters_good "${flash%.bin}.json" &&
		good=$((good + 1))
done
check "every flash is right, every counter 0" test $good -eq $boards
rm -f "$work"/saved/*.bin # 240 MB
finish
