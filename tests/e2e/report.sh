#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 300
# The report on a small planted month, on files and from a store; its options; its statistics against scipy; that it is
# linear in time and small in memory. tests/long/report-months.sh is the whole of it.
. "$(dirname "$0")/../lib.sh"
logs=$work/logs
mkdir "$logs"
build/tests/month_log "$logs" 30000 planted 3 4 16 || exit 1
report() {
	exits 0 "$1" "$h7gang" audit report --time-zone UTC "${@:2}"
}

report "a planted month" --json --html "$work/page.html" "$logs"/*.csv
cp "$work/out" "$work/files.json"
check "fits its schema" /usr/bin/python3 -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open("docs/report.schema.json")))' "$work/files.json"
named() { jq -e --arg text "$1" '[.findings[] | select(.headline) | .text] | any(contains($text))' "$work/files.json" >/dev/null; }
check "the bad day is a headline" named "on 2026-11-25 was"
check "the bad lot is" named "of lot 2026-18 was"
check "the bad slot is" named "Slot A7 of station S03 failed"
check "nothing else is" [ "$(jq '[.findings[] | select(.headline)] | length' "$work/files.json")" -eq 3 ]
check "the first points are the baseline" jq -e '.time.points[0].baseline and (.time.points[29].baseline | not)' "$work/files.json"
check "every number of the page's tiles" jq -e '.yield | .boards == .units and .boards_first < .boards_passed' "$work/files.json"
check "phases, the wait for the wire apart" jq -e '.cycle.strata[0] | (.erase.median_ms - 4400 | fabs) < 5 and .wire_wait.p95_ms > 100' "$work/files.json"
check "errors with the rows behind them" jq -e '.errors[0] | .advice != "" and (.rows[0].uid | length) == 24' "$work/files.json"
check "the page names them at the top" grep -q '<li>First-pass yield on 2026-11-25' "$work/page.html"
check "one script, which its policy names" [ "$(grep -o "script-src 'sha256-[^']*'" "$work/page.html" | wc -l)" -eq 1 ]

# --- copies: a log twice, an older backup, two logs that went on from one ---
report "one log" --json "$logs/S01.csv"
counted='walk(if type == "object" then del(.log, .finding, .logs, .findings, .copies, .rows_left_out) else . end)'
jq -S "$counted" "$work/out" >"$work/once.json"
head -n 2000 "$logs/S01.csv" >"$work/older.csv"
cp "$logs/S01.csv" "$work/copy.csv"
for of in "$logs/S01.csv $work/copy.csv" "$work/older.csv $logs/S01.csv" "$logs/S01.csv $work/older.csv" \
	"$logs/S01.csv $logs/S01.csv"; do
	# shellcheck disable=SC2086 # two files
	report "$of" --json $of
	check "each row counts once" cmp "$work/once.json" <(jq -S "$counted" "$work/out")
	check "the file is named" jq -e --arg name "${of#* }" '(.copies | length) == 1 and
		(.copies[0] | .log == 1 and .of == 0 and (.fork | not)) and
		any(.findings[].text; contains($name[-40:] + " has "))' "$work/out"
done
to=$(profile fork)
station() { # LOG
	exits 0 "a run" "$sim" --virtual-time --targets 2 -- "$h7gang" run --profile "$to" --audit "$1" --count 2 --no-color
}
station "$work/fork.csv"
cp "$work/fork.csv" "$work/fork2.csv" # a disk was copied, and both go on
station "$work/fork.csv"
station "$work/fork2.csv"
report "a fork" --json "$work/fork.csv" "$work/fork2.csv"
check "is a finding" jq -e '.copies[0].fork and .copies[0].fork_seq == 2 and
	any(.findings[].text; contains("are equal up to row 2 and differ after it"))' "$work/out"
check "fits its schema, too" /usr/bin/python3 -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open("docs/report.schema.json")))' "$work/out"

store=sqlite:$work/store.db
"$h7gang" store init --store "$store" >/dev/null && "$h7gang" store push --store "$store" "$logs"/*.csv >/dev/null || exit 1
report "the same from a store" --json --store "$store"
same='del(.logs, .errors[].rows, .numbers, .histories, .notes)'
check "says the same" cmp <(jq -S "$same" "$work/files.json") <(jq -S "$same" "$work/out")
for source in files store; do
	of=("$logs"/*.csv)
	[ "$source" = files ] || of=(--store "$store")
	report "$source: one lot" --json --lot 2026-18 "${of[@]}"
	check "$source: of that lot alone" [ "$(jq -r '[.by.lot[].name] | join(" ")' "$work/out")" = 2026-18 ]
	report "$source: one station and a week" --json --station S02 --since 2026-11-08 --until 2026-11-15 "${of[@]}"
	check "$source: of both" jq -e '[.by.station[].name] == ["S02"] and (.time.points | length) == 7' "$work/out"
	report "$source: another profile" --json --profile other --firmware 9 "${of[@]}"
	check "$source: nothing" [ "$(jq .rows "$work/out")" -eq 0 ]
	report "$source: shifts, a baseline, operators" --json --title "Plant & 1" --shifts 06:00,14:00,22:00 --by-operator \
		--baseline 2026-11-03/2026-11-08 "${of[@]}"
	check "$source: by shift" jq -e '.time.span == "shift" and (.by.shift | length) == 2' "$work/out"
	check "$source: the period is the baseline" jq -e '[.time.points[] | select(.baseline) | .name[0:10]] | unique |
		.[0] == "2026-11-03" and .[-1] == "2026-11-07"' "$work/out"
	check "$source: by operator, since asked for" [ "$(jq '.by.operator | length' "$work/out")" -eq 2 ]
done
check "not otherwise" [ "$(jq '.by.operator' "$work/files.json")" = null ]
exits 2 "no such time zone" "$h7gang" audit report --time-zone Mars/Olympus "$logs/S01.csv"
exits 2 "no such shifts" "$h7gang" audit report --shifts 6,14 "$logs/S01.csv"
exits 2 "no such period" "$h7gang" audit report --baseline 2026-11-03 "$logs/S01.csv"
exits 2 "no such time" "$h7gang" audit report --until tomorrow "$logs/S01.csv"

# --- a board's history ---
uid=$(scripts/log-columns "$logs/S01.csv" uid attempt | awk '$2 == 2 { print $1; exit }')
number=$(scripts/log-columns "$logs/S01.csv" unit_serial attempt | awk '$2 == 2 { print $1; exit }')
exits 0 "find a board by its UID" "$h7gang" audit find --uid "$uid" "$logs"/*.csv
check "tells its history" grep -q "^Board $uid, lot 2026-01: 1 unit, last verdict " "$work/err"
proof="proof: .*S01.csv:[0-9]+, row [0-9]+, row_hash [0-9a-f]{64}"
check "with who, where, what and proof" grep -qE \
	"after 2 attempts at station S01, slot A[0-9]+, by operator .*, firmware 2.4.1, number $number; $proof" "$work/err"
exits 0 "find it by its number in a store" "$h7gang" store find --store "$store" --serial "$number"
check "tells the same history" grep -qE "^Board $uid, .*last verdict|proof: log [0-9]+, row [0-9]+, row_hash [0-9a-f]{64}" "$work/err"

# --- the budget, in small ---
check "no headline in clean months" grep -q 'false=0$' <(build/tests/simulate clean 6 0.01 30000 2>/dev/null)
check "each planted effect in a month" grep -q 'slot=1 day=1 lot=1 drift=1 others=0$' <(build/tests/simulate planted 1 0.014 2>/dev/null)
if /usr/bin/python3 -c 'import scipy' 2>/dev/null; then
	while read -r line; do
		case $line in
		"ok - "*) check "${line#ok - }" true ;;
		"not ok - "*) check "${line#not ok - }" false ;;
		*) echo "$line" ;;
		esac
	done < <(/usr/bin/python3 tests/report/compare.py build/tests/statistics)
else
	echo "ok $((checks += 1)) - statistics against scipy # SKIP python3-scipy is not installed"
fi

# --- size: 50,000 and 100,000 rows, by user time of that process alone ---
measure() { # BOARDS: "SECONDS KILOBYTES"
	mkdir -p "$work/size" && rm -f "$work/size"/*
	build/tests/month_log "$work/size" "$1" clean 5 1 8 || return 1
	/usr/bin/python3 - "$h7gang" "$work/size/S01.csv" <<-'END'
		import resource, subprocess, sys
		subprocess.run([sys.argv[1], "audit", "report", sys.argv[2]], stdout=subprocess.DEVNULL, check=True)
		used = resource.getrusage(resource.RUSAGE_CHILDREN)
		print(used.ru_utime, used.ru_maxrss)
	END
}
read -r small_time small_size < <(measure 50000)
read -r large_time large_size < <(measure 100000)
echo "# $small_time s, $small_size KiB; $large_time s, $large_size KiB"
check "twice the rows, at most three times the time" awk "BEGIN { exit !($large_time < 3 * $small_time + 0.2) }"
check "at most 64 bytes a board, 24 a row and 24 a number more" [ $(((large_size - small_size) * 1024)) -le $((50000 * 112 + 500000)) ]
finish
