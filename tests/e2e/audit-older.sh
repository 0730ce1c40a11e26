#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A log that a program with fewer columns has begun: it goes on in a new file with all columns, and everything that
# reads logs takes both. The store keeps both as they were.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh

log=$work/log.csv
profile=$(profile older)
run() { "$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$profile" --audit "$log" --quiet "$@"; }

# The same log without the columns that came later, as the older program has written it.
exits 0 "a run" run --count 2
sed -E '1s/identity,overrides,scan,boot,wire_wait_ms,//; 2,$s/[^,]*,[^,]*,[^,]*,[^,]*,[^,]*(,[0-9a-f]{64},[0-9a-f]{64})$/\1/' "$log" |
	sed -E '2,$s/,(,[0-9a-f]{64},[0-9a-f]{64})$/\1/' >"$work/older.csv"
"$make_log" rehash "$work/older.csv"
mv "$work/older.csv" "$log"
check "the older header" [ "$(head -n 1 "$log" | tr ',' '\n' | wc -l)" -eq 49 ]
log_state 0 "the older log" "$log" "intact"
cp "$log" "$work/before.csv"

# An attempt of the older program that was cut off.
mark=$(sed -n 2p "$log" | cut -d, -f2- | sed -E 's/[0-9a-f]{64},[0-9a-f]{64}$//; s/,[^,]*,/,older-unit,/; s/,ok,PASS,,/,,ABORTED,aborted,/')
printf '%s%s\n' "$mark" "$(printf %s "$mark" | sha256sum | cut -c 1-64)" >"$log.begun"
exits 0 "a run goes on" run --count 2
check "the older file is as it was" cmp "$work/before.csv" "$log.0001"
check "the new file has all columns" [ "$(head -n 1 "$log" | tr ',' '\n' | wc -l)" -eq 54 ]
check "the mark has its row" [ "$(rows "$log" unit_id older-unit)" -eq 1 ]
exits 0 "verify takes both" "$h7gang" audit verify "$log.0001" "$log"
check "5 rows" says "$work/out" "5 rows"
exits 0 "verify takes the second with --continues" "$h7gang" audit verify --continues \
	"$(tail -n 1 "$log.0001" | tail -c 65)" "$log"
exits 0 "report takes both" "$h7gang" audit report "$log.0001" "$log"
check "4 units" says "$work/out" "aborted"
exits 0 "find takes both" "$h7gang" audit find --result PASS "$log.0001" "$log"
check "4 rows found" [ "$(wc -l <"$work/out")" -eq 4 ]
exits 0 "export takes both" "$h7gang" audit export --json "$log.0001" "$log"
check "a row of each kind" [ "$(jq -r 'has("wire_wait_ms")' "$work/out" | sort | uniq -c | tr -s ' \n' ' ')" = " 2 false 3 true " ]

stored() {
	use "$1"
	exits 0 "$1: push" "$h7gang" store push --store "$url" --station here "$log.0001" "$log"
	mkdir -p "$work/$1"
	exits 0 "$1: export" "$h7gang" store export --store "$url" --output "$work/$1"
	check "$1: the older file byte for byte" cmp "$log.0001" "$work/$1"/log-*.csv.0001
	check "$1: and the new one" cmp "$log" "$work/$1"/log-?.csv
	check "$1: a view shows the new columns" [ "$(sql "SELECT count(width) FROM $2v_attempts WHERE width = 52")" = 3 ]
}
stored sqlite ""
stored postgresql h7gang.
finish
