#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How many boards a lot may have, and which twice.
. "$(dirname "$0")/../lib.sh"

export h7gang work
p=$(profile limits "leave: false
limits: {lot_quantity: 3, once_per_lot: true}")
export p
log=$work/log.csv
exits 1 "five boards for a lot of three" "$sim" --targets 5 --speed 50 --save "$work/saved" -- \
	"$h7gang" run --profile "$p" --audit "$log" --lot L1 --count 5
check "three pass" test "$(grep -c '^PASS ' "$work/out")" -eq 3
check "two are too many" test "$(rows "$log" error limit_reached)" -eq 2
check "these were not touched" test \
	"$(jq -s 'map(select(.counters.words_programmed == 0)) | length' "$work"/saved/*.json)" -eq 2
exits 1 "again" "$sim" --targets 5 --speed 50 -- "$h7gang" run --profile "$p" --audit "$log" --lot L1 --count 5
check "three are duplicates" test "$(rows "$log" error duplicate)" -eq 3
check "no second attempt" test "$(rows "$log" attempt 2)" -eq 0
exits 1 "rework of all five" "$sim" --targets 5 --speed 50 -- \
	"$h7gang" run --profile "$p" --audit "$log" --lot L1 --count 5 --rework
check "the three pass, and their rows say rework" test \
	"$(column "$log" "command result" | grep -c '^rework	PASS$')" -eq 3
check "the lot has no room for the others" test "$(rows "$log" error limit_reached)" -eq 6
exits 0 "another lot" "$sim" --targets 3 --speed 50 -- "$h7gang" run --profile "$p" --audit "$log" --lot L2 --count 3
exits 1 "a board without a UID" "$sim" --fleet <(printf 'targets: [{refuse: uid}]\n') --speed 50 -- \
	"$h7gang" run --profile "$p" --audit "$log" --lot L3
check "it says so" test "$(rows "$log" error uid_unknown)" -ge 1
log_before=$(rows "$log" error uid_unknown)
exits 1 "a board whose UID cannot be read any more when it would pass" "$sim" --fleet <(printf 'targets: [{faults: [%s]}]\n' \
	"{fault: dropped_write, on: op_program, nth: 1}, {fault: stall, on: read, address: 0x1FF1E800, nth: 2, count: forever}") \
	--speed 50 -- "$h7gang" run --profile "$p" --audit "$log" --lot L3
check "no pass without a UID" test "$(rows "$log" error uid_unknown)" -gt "$log_before"
exits 0 "verify is not limited" "$sim" --targets 3 --speed 50 -- bash -c '
	"$h7gang" run --profile "$p" --audit "$work/log.csv" --lot L4 --count 3 &&
	"$h7gang" verify --profile "$p" --audit "$work/log.csv" --lot L4'
# Rotated away, the rows still count.
mv "$log" "$log.1"
exits 1 "a new log after L4" "$sim" --targets 3 --speed 50 -- "$h7gang" run --profile "$p" --audit "$log" --lot L4 --count 3
check "all of them are duplicates" test "$(rows "$log" error duplicate)" -eq 3
finish
