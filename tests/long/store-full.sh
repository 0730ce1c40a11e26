#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# The disk is full under the store, both databases in turn: stations with `offline: start` go on, their logs are the
# outbox; the others refuse boards or the store accepts them. With room again all catch up, and no row is lost.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh
. tests/disturb-lib.sh

in_store() { sql "SELECT coalesce(sum(head_seq), 0) FROM logs WHERE station = '$1'"; }

both() { # DATABASE
	local before n i
	rm -rf "$work"/[ABC]
	station_make A "$url" 'leave: false' 'offline: start, lease: {size: 120}' 'unique_by: uid'
	station_make C "$url" 'leave: false' 'offline: lease, lease: {size: 120}' 'unique_by: uid'
	station_make B "$url" 'leave: false
limits: {lot_quantity: 100}' 'offline: stop, lease: {size: 120}' ''
	for i in A B C; do exits 0 "$1: $i: a tray" station_run $i "$work/$1-$i-1" 4 --lot L1; done
	before=$(in_store A)
	check "$1: the rows are in" [ "$before" -eq 4 ]

	fill_disk
	check "$1: the disk is full" bash -c '! head -c 65536 /dev/zero >"$1/more"' bash "$disk" 2>/dev/null
	rm -f "$disk/more"
	fill_disk
	# The database may first use up the free room in its own files.
	for n in 2 3 4; do exits 0 "$1: full: offline: start goes on" station_run A "$work/$1-A-$n" 24 --lot L1; done
	check "$1: full: says so" grep -qE "store: (away|not reached)" "$work/A/err"
	check "$1: full: not all is in the store" [ "$(made A)" -gt "$(in_store_or_none A)" ]
	station_run B "$work/$1-B-2" 8 --lot L1 >/dev/null 2>&1
	check "$1: full: offline: stop refuses, or the store took it in" [ $(($(passes B) + $(errors store_unavailable B))) -eq 12 ]

	station_run C "$work/$1-C-2" 8 --lot L1 >/dev/null 2>&1
	check "$1: full: offline: lease starts with no old number" [ $(($(passes C) + $(errors store_unavailable C))) -eq 12 ]

	make_room
	# A server without room for its write-ahead log has ended; its administrator starts it again.
	if [ "$1" = postgresql ] && ! "$pg_bin/pg_isready" -q -h "$pg_dir"; then
		pg_stop
		pg_start
		echo "# the server had to be started again"
	fi
	exits 0 "$1: room again: A" station_run A "$work/$1-A-5" 4 --lot L1
	exits 0 "$1: room again: B" station_run B "$work/$1-B-3" 4 --lot L1
	exits 0 "$1: room again: C" station_run C "$work/$1-C-3" 4 --lot L1
	for i in A B C; do
		check "$1: $i has caught up" same_as "$work/$i/log.csv"
	done
	check "$1: A has made its boards" [ "$(passes A)" -eq 80 ]
	check "$1: no number twice" none_twice "$work/$1"-*/
	check "$1: nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
	check "$1: the numbers add up" adds_up
	check "$1: nothing is on the way" [ "$(sql "SELECT count(*) FROM open_claims")" = 0 ]
}
made() { tail -n +2 "$work/$1/log.csv" | wc -l; }
in_store_or_none() { in_store "$1" 2>/dev/null || echo 0; }

for database in sqlite postgresql; do
	store_on_small_disk "$database"
	mountpoint -q "$disk" || { echo "ok $((checks += 1)) - # SKIP no disk of its own can be mounted"; continue; }
	both "$database"
done
finish
