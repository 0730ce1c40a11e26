#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Eight boards under valgrind: no error, nothing lost.
# limit: 1200
. "$(dirname "$0")/../lib.sh"
command -v valgrind >/dev/null || { echo "no valgrind"; exit 77; }

p=$(profile valgrind "timeouts: {transfer_ms: 60000, unit_s: 1000}")
exits 0 "eight boards under valgrind" "$sim" --targets 8 --speed 100 -- \
	valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
	"$h7gang" run --profile "$p" --audit "$work/log.csv" --count 8 --wait 300
check "valgrind says nothing" test "$(grep -c '^==' "$work/err")" -eq 0
check "eight passed" test "$(rows "$work/log.csv" result PASS)" -eq 8
finish
