#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# Other servers at PostgreSQL's address: silent, of another kind, or hostile; and a connection that is cut in the middle
# of an answer or of a COMMIT, so that the station cannot know whether it was done.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh
line=/tmp/h7line.$$ # short: a socket's path may have 107 bytes
mkdir -p $line
between="" database=postgresql
unplug() { [ -z "$between" ] || { kill "$between"; wait "$between"; } 2>/dev/null; between=""; }
plug() { # MODE...
	unplug
	rm -f $line/.s.PGSQL.5432
	build/tests/between $line "$@" &
	between=$!
	wait_for 10 test -S $line/.s.PGSQL.5432
}
through() { echo "postgresql:///postgres?host=$line&user=postgres"; }
only_text() { ! LC_ALL=C grep -qP '[^\x20-\x7e\n]' "$1"; }
same_boards() { [ "$(rows "$work/$1/log.csv" result PASS)" -eq "$2" ]; }

pg_need
use postgresql
trap 'unplug; pg_end; rm -rf $line' EXIT
station_make A "$(through)" 'limits: {lot_quantity: 20}' 'offline: stop' ''
station_make B "$(through)" 'leave: false' 'offline: lease, lease: {size: 20}' 'unique_by: uid'

# None of these is a store, and each is found out in bounded time.
for mode in silent http escape; do
	plug $mode
	exits 4 "$mode: status" timeout 60 "$h7gang" store status --store "$(through)"
	check "$mode: says what" grep -q '^h7gang: store: .' "$work/err"
	check "$mode: and only text" only_text "$work/err"
done
check "escape: what the server says can be read" says "$work/err" '=1+1 <script>'
exits 1 "no friend: a run" station_run A "$work/none-A" 2 --lot L
check "no friend: each board is refused" [ "$(errors store_unavailable A)" -eq 2 ]
check "with only text" only_text "$work/err"
plug silent
exits 1 "silent: a run" station_run A "$work/none-A" 2 --lot L
check "silent: each board is refused" [ "$(errors store_unavailable A)" -eq 4 ]

# Through a line that is good all goes as ever; then it stops in the middle of a row, and comes back.
plug commits 1000000 "$pg_dir"
exits 0 "a good line" station_run B "$work/line-B1" 4
plug cut 3000 "$pg_dir"
exits 0 "cut in the middle of an answer: offline: lease" station_run B "$work/line-B2" 4
plug commits 1000000 "$pg_dir"
exits 0 "and back" station_run B "$work/line-B3" 4
check "twelve boards" same_boards B 12

# A server that rolled back instead of committing says so, but not as an error.
plug aborts 1 "$pg_dir"
log=$work/abort.csv
"$make_log" append "$log" 10 abort 3 >/dev/null
exits 4 "rolled back: push" "$h7gang" store push --store "$(through)" "$log"
check "rolled back: it is not taken for a commit" says "$work/err" "rolled it back"
exits 0 "rolled back: push again" "$h7gang" store push --store "$url" "$log"
check "rolled back: all is in" same_as "$log"

# Every fifth COMMIT is lost on its way, or its answer on the way back: leases, places, numbers and rows.
rm -rf "$work"/[AB]
plug commits 5 "$pg_dir"
for i in A B C; do
	station_make $i "$(through)" 'leave: false
limits: {lot_quantity: 40, once_per_lot: true}' "offline: $([ $i = A ] && echo stop || echo lease), \
lease: {size: 3, places: 3, unused: $([ $i = C ] && echo reuse || echo keep)}" 'unique_by: uid'
done
jobs=""
for i in A B C; do
	(for n in 1 2 3; do station_run $i "$work/maybe-$i-$n" 8 --lot L1 >/dev/null 2>&1; done) &
	jobs="$jobs $!"
done
# shellcheck disable=SC2086 # a list
wait $jobs
check "lost COMMITs: not more than the lot" [ "$(passes A B C)" -le 40 ]
echo "# $(passes A B C) of 40 passed, of 72 boards"
check "lost COMMITs: work goes on" [ "$(passes A B C)" -ge 10 ]
unplug
for i in A B C; do
	station_moves $i "$url"
	for n in 4 5 6; do station_run $i "$work/maybe-$i-$n" 8 --lot L1 >/dev/null 2>&1; done
	"$h7gang" store push --store "$url" "$work/$i/log.csv" >/dev/null
	check "lost COMMITs: $i's log and the store are equal" same_as "$work/$i/log.csv"
done
check "the line is good: the lot is full, and no more than that" [ "$(passes A B C)" -eq 40 ]
check "lost COMMITs: no number twice" none_twice "$work"/maybe-*/
check "lost COMMITs: nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
check "lost COMMITs: the numbers add up" adds_up
check "lost COMMITs: no place is left over" [ "$(sql "SELECT count(*) FROM open_claims")" = 0 ]
finish
