#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An attacker writes any text into the store: none of it does more on a terminal, in JSON, in HTML or in a spreadsheet
# than be read.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh

use sqlite
log=$work/log.csv
"$make_log" append "$log" 12 station 7 >/dev/null
exits 0 "a log" "$h7gang" store push --store "$url" "$log"
cat >"$work/p.yaml" <<-END
profile: 1
name: hostile
target: {part: stm32h743xi}
firmware: [{file: $top/build/firmware/demo.hex}]
erase: touched
serial:
  source: {counter: {file: sn.state, start: 1, end: 99, format: "H{:03d}"}}
  patch: [{address: 0x0800ff00, encode: ascii, length: 16}]
END
exits 0 "a pool, and leases" "$sim" --targets 1 --virtual-time -- "$h7gang" run --quiet --profile "$work/p.yaml" \
	--audit "$work/run.csv" --count 1 --store "$url"
exits 0 "a tampered log, so that there is an incident" bash -c 'sed "5s/PASS/FAIL/" "$1" >"$2"' bash "$log" "$work/bad.csv"
exits 1 "which is refused" "$h7gang" store push --store "$url" "$work/bad.csv"
sql "INSERT INTO claims (kind, scope, run_id, unit_id, uid, ahead, owner, station) VALUES ('lot', 'L', 'r', 'u', NULL, 0, 'o', 's')"
sql "INSERT INTO doubles (pool_id, number, first_log_id, first_seq, log_id, seq) VALUES (1, 'H001', 1, 1, 1, 2)"

# In every text of every table: a formula, markup, an escape sequence in three spellings, a line of its own, quotes.
evil="'=1+1' || char(9) || '<script>alert(1)</script>' || char(27) || ']0;title' || char(7) || char(155) || '31m'
	|| CAST(x'9b33316d' AS TEXT) || char(10) || char(13) || '\"},{\"x\":\"' || char(8238) || '@SUM'"
sqlite3 "$work/store.db" "SELECT name FROM sqlite_master WHERE type = 'trigger'" | while read -r name; do
	sqlite3 "$work/store.db" "DROP TRIGGER $name"
done
for table in logs headers attempts incidents pools pool_profiles leases claims claim_scopes numbers_used doubles; do
	sqlite3 "$work/store.db" "SELECT name FROM pragma_table_info('$table') WHERE type = 'TEXT'
		AND name NOT IN ('command', 'result', 'finished_at', 'run_id', 'unit_id')" | while read -r column; do
		# Where a rule of the table forbids it, it cannot be written.
		sqlite3 "$work/store.db" "PRAGMA foreign_keys = OFF; UPDATE OR IGNORE $table SET $column = $evil" 2>/dev/null
	done
done
check "the store is full of it" [ "$(sqlite3 "$work/store.db" "SELECT count(*) FROM attempts WHERE lot LIKE '%script%' AND station LIKE '%script%'")" -ge 12 ]

only_text() { ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|(^|[^\xc2-\xf4\x80-\xbf])[\x80-\xbf]' "$1"; }
shows() { # WHAT COMMAND...
	local what=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	check "$what: ends by itself" [ $? -le 4 ]
	check "$what: says something" [ -s "$work/out" ]
	check "$what: only text on standard output" only_text "$work/out"
	check "$what: only text on standard error" only_text "$work/err"
}
shows status "$h7gang" store status --store "$url"
shows find "$h7gang" store find --store "$url" --since 2000
shows "find --json" "$h7gang" store find --store "$url" --since 2000 --json
check "find --json: each line is one object" [ "$(jq -c . "$work/out" | wc -l)" -eq "$(wc -l <"$work/out")" ]
check "find --json: with the keys it has" [ "$(jq -r 'has("x")' "$work/out" | sort -u)" = false ]
shows "export --json" "$h7gang" store export --store "$url" --json
check "export --json: each line is one object" [ "$(jq -c . "$work/out" | wc -l)" -eq "$(wc -l <"$work/out")" ]
shows "export --log" "$h7gang" store export --store "$url" --log 1
check "export --log: no row is taken for intact" grep -q "the store was changed from outside" "$work/err"
check "export --log: no cell begins as a formula" bash -c '! grep -qE "(^|,|\")[=@+-]" "$1"' bash "$work/out"
check "export --log: as many lines as rows, and the header" [ "$(wc -l <"$work/out")" -le 13 ]
shows report "$h7gang" audit report --store "$url"
shows "report --html" "$h7gang" audit report --store "$url" --html "$work/report.html"
check "report --html: shows what they are" grep -q "&lt;script&gt;" "$work/report.html"
check "report --html: no markup of theirs" bash -c '! grep -qi "<script>alert" "$1"' bash "$work/report.html"
check "report --html: only text" only_text "$work/report.html"
# A station that meets it.
"$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$work/p.yaml" --audit "$work/run.csv" --count 1 \
	--store "$url" >"$work/out" 2>"$work/err"
check "a run: only text" only_text "$work/err"
"$h7gang" store push --store "$url" "$log" >"$work/out" 2>"$work/err"
check "a push: only text" only_text "$work/err"
finish
