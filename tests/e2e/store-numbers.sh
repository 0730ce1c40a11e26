#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# limit: 300
# Numbers and places in a lot over stations, on SQLite and PostgreSQL: with the store, without it, and back.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh

# At each of three stations; tests/long/store-numbers.sh has 16.
boards=${BOARDS:-6}
places=$((3 * boards - 8))
alike="leave: false
limits: {lot_quantity: $places, once_per_lot: true}"
export h7gang work

both() {
	local i jobs="" uid number
	rm -rf "$work"/[ABC]
	use "$1"
	for i in A B C; do
		station_make $i "$url" "$alike" 'offline: stop, lease: {size: 8}' 'unique_by: uid'
	done

	# Three stations at once, eight boards more than the lot may have.
	for i in A B C; do
		station_run $i "$work/$1-$i" "$boards" --lot L1 &
		jobs="$jobs $!"
	done
	# shellcheck disable=SC2086 # a list
	wait $jobs
	check "$1: as many pass as may" [ "$(passes A B C)" -eq "$places" ]
	check "$1: the others are too many" [ "$(errors limit_reached A B C)" -eq 8 ]
	check "$1: no number twice" none_twice "$work/$1-A" "$work/$1-B" "$work/$1-C"
	check "$1: as many numbers in flash" [ "$(wc -l <"$work/numbers")" -eq "$places" ]
	check "$1: the numbers add up" adds_up
	# Rows that a busy store did not take in while they ran.
	for i in A B C; do
		"$h7gang" store push --store "$url" "$work/$i/log.csv" >/dev/null
	done
	check "$1: A's rows are in the store" same_as "$work/A/log.csv"
	check "$1: B's" same_as "$work/B/log.csv"
	check "$1: C's" same_as "$work/C/log.csv"
	check "$1: nothing is on the way" [ "$(sql "SELECT count(*) FROM claims")" = 0 ]
	check "$1: no number is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
	exits 0 "$1: status" "$h7gang" store status --store "$url"
	check "$1: tells of the pool" grep -q "^stations  *counter" "$work/out"

	# A's boards come to B: in that lot not again, in another with the numbers they have.
	exits 1 "$1: A's boards at B, in the same lot" station_again B "$work/$1-A" "$boards" --lot L1
	check "$1: none passes, who has passed is a duplicate" [ "$(errors duplicate B)" -eq "$(passes A)" ]
	exits 0 "$1: A's boards at B, in another lot" station_again B "$work/$1-A" "$boards" --lot L2
	uid=$(column "$work/A/log.csv" "result uid" | awk '$1 == "PASS" {print $2; exit}')
	number=$(column "$work/A/log.csv" "result uid unit_serial" | awk -v uid="$uid" '$1 == "PASS" && $2 == uid {print $3}')
	check "$1: a board keeps its number" [ "$(column "$work/B/log.csv" "lot result uid unit_serial" |
		awk -v uid="$uid" '$1 == "L2" && $2 == "PASS" && $3 == uid {print $4}')" = "$number" ]
	station_verify C "$work/$1-A" >/dev/null 2>&1
	check "$1: C finds by the store as many as A made" [ "$(column "$work/C/log.csv" "command result" | grep -c '^verify	PASS$')" -eq "$(passes A)" ]

	# A station with another range.
	station_make D "$url" "$alike" 'offline: stop' ''
	sed -i 's/start: 1,/start: 2,/' "$work/D/p.yaml"
	exits 2 "$1: another range" station_run D "$work/$1-D" 1
	check "$1: says which" says "$work/err" "the pool \"stations\" has another start than this profile"
	# A copy of a station's folder.
	rm -rf "$work/D"
	cp -r "$work/A" "$work/D"
	exits 2 "$1: a copy" station_run D "$work/$1-D" 1
	check "$1: says so" says "$work/err" "a copy of it would give its numbers twice"
	# The store was there, and is no longer in the profile.
	sed -i '/^store:/d' "$work/C/p.yaml"
	exits 2 "$1: a profile without the store" station_run C "$work/$1-D" 1
	check "$1: says so" says "$work/err" "and there is no store"

	# A station that is killed at any moment, and those after it.
	rm -rf "$work/D"
	station_make D "$url" 'leave: false' 'lease: {size: 2, unused: reuse}' ''
	for i in 1 2 3 4 5 6; do
		[ "$i" -le $((boards / 2)) ] || break
		station_killed D "$work/$1-D$i" 8 "0.$((RANDOM % 10))"
	done
	station_run D "$work/$1-D7" 8 >/dev/null 2>&1
	"$h7gang" store push --store "$url" "$work/D/log.csv" >/dev/null
	check "$1: killed: no number twice" none_twice "$work/$1"-[ABCD]*
	check "$1: killed: the numbers add up" adds_up
	check "$1: killed: nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
	check "$1: killed: every row is there" same_as "$work/D/log.csv"

	# A list with secret keys.
	mkdir -p "$work/E"
	station_make E "$url" 'leave: false' 'lease: {size: 3, unused: reuse}' ''
	sed -i 's/source: .*/source: {list: {file: units.csv, column: sn, pool: units}}/' "$work/E/p.yaml"
	echo '    - {address: 0x08009000, encode: bytes, length: 7, value: "{key}", secret: true}' >>"$work/E/p.yaml"
	(echo sn,key; for i in 1 2 3 4 5 6 7 8 9; do echo "SL-$i,5ec2e75ec2e70$i"; done) >"$work/E/units.csv"
	cp -r "$work/E" "$work/F"
	exits 0 "$1: from a list" station_run E "$work/$1-E" 4
	exits 1 "$1: from the same list elsewhere" station_run F "$work/$1-F" 8
	check "$1: all nine are used, each once" [ "$( (column "$work/E/log.csv" unit_serial
		column "$work/F/log.csv" unit_serial) | grep -c '^SL-')" -eq 9 ]
	check "$1: three boards go without" [ "$(errors serial_exhausted F)" -eq 3 ]
	check "$1: the numbers add up" adds_up
	check "$1: the store knows no key" [ "$("$dump" | grep -ci 5ec2e7)" = 0 ]
	sed -i 's/SL-9,5e/SL-9,5f/' "$work/F/units.csv"
	exits 2 "$1: another list" station_run F "$work/$1-F" 1
	check "$1: says so" says "$work/err" "has another list"
	rm -rf "$work"/[A-F]
}

dump_sqlite() { sqlite3 "$work/store.db" .dump; }
dump_postgresql() { pg_dump -h "$pg_dir" -U postgres postgres; }

dump=dump_sqlite
both sqlite
pg_need
dump=dump_postgresql
both postgresql

# Without the server. A: stops. B: goes on with its leased numbers.
use postgresql
url=$(pg_url station_1)
pg_sql "CREATE ROLE station_1 LOGIN IN ROLE h7gang_station"
station_make A "$url" 'limits: {lot_quantity: 20}' 'offline: stop, lease: {size: 20}' ''
station_make B "$url" 'leave: false' 'offline: stop, lease: {size: 20}' 'unique_by: uid'
station_make C "$url" 'leave: false' 'offline: start, lease: {size: 20}' 'unique_by: uid'
station_make D "$url" 'leave: false' 'offline: lease, lease: {size: 20}' 'unique_by: uid'
for i in A B C D; do
	exits 0 "a first tray at $i" station_run $i "$work/off-$i" 4 --lot L1
done
check "as the role of a station, all is in" same_as "$work/A/log.csv"
pg_kill
exits 1 "no server, offline: stop, a limit" station_run A "$work/off-A2" 4 --lot L1
check "says so" [ "$(errors store_unavailable A)" -eq 4 ]
check "and touches nothing" [ "$(numbers_in "$work/off-A2" | wc -l)" -eq 0 ]
exits 1 "no server, offline: stop, unique_by" station_run B "$work/off-B2" 4
check "says so" [ "$(errors store_unavailable B)" -eq 4 ]
exits 1 "no server at the start, offline: lease" station_run D "$work/off-D2" 4
check "uses no number that was leased before" [ "$(errors store_unavailable D)" -eq 4 ]
check "and touches nothing" [ "$(numbers_in "$work/off-D2" | wc -l)" -eq 0 ]
exits 0 "no server, offline: start" station_run C "$work/off-C2" 8
check "its rows say so" [ "$(column "$work/C/log.csv" overrides | grep -c '^offline_start$')" -eq 8 ]
exits 0 "and again" station_run C "$work/off-C3" 6
exits 1 "until there are no more numbers" station_run C "$work/off-C4" 30
check "then says so" [ "$(errors store_unavailable C)" -ge 1 ]
pg_start
exits 0 "the server is back" station_run C "$work/off-C5" 4
check "its rows say no more" [ "$(column "$work/C/log.csv" overrides | tail -n 4 | grep -c offline_start)" -eq 0 ]
exits 0 "for all" station_run A "$work/off-A3" 4 --lot L1
exits 0 "for D, too" station_run D "$work/off-D3" 4
check "no number twice" none_twice "$work"/off-*/
check "the numbers add up" adds_up
check "nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
for i in A B C; do
	"$h7gang" store push --store "$url" "$work/$i/log.csv" >/dev/null
	check "$i: every row is there" same_as "$work/$i/log.csv"
done
finish
