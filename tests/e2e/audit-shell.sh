#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The chain checked with nothing but a shell and sha256sum, by a log whose fields hold commas, quotes,
# backslashes and control characters.
. "$(dirname "$0")/../audit-lib.sh"

log=$work/log.csv
"$driver" run "$log" "$work/diary" run1 6 1 60000 40 || fail "run"
"$driver" run "$log" "$work/diary" run2 5 2 60000 3 || fail "run"

# check LOG: prints each row that does not hold
check() {
	before=0000000000000000000000000000000000000000000000000000000000000000
	tail -n +2 "$1" | while IFS= read -r row; do
		hash=${row##*,} rest=${row%,*}
		prev=${rest##*,} body=${rest%,*},
		sum=$(printf '%s\n%s' "$prev" "$body" | sha256sum | cut -c1-64)
		[ "$sum" = "$hash" ] && [ "$prev" = "$before" ] || echo "bad: $row"
		before=$hash
	done
}

rows=$(tail -n +2 "$log" | wc -l)
[ "$rows" -ge 9 ] || fail "only $rows rows"
[ -z "$(check "$log")" ] || fail "a row does not hold: $(check "$log")"
sed '4s/sectors/Sectors/' "$log" >"$work/changed.csv"
[ "$(check "$work/changed.csv" | wc -l)" = 1 ] || fail "a changed row was not found"
sed 4d "$log" >"$work/missing.csv"
[ "$(check "$work/missing.csv" | wc -l)" = 1 ] || fail "a missing row was not found"
finish
