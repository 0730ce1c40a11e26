#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# A station's folder that is renamed under a running program, with and without another one in its place: nothing goes on
# in the folder that was moved, and every attempt has a row in the end.
# limit: 120
. "$(dirname "$0")/../lib.sh"
. tests/station-lib.sh

lines="leave: false
slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]
audit: {file: log.csv}"
printf 'targets: [{name: a, path: 1-1.1, contents: random}, {name: b, path: 1-1.2}]\n' >"$work/fleet.yaml"

# The folder disappears while a board is being written. `put` says what replaces it.
station_in() { # FOLDER: its profile
	rm -rf "$1"
	mkdir "$1"
	sed "s,^audit:.*,audit: {file: log.csv}," "$(profile moved "$lines")" >"$1/p.yaml"
}
under_way() {
	ctl unplug b
	begin --profile "$work/station/p.yaml"
	wait_for 60 test -s "$work/station/log.csv.begun" || echo "NOT begun" >>"$work/met"
	mv "$work/station" "$work/away"
	$put "$work/away" "$work/station"
	met "the unit is NOT RECORDED" wait_for 60 seen 1 '.event == "unit" and (.recorded | not)'
	ctl plug b
	wait $run
	echo "exit $?" >>"$work/met"
}
nothing() { :; }
link() { ln -s nowhere "$2"; }
export -f under_way nothing link
empty() { mkdir "$2"; }
copy() { cp -a "$1" "$2"; }
export -f empty copy
for put in nothing copy empty link; do
	rm -rf "$work/away" "$work/station"
	station_in "$work/station"
	export put
	station "$put" under_way
	check "$put: exit 4" grep -qx "exit 4" "$work/met"
	check "$put: it says why" says "$log.json" "changed, moved or deleted by another program"
	check "$put: no verdict is shown as recorded" test "$(events '.event == "unit" and .recorded')" -eq 0
	check "$put: the other board was not begun" test "$(jq .counters.dnloads "$work/saved/b.json")" -eq 0
	exits 3 "$put: a start where the folder is now" "$h7gang" run --profile "$work/away/p.yaml" --wait 0
	check "$put: its attempt has a row" test "$(column "$work/away/log.csv" result)" = ABORTED
done

# Between boards: the next one is not touched.
rm -rf "$work/away" "$work/station"
station_in "$work/station"
between() {
	ctl unplug b
	begin --profile "$work/station/p.yaml"
	soon 1 '.event == "unit" and .slot == "A1" and .recorded'
	mv "$work/station" "$work/away"
	ctl plug b
	met "the next unit is NOT RECORDED" wait_for 60 seen 1 '.event == "unit" and .slot == "A2" and (.recorded | not)'
	wait $run
	echo "exit $?" >>"$work/met"
}
export -f between
station between between
check "exit 4" grep -qx "exit 4" "$work/met"
check "the next board was not written" test "$(jq '.counters | .words_programmed + .sector_erases + .mass_erases' "$work/saved/b.json")" -eq 0

# The folder of the number file alone: its numbers are given by no program that works elsewhere.
rm -rf "$work/numbers" "$work/gone"
mkdir "$work/numbers"
numbered=$(profile numbered "leave: false
slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}, {name: A3, path: 1-1.3}]
stop: {same_error: 1}
audit: {file: numbers.csv}
serial:
  source: {counter: {file: numbers/sn.state, start: 1, end: 99, format: \"N-{:04d}\"}}
  patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0x00}]")
export numbered
number_file() {
	ctl unplug b
	ctl unplug c
	begin --profile "$numbered" --operator Kim
	soon 1 '.event == "unit" and .slot == "A1" and .result == "PASS"'
	$lose
	ctl plug b
	soon 1 '.event == "unit" and .slot == "A2" and .error == "host_error"'
	soon 1 '.event == "state" and .state == "stopped" and (.reason | test("number file .*sn.state cannot be used: put it back"))'
	ctl plug c
	sleep 1
	met "no other board starts" test "$(events '.event == "phase" and .slot == "A3"')" -eq 0
	no unlock "put it back"
	yes quit
	end
}
away() { mv "$work/numbers" "$work/gone"; }
edited() { sed -i s/N-/N-/ "$work/numbers/sn.state"; }
export -f number_file away edited
printf 'targets: [{name: a, path: 1-1.1}, {name: b, path: 1-1.2}, {name: c, path: 1-1.3}]\n' >"$work/fleet.yaml"
export lose=edited
station "a number file that an editor replaced" number_file
check "it says why" grep -q "was removed or replaced" "$work/numbers.csv"
check "the report counts no failed board" test "$("$h7gang" audit report "$work/numbers.csv" |
	awk '$1 == "failed" { print $1, $2 } $1 $2 == "leftout" { print $1, $2, $NF }' | paste -sd,)" = "failed 0,left out 1"
check "the station says so in the log" grep -q "station STOPPED: the number file" "$work/numbers.csv"
rm -rf "$work/numbers"* "$STATE_DIRECTORY"
mkdir "$work/numbers"
lose=away
station "number file" number_file
check "it says why" grep -q "moved with its folder" "$work/numbers.csv"
check "no second number" test "$(column "$work/numbers.csv" unit_serial | sort -u | tr '\n' ,)" = ",N-0001,"
finish
