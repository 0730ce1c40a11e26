#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang audit verify, find, export and report on the logs of two stations, hostile texts among them.
. "$(dirname "$0")/../lib.sh"

a=$work/a.csv
b=$work/b.csv
p=$(profile "cli-a")
nasty='</td><script>alert(1)</script>&"'\'
exits 0 "station 1" "$sim" --targets 3 --speed 50 -- "$h7gang" run --profile "$p" --audit "$a" --count 3 \
	--station left --lot '=HYPERLINK("x")' --tag "note=$nasty"
exits 0 "station 2" "$sim" --targets 2 --speed 50 -- "$h7gang" run --profile "$p" --audit "$b" --count 2 \
	--station "$nasty" --lot B
before=$(sha256sum "$a" "$b")

log_state 0 "one" "$a" "intact: 3 rows, seq=3 "
exits 1 "two stations are not one chain" "$h7gang" audit verify "$a" "$b"
check "it says so" says "$work/err" "two logs merged?"
exits 0 "two stations, each" "$h7gang" audit verify --each "$a" "$b"
check "each is intact" test "$(grep -c ': intact: ' "$work/out")" -eq 2
hash=$(sed -n 2p "$a" | tail -c 65)
(head -n 1 "$a" && tail -n +3 "$a") >"$work/rest.csv"
exits 0 "the rest of a log" "$h7gang" audit verify --continues "$hash" "$work/rest.csv"
exits 1 "the rest of a log alone" "$h7gang" audit verify "$work/rest.csv"
exits 4 "a log that is not there" "$h7gang" audit verify "$work/none.csv"
mkfifo "$work/pipe.csv"
exits 4 "a pipe that nobody writes" timeout 20 "$h7gang" audit verify "$work/pipe.csv"
exits 4 "nor is it a log to write" "$sim" --targets 1 -- "$h7gang" run --profile "$p" --audit "$work/pipe.csv"
check "its name once" test "$(cat "$work/err")" = "h7gang: $work/pipe.csv: open: it is not a regular file"
exits 2 "a hash that is none" "$h7gang" audit verify --continues abc "$a"
exits 2 "no file" "$h7gang" audit verify
exits 2 "no such kind" "$h7gang" audit guess "$a"
exits 2 "an option of another kind" "$h7gang" audit verify --json "$a"

uid=$(column "$a" uid | sed -n 2p)
exits 0 "find by UID" "$h7gang" audit find --uid "$uid" "$a"
check "one row" test "$(wc -l <"$work/out")" -eq 1
check "by file and line" says "$work/out" "a.csv:3: "
other=$(column "$a" uid | sed -n 3p)
check "with the attempt, and how many there may be" grep -qE ' attempt=1 attempts_allowed=[0-9] ' "$work/out"
exits 0 "find by UIDs, in JSON" "$h7gang" audit find --json --uid "$uid" --uid "${other^^}" "$a"
check "two objects" test "$(jq -s length "$work/out")" -eq 2
exits 0 "find by lot" "$h7gang" audit find --lot '=HYPERLINK("x")' "$a" "$b"
check "three rows" test "$(wc -l <"$work/out")" -eq 3
exits 0 "find by slot and lot" "$h7gang" audit find --lot B --slot 1-1.2 "$a" "$b"
check "one row" test "$(wc -l <"$work/out")" -eq 1
exits 1 "nothing has that error" "$h7gang" audit find --error usb_error "$a" "$b"
exits 0 "since" "$h7gang" audit find --since 2020-01-01 --result PASS "$a" "$b"
check "all" test "$(wc -l <"$work/out")" -eq 5
exits 1 "since a day to come" "$h7gang" audit find --since 9999 "$a"
exits 2 "a time that is none" "$h7gang" audit find --since yesterday "$a"
exits 2 "nothing to find" "$h7gang" audit find "$a"

exits 0 "export" "$h7gang" audit export --json "$a" "$b"
check "every row, with the texts as they were" test "$(jq -r --arg lot '=HYPERLINK("x")' --arg tag "note=$nasty" \
	'select(.lot == $lot and .tags == $tag) | .seq' "$work/out" | tr '\n' ' ')" = "1 2 3 "
check "all columns" test "$(jq -r keys_unsorted[] "$work/out" | sort -u | wc -l)" -eq \
	$(($(head -n 1 "$a" | tr ',' '\n' | wc -l) + 3))
exits 2 "export of nothing known" "$h7gang" audit export "$a"

exits 0 "report" "$h7gang" audit report --html "$work/report.html" "$a" "$b"
check "yield" grep -q 'passed in the end  *5  *100.0 %' "$work/out"
check "the page's one script is its own" test "$(grep -c '<script' "$work/report.html")" -eq 1
check "but its text" says "$work/report.html" '&lt;script&gt;'
check "nothing from elsewhere" test "$(grep -cE '(src|href)=|url\(|@import' "$work/report.html")" -eq 0
check "charts" grep -q '<svg ' "$work/report.html"
check "elements are closed" test "$(grep -o '<section>' "$work/report.html" | wc -l)" -eq \
	"$(grep -o '</section>' "$work/report.html" | wc -l)"
exits 0 "report again" "$h7gang" audit report --html "$work/report.html" "$a" "$b"
kept=$(sha256sum "$a")
exits 2 "a log in the place of the page" "$h7gang" audit report --html "$a" "$b"
exits 2 "the log itself" "$h7gang" audit report --html "$a" "$a"
check "is left alone" test "$(sha256sum "$a")" = "$kept"
exits 2 "a pipe" "$h7gang" audit report --html "$work/pipe.csv" "$a"
check "is one still" test -p "$work/pipe.csv"
exits 2 "no folder" "$h7gang" audit report --html "$work/none/report.html" "$a"
ln -s "$work/elsewhere" "$work/link.html"
exits 0 "a page over a link" "$h7gang" audit report --html "$work/link.html" "$a"
check "takes its place" test ! -L "$work/link.html" -a ! -e "$work/elsewhere"

printf 'no row at all\n' >>"$b"
exits 4 "report on a damaged log" "$h7gang" audit report "$b"
check "names it" says "$work/out" "b.csv: NOT INTACT"
check "and counts what there is" says "$work/out" "Report on 2 rows"
exits 4 "find in a damaged log" "$h7gang" audit find --lot B "$b"
check "finds what there is" test "$(wc -l <"$work/out")" -eq 2
sed -i '$d' "$b"
check "readers have changed nothing" test "$(sha256sum "$a" "$b")" = "$before"
finish
