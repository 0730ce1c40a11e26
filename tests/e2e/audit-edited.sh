#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A log that was saved by a spreadsheet or an editor: re-sorted, with CRLF, with quotes, a byte-order mark or
# other dates, rows cut or pasted, two logs in one. Each time: verify names the row, the next run ends with 4 before a
# board is touched, and nobody changes the file. Then a wall clock that is set back in the middle of a run.
# limit: 300
. "$(dirname "$0")/../lib.sh"

p=$(profile edited "leave: false
verify: image
erase: touched")
good=$work/good.csv
for i in 1 2; do
	"$sim" --targets 4 --virtual-time -- "$h7gang" run --profile "$p" --audit "$good" --lot "L$i" --quiet >"$work/out" 2>&1 ||
		{ cat "$work/out"; exit 1; }
done
"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$p" --audit "$work/other.csv" --quiet >"$work/out" 2>&1

log=$work/log.csv
# edited WHAT LINE COMMAND...: `good` on standard input becomes the log, whose first bad line is LINE.
edited() {
	local what=$1 line=$2 before
	shift 2
	rm -f "$log"*
	"$@" <"$good" >"$log"
	before=$(sha256sum "$log")
	exits 1 "$what: verify" "$h7gang" audit verify "$log"
	check "$what: verify names line $line" grep -q "^$log:$line: " "$work/err" "$work/out" || sed 's/^/# /' "$work/err" "$work/out"
	rm -rf "$work/flash"
	exits 4 "$what: the next run" "$sim" --targets 2 --virtual-time --save "$work/flash" -- \
		"$h7gang" run --profile "$p" --audit "$log" --quiet
	check "$what: it says what to do" grep -q "The log is damaged.* No board was touched. Put the rows back from a copy" "$work/err"
	check "$what: no board was touched" test "$(cat "$work"/flash/*.json | jq -s 'map(.counters | .dnloads + .uploads) | add')" -eq 0
	check "$what: the file is as it was" test "$(sha256sum "$log")" = "$before"
	check "$what: nothing beside it" test "$(find "$work" -name 'log.csv.*' ! -name '*.lock' | wc -l)" -eq 0
}

header_and() { IFS= read -r head && printf '%s\n' "$head" && "$@"; }
crlf() { sed 's/$/\r/'; }
bom() { printf '\357\273\277' && cat; }
quoted() { sed '2,$s/,\(run\),/,"\1",/'; }
dates() { sed '2,$s/\([0-9]*\)-\([0-9]*\)-\([0-9]*\)T/\3.\2.\1 /g'; }
twice() { cat && tail -n +2 "$work/other.csv"; }
two_headers() { cat && cat "$work/other.csv"; }
pasted() { sed '4{h;d};6{G}'; }

edited "CRLF" 1 crlf
edited "a byte-order mark" 1 bom
edited "sorted by port" "[2-9]" header_and sort -t, -k19,19
edited "sorted the other way" 2 header_and tac
edited "quotes" 2 quoted
edited "dates in another form" 2 dates
edited "a row cut out" 5 sed 5d
edited "the first row cut out" 2 sed 2d
edited "a row twice" 6 sed '5p'
edited "a row moved" 4 pasted
edited "a result mended" 3 sed '3s/PASS/FAIL/'
edited "two logs in one, one header" 10 twice
edited "two logs in one" 10 two_headers
edited "semicolons" 1 tr , ';'

# A rotated file that is empty.
"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$(profile lots 'audit: {file: lots.csv, rotate_lot: true}')" --lot L1 --quiet >/dev/null
"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$work/lots.yaml" --lot L2 --quiet >/dev/null
: >"$work/lots.csv.0001"
exits 4 "a rotated file that is empty" "$h7gang" run --profile "$work/lots.yaml" --lot L2
check "it says what to do" grep -q "lots.csv.0001.*The log is damaged. No board was touched" "$work/err"

# Sorted away and back again is the same file: nothing has happened to it.
header_and sort -t, -k19,19 <"$good" >"$work/sorted.csv"
header_and sort -t, -n -k1,1 <"$work/sorted.csv" >"$work/back.csv"
exits 0 "sorted back by seq" "$h7gang" audit verify "$work/back.csv"

# Marks that cannot be read: the open attempts are unknown.
cp "$good" "$work/unread.csv"
ln -s "$good" "$work/unread.csv.begun"
exits 1 "marks behind a link" "$h7gang" audit verify "$work/unread.csv"

# The wall clock goes back a day in the middle of a run.
shim=$top/build/tests/clockback.so
exits 0 "the clock is set back" "$sim" --targets 4 --speed 50 -- env LD_PRELOAD="$shim" CLOCK_BACK_AT=6 CLOCK_BACK_S=86400 \
	"$h7gang" run --profile "$p" --audit "$work/back-in-time.csv" --count 4 --quiet
exits 0 "and forward again" "$sim" --targets 4 --speed 50 -- "$h7gang" run --profile "$p" --audit "$work/back-in-time.csv" --count 4 --quiet
check "it was" test "$(column "$work/back-in-time.csv" started_at | cut -dT -f1 | sort -u | wc -l)" -eq 2 -o \
	"$(column "$work/back-in-time.csv" finished_at | cut -dT -f1 | sort -u | wc -l)" -eq 2
exits 0 "the log is intact" "$h7gang" audit verify "$work/back-in-time.csv"
check "eight rows" test "$(rows "$work/back-in-time.csv" result PASS)" -eq 8
check "no duration knows of it" test "$(scripts/log-columns "$work/back-in-time.csv" command total_ms | awk '$1 == "run" && ($2 < 0 || $2 > 600000)' | wc -l)" -eq 0
exits 0 "it can be reported" "$h7gang" audit report "$work/back-in-time.csv"
finish
