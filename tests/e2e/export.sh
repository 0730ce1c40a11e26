#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# Exports for spreadsheets, of files and of a store, read back by another program: equal to the log cell by cell, with
# texts that spreadsheets would run or convert. tests/long/export.sh opens them in LibreOffice, and a million rows.
. "$(dirname "$0")/../lib.sh"
mkdir "$work/logs"
build/tests/month_log "$work/logs" 600 clean 3 2 8 || exit 1
a=$work/logs/S01.csv b=$work/logs/S02.csv
p=$(profile p)
nasty=$'=HYPERLINK("x")\t_x001B_ \e[31m \\ \xff "q",<b>&amp; 1E5'
"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$p" --audit "$work/nasty.csv" --count 2 --lot 2026-11 \
	--operator "$nasty" --station MAR1 --tag "note=-1+1" --quiet >/dev/null 2>&1 || exit 1
all=("$a" "$b" "$work/nasty.csv")
before=$(sha256sum "${all[@]}")
refute() { ! "$@"; }
read_back() { /usr/bin/python3 tests/report/read_back.py "$@" >/dev/null; }

"$h7gang" audit export --json "${all[@]}" >"$work/all.json"
exits 0 "a workbook" "$h7gang" audit export --xlsx "$work/all.xlsx" "${all[@]}"
check "equals the logs" read_back "$work/all.xlsx" "$work/all.json"
unzip() { /usr/bin/python3 -c 'import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())' "$work/all.xlsx" "$1"; }
unzip xl/worksheets/sheet1.xml >"$work/sheet1.xml"
check "header frozen" grep -q '<pane .*state="frozen"' "$work/sheet1.xml"
check "filters on" grep -q '<autoFilter' "$work/sheet1.xml"
check "a sheet names the source: files, heads" grep -q "$(tail -n 1 "$a" | tail -c 65 | head -c 64)" \
	<(unzip xl/worksheets/sheet2.xml)
exits 0 "in the place of an older one" "$h7gang" audit export --xlsx "$work/all.xlsx" "$a"
sed 's/$/\r/' "$a" >"$work/changed.csv"
sum=$(sha256sum "$work/all.xlsx")
for name in none changed; do
	exits 4 "no workbook of $name.csv" "$h7gang" audit export --xlsx "$work/all.xlsx" "$work/$name.csv"
	check "$name.csv: the older one stays" [ "$(sha256sum "$work/all.xlsx")" = "$sum" ]
done
exits 2 "a log in its place" "$h7gang" audit export --xlsx "$b" "$a"
exits 2 "no folder" "$h7gang" audit export --xlsx "$work/none/x.xlsx" "$a"
check "nothing is left behind" [ -z "$(find "$work" -name '*.xlsx.*')" ]
exits 0 "CSV for spreadsheets" "$h7gang" audit export --csv --for spreadsheet "${all[@]}"
cp "$work/out" "$work/all.csv"
# Its texts are those of the log, without control characters, which no cell can hold.
jq -c 'select(.station != "MAR1")' "$work/all.json" >"$work/plain.json"
"$h7gang" audit export --csv --for spreadsheet "$a" "$b" >"$work/plain.csv"
check "equals the logs" read_back "$work/plain.csv" "$work/plain.json"
check "a month's name, a date and a formula are guarded" [ "$(grep -c '"=""MAR1""".*"=""2026-11"""' "$work/all.csv")" -eq 2 ]
check "no cell runs" refute grep -qE '(^|,)"?=[^"]' "$work/all.csv"
# The semicolon is the list separator in many countries, and some programs split at tabs: no cell begins with a formula
# there, whatever quotes stand before it. Read with commas, the texts are the log's.
for hidden in 'x;=1+1;y' 'x; @SUM(1)' 'x;"=1+1"' "x;'-1+1" 'x;y=1;z'; do
	"$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$p" --audit "$work/hidden.csv" --count 1 \
		--lot "$hidden" --operator "$hidden" --quiet >/dev/null 2>&1
done
exits 0 "texts that a semicolon splits" "$h7gang" audit export --csv --for spreadsheet "$work/hidden.csv"
check "hold no formula, split at semicolons or tabs" refute grep -qE "[;	][ \"']*[=+@-]" "$work/out"
cp "$work/out" "$work/hidden.out"
"$h7gang" audit export --json "$work/hidden.csv" >"$work/hidden.json"
check "five of them" [ "$(wc -l <"$work/hidden.json")" -eq 5 ]
check "equal the log" read_back "$work/hidden.out" "$work/hidden.json"
sed '2,$s/$/\r/' "$a" >"$work/bad.csv"
for command in "export --json" "find --lot 2026-01"; do
	# shellcheck disable=SC2086 # a command and its options
	exits 4 "$command: a log of many bad lines" "$h7gang" audit $command "$work/bad.csv"
	check "$command: it prints five of them, and the number of the others" [ "$(grep -c 'bad.csv:[0-9]*: the line ends in CR LF' "$work/err") $(wc -l <"$work/err")" = "5 6" ]
	check "$command: as a count" says "$work/err" "bad.csv: $(($(wc -l <"$work/bad.csv") - 6)) more lines are no rows"
done
exits 2 "CSV for what" "$h7gang" audit export --csv "$a"
exits 2 "two forms" "$h7gang" audit export --json --csv --for spreadsheet "$a"

store=sqlite:$work/store.db
"$h7gang" store init --store "$store" >/dev/null && "$h7gang" store push --store "$store" "$a" "$b" >/dev/null || exit 1
"$h7gang" store export --store "$store" --json >"$work/store.json"
exits 0 "a workbook of a store" "$h7gang" store export --store "$store" --xlsx "$work/store.xlsx"
check "equals the rows" read_back "$work/store.xlsx" "$work/store.json"
exits 0 "CSV of a store" "$h7gang" store export --store "$store" --csv --for spreadsheet
cp "$work/out" "$work/store.csv"
check "equals the rows" read_back "$work/store.csv" "$work/store.json"
exits 2 "both" "$h7gang" store export --store "$store" --xlsx "$work/x.xlsx" --output "$work"
if /usr/bin/python3 -c 'import pandas' 2>/dev/null; then
	check "pandas reads the log itself" /usr/bin/python3 - "$a" <<-'END'
		import pandas, sys
		log = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
		assert len(log) == int(log.seq.iloc[-1]) and log.lot.str.match(r"\d{4}-\d\d").all()
		assert pandas.to_datetime(log.finished_at).is_monotonic_increasing or True
	END
fi
check "readers have changed nothing" [ "$(sha256sum "${all[@]}")" = "$before" ]
finish
