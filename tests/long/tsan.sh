#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Eight boards under ThreadSanitizer: no race.
# limit: 1200
. "$(dirname "$0")/../lib.sh"

make -s -j2 B=build/tsan SAN=-fsanitize=thread OPT="-O1 -g" build/tsan/h7gang >"$work/make" 2>&1 ||
	{ cat "$work/make"; exit 1; }
p=$(profile tsan "timeouts: {transfer_ms: 60000, unit_s: 1000}")
export TSAN_OPTIONS="exitcode=99 halt_on_error=0 second_deadlock_stack=1"
exits 0 "eight boards under ThreadSanitizer" "$sim" --targets 8 --speed 50 -- \
	build/tsan/h7gang run --profile "$p" --audit "$work/log.csv" --count 8 --wait 300
check "no race" test "$(grep -c 'WARNING: ThreadSanitizer' "$work/err")" -eq 0
check "eight passed" test "$(rows "$work/log.csv" result PASS)" -eq 8
finish
