#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# A host that gives no thread for a board: the board has a row with host_error, and the run goes on with the others.
# limit: 300
. "$(dirname "$0")/../lib.sh"

p=$(profile threads $'leave: false\nerase: touched\nverify: image')
printf 'targets: [{path: 1-1.1}, {path: 1-1.2}]\n' >"$work/fleet.yaml"
refused=0
for ((nth = 1; nth <= 12; nth++)); do
	log=$work/$nth.csv
	LD_PRELOAD=$top/build/tests/nth.so NTH_OF=h7gang NTH_KIND=thread NTH_CALL=$nth "$sim" --fleet "$work/fleet.yaml" \
		--speed 200 --save "$work/$nth" -- "$h7gang" run --profile "$p" --audit "$log" --count 2 >"$work/out" 2>"$work/err"
	status=$?
	[ -e "$log" ] && [ "$(rows "$log" error host_error)" -gt 0 ] || continue
	grep -q "no thread can be started for this board" "$log" || continue
	refused=$((refused + 1))
	check "thread $nth: exit 1" test $status -eq 1
	check "thread $nth: the other board passes" test "$(rows "$log" result PASS)" -eq 1
	check "thread $nth: one row for each board" test "$(column "$log" usb_path | sort | uniq -u | wc -l)" -eq 2
	check "thread $nth: it is FAIL on screen" grep -q "^FAIL.*host_error" "$work/out"
	log_state 0 "thread $nth: the log" "$log" intact
done
check "a thread of each board was refused" test $refused -eq 2
finish
