#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A character changed anywhere in a log is found; so is a row that is gone, doubled or moved.
# limit: 600
. "$(dirname "$0")/../lib.sh"

log=$work/log.csv
exits 0 "three rows" "$sim" --targets 3 --speed 50 -- \
	"$h7gang" run --profile "$(profile tampered)" --audit "$log" --count 3 --tag "note=a, \"b\""
log_state 0 "the log" "$log" "intact: 3 rows"

size=$(stat -c %s "$log")
missed=0
for ((at = 0; at < size; at += 3)); do
	cp "$log" "$work/changed.csv"
	byte=$(od -An -tu1 -j $at -N 1 "$log")
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((byte ^ 1)))" |
		dd of="$work/changed.csv" bs=1 seek=$at conv=notrunc status=none
	if "$h7gang" audit verify "$work/changed.csv" >"$work/out" 2>&1; then
		missed=$((missed + 1))
		echo "# not found: byte $at"
	fi
done
check "every changed character is found ($((size / 3)) tried)" test $missed -eq 0

sed 3d "$log" >"$work/gone.csv"
log_state 1 "a row gone" "$work/gone.csv" "NOT INTACT"
sed 3p "$log" >"$work/doubled.csv"
log_state 1 "a row doubled" "$work/doubled.csv" "NOT INTACT"
(sed -n 1p "$log"; sed -n 3p "$log"; sed -n 2p "$log"; sed -n 4p "$log") >"$work/moved.csv"
log_state 1 "rows in another order" "$work/moved.csv" "NOT INTACT"
exits 4 "run goes not on with a damaged log" "$sim" --targets 1 -- \
	"$h7gang" run --profile "$work/tampered.yaml" --audit "$work/gone.csv"
finish
