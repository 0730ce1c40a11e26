#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# make check-stations [STATIONS=8] [BOARDS=500] [TRAY=50] [DATABASES="sqlite postgresql"]: stations as processes over virtual fleets,
# numbers drawn from one counter. Meanwhile the server is killed, stopped and started, its disk is full for a while,
# stations are killed while they lease, and one is unplugged for its whole shift. In the end: no number twice in any
# flash, log or the store; no row lost or doubled; each log and the store equal; every number accounted for.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh
. tests/disturb-lib.sh
stations=${STATIONS:-8} boards=${BOARDS:-500} tray=${TRAY:-50}
export h7gang sim work

serial='unique_by: uid'
lease='lease: {size: 200}' # an outage takes less than half of it

# Every second station may begin a run without the store; boards of such a run fail at the others, untouched.
offline_of() { [ $((${1#S} % 2)) -eq 0 ] && echo start || echo lease; }

# How many boards a station's log says are good.
good_boards() { # NAME
	column "$work/$1/log.csv" "result uid" | awk '$1 == "PASS" {print $2}' | sort -u | wc -l
}

# shift_of NAME DATABASE: trays of new boards one after the other until enough of them are good; every third tray
# is killed once, at random, and then done by the next run. A run that begins in an outage, or an outage that outlasts a
# lease, fails boards, untouched: then it takes more trays, of which there is an end.
shift_of() {
	local name=$1 n=0 flashes
	while [ "$(good_boards "$name")" -lt "$boards" ] && [ $n -lt $((10 * boards / tray)) ]; do
		n=$((n + 1))
		flashes=$work/$2-$name-$n
		if [ $((n % 3)) -eq 0 ]; then
			killed_tray "$name" "$flashes" "$(printf 0.%02d $((RANDOM % 100)))" "$tray"
		else
			station_run "$name" "$flashes" "$tray" >/dev/null 2>&1
		fi
	done
}

# A station that is killed while it leases, again and again: leases of one number.
leaser() { # NAME DATABASE TIMES
	local i
	for i in $(seq "$3"); do
		station_killed "$1" "$work/$2-$1-$i" 4 "0.$(printf %02d $((RANDOM % 60)))"
		echo . >>"$work/$1/kills"
	done
	station_run "$1" "$work/$2-$1-last" 4 >/dev/null 2>&1
}

whole() { # DATABASE
	local i jobs="" names="" missing disturber
	rm -rf "$work"/S* "$work/L" "$work/over" "$work/disturbed"
	: >"$work/disturbed"
	for i in $(seq "$stations"); do names="$names S$i"; done
	for i in $names; do
		station_make "$i" "$url" 'leave: false' "offline: $(offline_of "$i"), $lease" "$serial"
	done
	station_make L "$url" 'leave: false' 'lease: {size: 1, unused: reuse}' ''
	for i in $names L; do : >"$work/$i/kills"; done
	# The last station takes numbers for its shift, and then sees the store no more. The others have some, too.
	for i in $names; do
		[ "$i" = "S$stations" ] || station_run "$i" "$work/$1-$i-first" 1 >/dev/null 2>&1
	done
	i=S$stations
	sed -i "s/size: 200/size: $((2 * boards + 100))/; s/offline: lease/offline: start/" "$work/$i/p.yaml"
	station_run "$i" "$work/$1-$i-first" 1 >/dev/null 2>&1
	station_moves "$i" "postgresql:///none?host=/nonexistent"

	disturb_"$1" & disturber=$!
	for i in $names; do
		shift_of "$i" "$1" & jobs="$jobs $!"
	done
	leaser L "$1" 20 & jobs="$jobs $!"
	# shellcheck disable=SC2086 # a list
	wait $jobs
	touch "$work/over"
	wait "$disturber"
	[ "$1" = sqlite ] || { pg_pid=$(head -1 "$pg_dir/data/postmaster.pid"); pg_stop; pg_start; }
	echo "# $1: $(sort "$work/disturbed" | uniq -c | tr '\n' ' '), $(cat "$work"/*/kills | wc -l) kills of stations"

	# The last station worked without the store for its whole shift.
	i=S$stations
	check "$1: $i, unplugged for its shift, has made its boards" [ "$(good_boards "$i")" -ge "$boards" ]
	check "$1: $i: of which the store knows nothing" [ "$(sql "SELECT head_seq FROM logs WHERE station = '$i'")" = 1 ]

	# The rest of the logs goes to the store; units left open by a kill become rows first.
	for i in $names L; do
		station_moves "$i" "$url"
		station_run "$i" "$work/$1-$i-end" 1 >/dev/null 2>&1
		"$h7gang" store push --store "$url" "$work/$i/log.csv" >/dev/null || echo "# push of $i: $?"
		check "$1: $i's log is intact" intact "$i"
		check "$1: $i's log and the store are equal" same_as "$work/$i/log.csv"
		check "$1: $i has made its boards" [ "$(good_boards "$i")" -ge \
			$([ "$i" = L ] && echo 1 || echo "$boards") ]
	done
	check "$1: as many rows as all logs have" [ "$(sql "SELECT count(*) FROM attempts")" -eq \
		"$(tail -qn +2 "$work"/*/log.csv | wc -l)" ]
	check "$1: no incident" [ "$(sql "SELECT count(*) FROM incidents")" = 0 ]
	check "$1: no number is in two flashes or two boards' rows" none_twice "$work/$1"-*/
	echo "# $1: $(wc -l <"$work/numbers") numbers in flash"
	check "$1: none in the store" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
	check "$1: the pool adds up" adds_up
	# Each number that was leased is used, taken without a row, or still there to be drawn: by the stations' files.
	accounted "$1"
	check "$1: every number is accounted for" [ "$(sort "$work/accounts" | uniq -d | wc -l)" -eq 0 ] &&
		check "$1: all of them" [ "$(wc -l <"$work/accounts")" -eq "$(sql "SELECT next - first - skipped - burned - free FROM v_pools WHERE name = 'stations'")" ]
	missing=$(comm -23 <(cut -d' ' -f1 "$work/numbers" | sort -u) <(sql "SELECT number FROM numbers_used" | sort -u) | wc -l)
	check "$1: what is in a flash is in the store" [ "$missing" -eq 0 ]
	check "$1: no unit is left on the way" [ "$(sql "SELECT count(*) FROM open_claims")" = 0 ]
}

intact() { "$h7gang" audit verify "$work/$1/log.csv" >"$work/out" 2>&1; }

# One line a number, from the files of numbers alone: taken, or leased and not drawn.
accounted() {
	local state
	for state in "$work"/*/sn.state; do
		awk -F'\t' '
			$1 == "take" {taken[$2] = 1; print $2}
			$1 == "lease" {first[$3] = $2; last[$3] = $5}
			$1 == "back" {last[$3] = $2 - 1}
			END {for (id in first) for (n = first[id]; n <= last[id]; n++) if (!(n in taken)) print n}' "$state"
	done >"$work/accounts"
}

each_database whole
echo "stations: $((checks - bad)) passed, $bad failed"
finish
