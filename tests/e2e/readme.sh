#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The README's way to check a log with a shell and sha256sum, in bash and in dash, as it stands there.
. "$(dirname "$0")/../lib.sh"

sed -n '/tests\/e2e\/readme.sh runs this/,/^```$/p' README.md | sed '1,2d;$d' >"$work/check"
check "it is there" grep -q sha256sum "$work/check"
export LOG=$work/log.csv
exits 0 "two rows" "$sim" --targets 2 --speed 50 -- "$h7gang" run --profile "$(profile readme)" \
	--audit "$LOG" --count 2 --operator "A, \"B\" \\ ü"
for shell in bash sh; do
	exits 0 "an intact log, $shell" $shell "$work/check"
	check "it says so" test "$(cat "$work/out")" = intact
done
sed -i '3s/PASS/PASs/' "$LOG"
for shell in bash sh; do
	exits 1 "a changed log, $shell" $shell "$work/check"
	check "it says so" says "$work/out" "broken: 2,"
done
finish
