#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 300
# An administrator's work on the numbers and places of a store: a station that never comes back, a range that
# is made longer, a server that is put back from a backup. On SQLite and PostgreSQL.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh
lot='leave: false
limits: {lot_quantity: 10, once_per_lot: true}'

release() { "$h7gang" store release --store "$url" "$@"; }
claims() { sql "SELECT count(*) FROM claims"; }

# A's run was killed: two boards on the tray, one of them about to get its number.
leave_claims() {
	local i
	for i in 1 2; do
		sql "INSERT INTO claims (kind, scope, run_id, unit_id, uid, owner, station)
			VALUES ('lot', 'L1', 'gone', 'u$i', '00000000000000000000000$i', 'x', 'A')"
	done
	sql "INSERT INTO claims (kind, scope, run_id, unit_id, uid, owner, station)
		VALUES ('number', 'stations', 'gone', 'u2', '000000000000000000000002', 'x', 'A')"
}

retired() {
	local i
	for i in A B; do
		station_make $i "$url" "$lot" 'offline: stop, lease: {size: 8}' ''
	done
	exits 0 "$1: three boards at A" station_run A "$work/$1-A" 3 --lot L1
	leave_claims
	exits 1 "$1: six boards at B, and two of A's that never come" station_run B "$work/$1-B" 6 --lot L1
	check "$1: one is too many" [ "$(errors limit_reached B)" -eq 1 ]

	exits 0 "$1: which stations there are" release
	check "$1: A" grep -qE '^A +1 +3 +[^ ]+ +1 +3$' "$work/out"
	check "$1: B" grep -qE '^B +1 +6 +[^ ]+ +2 +0$' "$work/out"
	exits 1 "$1: one that there is not" release --station C --yes
	check "$1: says so" says "$work/err" "the store knows no station of that name"
	exits 2 "$1: without a name" release --yes
	exits 0 "$1: what A has" release --station A
	check "$1: its units" [ "$(grep -cE '^(lot|number) ' "$work/out")" -eq 3 ]
	check "$1: its numbers" says "$work/out" "pool stations: 4 to 8"
	check "$1: nothing is done" says "$work/out" "Nothing was changed"
	check "$1: nothing was" [ "$(claims)" = 3 ]
	exits 0 "$1: A is released" release --station A --yes
	check "$1: says so" says "$work/out" "released: 5 numbers that are never used, 3 units on the way"
	check "$1: its claims are over" [ "$(claims)" = 0 ]
	check "$1: its numbers are burned" [ "$(sql "SELECT burned, free FROM v_pools")" = "5|0" ]
	exits 0 "$1: once more" release --station A --yes
	check "$1: no number is told" [ "$(grep -c "no row tells" "$work/out")" -eq 0 ]
	check "$1: there is nothing left" says "$work/out" "released: 0 numbers that are never used, 0 units"
	exits 0 "$1: two more at B" station_run B "$work/$1-B2" 2 --lot L1
	exits 0 "$1: numbers for B beyond what it had" station_run B "$work/$1-B3" 6 --lot L2
	# It comes back all the same: no other station has had its numbers.
	exits 0 "$1: A again" station_run A "$work/$1-A2" 4 --lot L3
	check "$1: no number twice" none_twice "$work/$1"-[AB]*/
	check "$1: the numbers add up" adds_up
	check "$1: nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
}

longer() {
	station_make C "$url" "$lot" 'offline: stop, lease: {size: 8}' '' 2000000
	sed -i 's/start: 1,/start: 2,/' "$work/C/p.yaml"
	exits 2 "$1: another start" station_run C "$work/$1-C" 1 --lot L4
	check "$1: says which" says "$work/err" 'the pool "stations" has another start than this profile: 1 there, 2 here'
	sed -i 's/start: 2,/start: 1,/' "$work/C/p.yaml"
	exits 0 "$1: a later end" station_run C "$work/$1-C" 1 --lot L4
	check "$1: is the pool's" [ "$(sql "SELECT last FROM v_pools")" = 2000000 ]
	exits 0 "$1: who has the earlier one goes on" station_run B "$work/$1-B4" 2 --lot L4
	check "$1: it stays" [ "$(sql "SELECT last FROM v_pools")" = 2000000 ]
	sed -i 's/end: 999999/end: 3/' "$work/A/p.yaml"
	exits 1 "$1: who has one that is used up does not" station_run A "$work/$1-A3" 1 --lot L4
	check "$1: says why" says "$work/A/log.csv" "no number up to this profile's end, 3, is left in the pool"
	sed -i 's/end: 3/end: 999999/' "$work/A/p.yaml"
}

back_up() {
	if [ "$database" = sqlite ]; then
		sqlite3 "$work/store.db" ".backup $work/backup"
	else
		pg_dump -h "$pg_dir" -U postgres -n h7gang postgres >"$work/backup"
	fi
}
put_back() {
	if [ "$database" = sqlite ]; then
		rm -f "$work"/store.db*
		cp "$work/backup" "$work/store.db"
	else
		pg_sql "DROP SCHEMA h7gang CASCADE" 2>/dev/null
		psql -h "$pg_dir" -U postgres -d postgres -qX -v ON_ERROR_STOP=1 -f "$work/backup" >/dev/null
	fi
}
restored() {
	local i
	back_up
	for i in B C; do
		exits 0 "$1: after the backup, at $i" station_run $i "$work/$1-${i}5" 9 --lot L5$i
	done
	put_back
	# As docs/store.md says: each station once without a board (there is one, which is one too few).
	for i in A B C; do
		exits 3 "$1: put back: $i starts without a board" "$sim" --targets 1 --virtual-time -- "$h7gang" run \
			--profile "$work/$i/p.yaml" --audit "$work/$i/log.csv" --station $i --lot L6 --count 2 --wait 1 \
			--quiet
	done
	for i in A B C; do
		exits 0 "$1: then with boards, at $i" station_run $i "$work/$1-${i}6" 9 --lot L6$i
		check "$1: all its rows are there" same_as "$work/$i/log.csv"
	done
	check "$1: no number twice" none_twice "$work/$1"-*/
	check "$1: the numbers add up" adds_up
	check "$1: nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
}

# Which row of a list is which number the store does not know.
listed() {
	station_make E "$url" 'leave: false' 'lease: {size: 3}' ''
	sed -i 's/source: .*/source: {list: {file: units.csv, column: sn, pool: units}}/' "$work/E/p.yaml"
	(echo sn; for i in 1 2 3 4 5 6 7 8 9; do echo "SL-$i"; done) >"$work/E/units.csv"
	exits 0 "$1: from a list" station_run E "$work/$1-E" 1
	exits 0 "$1: its station is released" release --station E --yes
	check "$1: the rows stay its own" says "$work/out" "pool units: rows 1 to 3 of a list"
	check "$1: and are not burned" says "$work/out" "released: 0 numbers"
	exits 0 "$1: should it come back" station_run E "$work/$1-E2" 2
	check "$1: it has them" [ "$(column "$work/E/log.csv" unit_serial | sort | tr '\n' ' ')" = "SL-1 SL-2 SL-3 " ]
}

# A station's name may be any bytes, as everything in a log.
nameless() {
	local name=$'D\xff\e'
	station_make D "$url" "$lot" 'offline: stop, lease: {size: 8}' ''
	exits 0 "$1: a name that is no text" on_tray "$work/$1-D" 1 "$h7gang" run --profile "$work/D/p.yaml" \
		--audit "$work/D/log.csv" --station "$name" --lot L7 --count 1 --quiet
	exits 0 "$1: is listed" release
	check "$1: as the log has it" grep -qE '^D\\xff\\x1b +1 +1 ' "$work/out"
	exits 0 "$1: and released" release --station "$name" --yes
	check "$1: with its numbers" says "$work/out" "released: 7 numbers"
}

# denied WHAT SQL ERROR: the database refuses that, from the role of a station.
denied() {
	if [ "$database" = sqlite ]; then
		sqlite3 "$work/store.db" "$2" >"$work/out" 2>&1
	else
		pg_sql "$2" station_1 >"$work/out" 2>&1
	fi
	check "$database: denied: $1" [ $? -ne 0 ]
	check "$database: denied: $1: says why" says "$work/out" "$3"
}

# No station makes a number that another one has, or had, free again.
guarded() {
	local first last pool
	station_make F "$url" "leave: false" 'lease: {size: 8, unused: reuse}' ''
	sed -i 's/^name: .*/name: guarded/; s/format: "S/format: "T/' "$work/F/p.yaml"
	cp -r "$work/F" "$work/G"
	sed -i 's/unused: reuse/unused: keep/' "$work/G/p.yaml"
	exits 0 "$1: three of a lease, the rest is returned" station_run F "$work/$1-F" 3
	exits 0 "$1: which another station takes" station_run G "$work/$1-G" 2
	pool=$(sql "SELECT id FROM pools WHERE name = 'guarded'")
	check "$1: four to eight" [ "$(sql "SELECT first, last FROM leases WHERE pool_id = $pool AND first = 4")" = "4|8" ]
	denied "numbers that boards have" "INSERT INTO pool_free (pool_id, first, last) VALUES ($pool, 1, 3)" \
		"only returned numbers are free"
	denied "numbers that were returned, and are leased again" \
		"INSERT INTO pool_free (pool_id, first, last) VALUES ($pool, 4, 8)" "only returned numbers are free"
	denied "numbers that were never leased" "INSERT INTO pool_free (pool_id, first, last) VALUES ($pool, 90, 99)" \
		"only returned numbers are free"
	denied "a lease of another one's numbers" "INSERT INTO leases (id, pool_id, owner, turn, station, first, last)
		VALUES ('x', $pool, 'x', 1, 'x', 8, 9)" "a lease has only numbers that no other lease has"
	denied "a second return" "UPDATE leases SET returned_first = first WHERE returned_first = 4" \
		"a lease only changes once"
	denied "a log's head back" "UPDATE logs SET head_seq = 0" "the head of a log only moves forward"
	denied "a log's head to no row" "UPDATE logs SET head_seq = head_seq + 5" "the head of a log only moves forward"
	denied "another name of a check-in" "UPDATE checkins SET name = 'x'" "check-ins only go forward"
	# What a station may return, and what is free then.
	sql "UPDATE leases SET returned_first = 7, fate = 'reuse' WHERE pool_id = $pool AND first = 4"
	sql "INSERT INTO pool_free (pool_id, first, last) VALUES ($pool, 7, 8)"
	denied "an overlapping range" "INSERT INTO pool_free (pool_id, first, last) VALUES ($pool, 8, 8)" \
		"only returned numbers are free"
	denied "more than there is" "UPDATE pool_free SET first = first - 1" "free numbers only become fewer"
	exits 0 "$1: it gets these, and then new ones" station_run F "$work/$1-F2" 3
	check "$1: guarded: no number twice" none_twice "$work/$1"-[FG]*/
	rm -rf "$work"/[FG]
}

both() {
	rm -rf "$work"/[A-E]
	use "$1"
	[ "$1" = sqlite ] || url=$(pg_url station_1)
	retired "$1"
	longer "$1"
	restored "$1"
	listed "$1"
	nameless "$1"
	guarded "$1"
}

both sqlite
pg_need
use postgresql
pg_sql "CREATE ROLE station_1 LOGIN IN ROLE h7gang_station; CREATE ROLE quality LOGIN IN ROLE h7gang_reader"
both postgresql
url=$(pg_url quality)
exits 4 "a reader may not release" release --station A --yes
finish
