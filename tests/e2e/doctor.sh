#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang doctor on this system: each finding has a command, and its exit status follows. Its findings on
# others is in tests/unit/test_cli_doctor.c.
. "$(dirname "$0")/../lib.sh"

"$sim" --targets 9 -- "$h7gang" doctor --count 9 >"$work/out" 2>"$work/err"
status=$?
wrong=$(grep -c '^WRONG ' "$work/out")
check "the exit status follows" test $((wrong > 0)) -eq $status
check "each wrong thing has a command under it" test \
	"$(grep -A1 '^WRONG ' "$work/out" | grep -c '^       [a-z]')" -eq "$wrong"
check "it sees the boards" says "$work/out" "9 boards are in ROM DFU"
exits 1 "a log in no folder" "$h7gang" doctor --audit "$work/none/log.csv"
check "it says how to make it" says "$work/out" "mkdir -p '$work/none'"
exits 2 "an option of others" "$h7gang" doctor --profile x
finish
