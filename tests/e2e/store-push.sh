#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# h7gang store push, find, export and status on SQLite and PostgreSQL: logs that are taken, and logs that are refused.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
push() { "$h7gang" store push --store "$url" --station here "$@"; }

refusals() {
	# A row is changed without mending the chain, and with it.
	local a=$work/a.csv b=$work/b.csv
	cp "$a" "$b"
	sed -i '700s/PASS/FAIL/' "$b"
	exits 1 "$1: a row changed" push "$b"
	check "$1: is named" says "$work/err" "station left's log was changed after it was pushed: row 699"
	cp "$a" "$b"
	sed -i '700s/,Zo.*,L1-/,Zoe,L1-/' "$b"
	"$make_log" rehash "$b"
	exits 1 "$1: a row changed, and the chain made right again" push "$b"
	check "$1: is named" says "$work/err" "station left's log was changed after it was pushed: row 699"
	exits 1 "$1: offered again" push "$b"
	cp "$a" "$b"
	sed -i '2s/,Zo.*,L1-/,Zoe,L1-/' "$b"
	"$make_log" rehash "$b"
	exits 1 "$1: the first row changed, and the chain made right again" push "$b"
	check "$1: is named" says "$work/err" "changed after it was pushed: row 1"

	head -n 601 "$a" >"$b"
	"$make_log" append "$b" 500 left 77 >/dev/null
	exits 1 "$1: a fork" push "$b"
	check "$1: is named" says "$work/err" "a fork of station left's log: row 601"
	head -n 601 "$a" >"$b"
	exits 1 "$1: a cut log" push "$b"
	check "$1: is named" says "$work/err" "it ends at row 600, the store has rows to 1200"
	check "$1: all of that is kept" [ "$(sql "SELECT kind, seq FROM incidents ORDER BY id" | tr '\n' ' ')" = \
		"changed|699 changed|699 changed|1 fork|601 cut|601 " ]

	# A log that is broken before it was pushed goes in to where it breaks.
	rm -f "$b"
	"$make_log" append "$b" 900 broken 5 >/dev/null
	sed -i "800s/,Zo/,Za/" "$b"
	exits 1 "$1: a broken log" push "$b"
	check "$1: is named" says "$work/err" "row 799 is changed: row_hash is not that of the row"
	check "$1: to there it is in" [ "$(sql "SELECT head_seq FROM logs WHERE station = 'broken'")" = 798 ]
	check "$1: nothing of it changed what was there" same_as "$a"
}

rotation() {
	local a=$work/rot.csv
	rm -f "$a"*
	"$make_log" append "$a" 1000 right 3 >/dev/null
	(head -n 1 "$a"; sed -n 2,401p "$a") >"$a.0001"
	(head -n 1 "$a"; sed -n 402,701p "$a") >"$a.0002"
	cp "$a" "$work/whole.csv"
	(head -n 1 "$a"; sed -n 702,1001p "$a") >"$a.new" && mv "$a.new" "$a"
	exits 1 "$1: a file whose rows before are not known" push "$a.0002"
	check "$1: says so" says "$work/err" "push the files before this one first"
	# Its files in several folders, named in any order.
	mkdir -p "$work/older-$1"
	mv "$a.0002" "$work/older-$1"
	exits 1 "$1: one in the middle is missing" push "$a"
	check "$1: is named" says "$work/err" "$a: row 701 follows a row that the store does not have"
	check "$1: what is before it went in" says "$work/out" "pushed 400 rows; the store had 0"
	exits 0 "$1: all of them" push "$a" "$work/older-$1/rot.csv.0002" "$a.0001"
	check "$1: the rest" says "$work/out" "pushed 600 rows; the store had 800"
	check "$1: nothing is said" [ "$(wc -c <"$work/err")" -eq 0 ]
	check "$1: as one log" same_as "$work/whole.csv"
	mv "$work/older-$1/rot.csv.0002" "$a.0002"
	sql "DELETE FROM attempts WHERE log_id = (SELECT max(id) FROM logs)"
	sql "DELETE FROM headers WHERE log_id = (SELECT max(id) FROM logs)"
	sql "DELETE FROM logs WHERE id = (SELECT max(id) FROM logs)"

	exits 0 "$1: a log with its older files" push "$a"
	check "$1: all rows" says "$work/out" "pushed 1000 rows; the store had 0"
	check "$1: as one log" same_as "$work/whole.csv"
	exits 0 "$1: an older file again" push "$a.0001" "$a.0002"
	check "$1: known" says "$work/out" "pushed 0 rows; the store had 700"
	check "$1: no incident" [ "$(sql "SELECT count(*) FROM incidents i JOIN logs l ON l.id = i.log_id
		WHERE l.station = 'right'")" = 0 ]
}

# A log whose station got a later version, with columns that this one does not know.
later() {
	local a=$work/later.csv
	rm -f "$a"*
	local prev
	"$make_log" append "$a" 40 later 8 >/dev/null
	sed -E '1s/,prev_hash/,torque,note,prev_hash/; 22,$s/(,[0-9a-f]{64},[0-9a-f]{64})$/,3.5,"a ""b"", c"\1/' "$a" >"$a.all"
	sed -n '1p;22,$p' "$a.all" >"$a.new"
	sed -n 1,21p "$a" >"$a.0001"
	# Its rows follow the last one of the first file.
	prev=$(tail -n 1 "$a.0001" | tail -c 65)
	"$make_log" rehash "$a.new" "$prev"
	mv "$a.new" "$a"
	rm "$a.all"
	exits 0 "$1: a log that goes on with more columns" push "$a"
	check "$1: all rows" says "$work/out" "pushed 40 rows; the store had 0"
	mkdir -p "$work/later-$1"
	exits 0 "$1: export" "$h7gang" store export --store "$url" --output "$work/later-$1"
	check "$1: the first file byte for byte" test -n "$(cmp_any "$a.0001" "$work/later-$1")"
	check "$1: and the second" test -n "$(cmp_any "$a" "$work/later-$1")"
}
cmp_any() { # which of a folder's files is that file
	local file
	for file in "$2"/*; do
		cmp -s "$1" "$file" && echo "$file"
	done
}

hostile() {
	# Texts as an attacker would have them, from a board, an operator, a file's name.
	local p log="$work/it's \"x\"; DROP TABLE logs;--.csv" nasty
	rm -f "$log"
	nasty='</td><script>alert(1)</script>&"'\'\;'DROP TABLE attempts;--'
	p=$(profile "store-$1")
	exits 0 "$1: a run with hostile texts" "$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$p" \
		--audit "$log" --count 2 --operator "$nasty" --lot '=HYPERLINK("x")' --station $'\e]0;x\a\\\xff' \
		--store "$url" --quiet
	check "$1: nothing is left to push" [ "$(wc -c <"$work/err")" -eq 0 ]
	check "$1: rows come back byte for byte" same_as "$log"
	exits 0 "$1: find by such a text" "$h7gang" store find --store "$url" --lot '=HYPERLINK("x")'
	check "$1: two rows" [ "$(wc -l <"$work/out")" -eq 2 ]
	check "$1: no control character" [ -z "$(LC_ALL=C tr -d '\n -~' <"$work/out")" ]
	exits 0 "$1: in JSON" "$h7gang" store find --store "$url" --lot '=HYPERLINK("x")' --json
	check "$1: the texts as they were" [ "$(jq -r .operator "$work/out" | sort -u)" = "$nasty" ]
	exits 0 "$1: status" "$h7gang" store status --store "$url"
	check "$1: no control character" [ -z "$(LC_ALL=C tr -d '\n -~' <"$work/out")" ]
	exits 1 "$1: report" "$h7gang" audit report --store "$url" --html "$work/report.html"
	check "$1: by station" says "$work/out" "By station"
	check "$1: the page's one script is its own" [ "$(grep -c '<script' "$work/report.html")" -eq 1 ]
}

both() {
	local a=$work/a.csv
	rm -f "$a"
	use "$1"
	"$make_log" append "$a" 600 left 1 >/dev/null
	exits 0 "$1: push" push "$a"
	check "$1: all rows" says "$work/out" "pushed 600 rows; the store had 0"
	"$make_log" append "$a" 600 left 1 >/dev/null
	exits 0 "$1: push of the grown log" push "$a" "$a"
	check "$1: the new ones, once" says "$work/out" "pushed 600 rows; the store had 1800"
	check "$1: every row as in the log" same_as "$a"
	check "$1: no incident" [ "$(sql "SELECT count(*) FROM incidents")" = 0 ]

	exits 0 "$1: find by UID" "$h7gang" store find --store "$url" --uid "$(column "$a" uid | sed -n 50p)"
	check "$1: both attempts" [ "$(wc -l <"$work/out")" -eq 2 ]
	check "$1: the newest first" grep -q '^log 1 row 51: .* PASS .* attempt=2 attempts_allowed=' "$work/out"
	exits 0 "$1: find by number" "$h7gang" store find --store "$url" --serial A7-000000007001 --json
	check "$1: one" [ "$(jq -r .seq "$work/out")" = 7 ]
	exits 0 "$1: find by lot and error" "$h7gang" store find --store "$url" --lot L1-1 --error verify_mismatch
	check "$1: those" [ "$(wc -l <"$work/out")" -eq 5 ]
	exits 0 "$1: find with a limit" "$h7gang" store find --store "$url" --firmware 1.0.0 --limit 10
	check "$1: says that there are more" says "$work/err" "the newest 10; there are more"
	exits 0 "$1: find since" "$h7gang" store find --store "$url" --since 2020-01-01T02:19:30 --firmware 1.0.1
	check "$1: those" [ "$(wc -l <"$work/out")" -eq 5 ]
	exits 1 "$1: nothing found" "$h7gang" store find --store "$url" --uid 000000000000000000000000
	exits 2 "$1: nothing asked" "$h7gang" store find --store "$url" --error aborted
	exits 2 "$1: a time that is none" "$h7gang" store find --store "$url" --since yesterday
	exits 0 "$1: JSON of a lot" "$h7gang" store export --store "$url" --json --lot L1-1
	check "$1: its rows" [ "$(jq -s length "$work/out")" -eq 201 ]
	check "$1: views: units" [ "$(sql "SELECT count(*), sum(attempt) FROM v_units")" = "1177|1200" ]
	check "$1: views: yield" [ "$(sql "SELECT units, passed, passed_first, failed FROM v_yield_daily
		WHERE lot = 'L1-0'")" = "980|980|961|0" ]

	refusals "$1"
	rotation "$1"
	hostile "$1"

	rm -rf "$work/logs" && mkdir "$work/logs"
	exits 0 "$1: export of every log" "$h7gang" store export --store "$url" --output "$work/logs"
	check "$1: all of them intact" "$h7gang" audit verify --each "$work"/logs/*.csv
	exits 4 "$1: over files that are there" "$h7gang" store export --store "$url" --output "$work/logs"
	later "$1"
	sql "UPDATE attempts SET operator = 'x' WHERE log_id = 1 AND seq = 5" >/dev/null
	exits 1 "$1: a row changed in the store" "$h7gang" store export --store "$url" --log 1
	check "$1: is named" says "$work/err" "log 1: row 5 in the store has not its hash"
}

both sqlite
ln -s store.db "$work/link.db"
exits 4 "a symbolic link as the store" "$h7gang" store status --store "sqlite:$work/link.db"
exits 2 "no store" "$h7gang" store status --store "sqlite:$work/none.db"
check "and none is made" [ ! -e "$work/none.db" ]
exits 0 "H7GANG_STORE" env H7GANG_STORE="$url" "$h7gang" store status
exits 2 "no store named" "$h7gang" store status
exits 2 "a store of another kind" "$h7gang" store status --store mysql://x/y
echo "not a database, but a text that is long enough to be looked at as one" >"$work/text.db"
exits 4 "a file that is no database" "$h7gang" store status --store "sqlite:$work/text.db"
check "its mode" [ "$(stat -c %a "$work/store.db")" = 640 ]
pg_need
both postgresql
finish
