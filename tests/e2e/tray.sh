#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 1, 8 and 32 boards in one process: a row each, the right flash in each, nothing that a ROM forbids.
# limit: 600
. "$(dirname "$0")/../lib.sh"

p=$(profile tray)
for boards in 1 8 32; do
	log=$work/$boards.csv
	saved=$work/$boards
	exits 0 "$boards boards" "$sim" --targets $boards --speed 20 --save "$saved" -- \
		"$h7gang" run --profile "$p" --audit "$log" --count $boards --wait 60
	check "$boards boards: as many lines say PASS" test "$(grep -c '^PASS ' "$work/out")" -eq $boards
	check "$boards boards: as many rows say PASS" test "$(rows "$log" result PASS)" -eq $boards
	check "$boards boards: no other row" test "$(rows "$log" error "")" -eq $boards
	check "$boards boards: as many UIDs" test "$(column "$log" uid | sort -u | wc -l)" -eq $boards
	check "$boards boards: both banks compared in full" \
		test "$(column "$log" bank2_bytes | sort -u)" = 1048576
	head=$(tail -n 1 "$work/out" | grep -o 'seq=.*')
	log_state 0 "$boards boards, the log" "$log" "intact: $boards rows, $head"
	good=0
	for flash in "$saved"/*.bin; do
		flash_is "$flash" && counters_good "${flash%.bin}.json" && good=$((good + 1))
	done
	check "$boards boards: every flash is right, every counter 0" test $good -eq $boards
done

# A second visit: flash is no longer blank.
log=$work/twice.csv
exits 0 "the same boards twice" "$sim" --targets 2 --speed 20 --save "$work/twice" -- bash -c '
	"$1" run --profile "$2" --audit "$3" --count 2 && "$1" run --profile "$2" --audit "$3" --count 2' \
	- "$h7gang" "$(profile stays "leave: false")" "$log"
check "four rows in one chain" test "$(rows "$log" result PASS)" -eq 4
log_state 0 "two runs, the log" "$log" "intact: 4 rows"
for flash in "$work"/twice/*.bin; do
	check "flash is right" flash_is "$flash"
	check "counters are 0" counters_good "${flash%.bin}.json"
done
exits 0 "verify" "$sim" --targets 1 --speed 20 --save "$work/verified" -- bash -c '
	"$1" run --profile "$2" --audit "$3" && "$1" verify --profile "$2" --audit "$3"' \
	- "$h7gang" "$work/stays.yaml" "$work/verify.csv"
check "verify has its row" test "$(rows "$work/verify.csv" command verify)" -eq 1
exits 1 "verify of a blank board" "$sim" --targets 1 --speed 20 --save "$work/blank" -- \
	"$h7gang" verify --profile "$p" --audit "$work/blank.csv"
check "it is a mismatch" test "$(rows "$work/blank.csv" error verify_mismatch)" -ge 1
check "nothing was written" test "$(tr -d '\377' <"$work/blank/1-1.1.bin" | wc -c)" -eq 0
finish
