#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# make check-stations [STATIONS=8] [QUANTITY=300] [DATABASES="sqlite postgresql"]: one lot at eight stations, half of them
# offline: lease or start and half offline: stop, while they are killed and the server is killed, stopped and full. Never do more
# pass than the lot has, none passes twice, and in the end the lot is full: no place was lost either.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh
. tests/disturb-lib.sh
stations=${STATIONS:-8} quantity=${QUANTITY:-300} tray=12
export h7gang sim work

offline_of() { # NUMBER
	case $(($1 % 4)) in
	1) echo lease ;;
	3) echo start ;;
	*) echo stop ;;
	esac
}

# Boards of its own, tray after tray. Those of offline: stop meet the same boards, all at once: a board passes at one of
# them (without the store, the others know only their own passes).
shift_of() { # NAME OFFLINE DATABASE
	local n flashes
	for n in 1 2 3 4 5 6 7 8; do
		flashes=$work/$3-$1-$n
		[ "$2" != stop ] || cp "$work/common-$n.yaml" "$flashes.yaml"
		killed_tray "$1" "$flashes" "$((RANDOM % 2)).$(printf %02d $((RANDOM % 100)))" $tray --lot L1
	done
}

all_passes() { # one line a pass: UID, number
	local name
	for name in $names; do column "$work/$name/log.csv" "result uid unit_serial"; done | awk '$1 == "PASS" {print $2, $3}'
}

# Logs and flashes agree: no board passed twice, and each flash has the number in its row.
in_flash() {
	all_passes | awk '{print $2, $1}' | sort -u >"$work/passed"
	[ "$(comm -23 "$work/passed" "$work/numbers" | wc -l)" -eq 0 ]
}

whole() { # DATABASE
	local i n jobs="" disturber
	names=""
	rm -rf "$work"/S* "$work/over" "$work"/common*
	: >"$work/disturbed"
	for i in $(seq "$stations"); do
		names="$names S$i"
		station_make "S$i" "$url" "leave: false
limits: {lot_quantity: $quantity, once_per_lot: true}" \
			"offline: $(offline_of "$i"), lease: {size: 40, places: 6}" 'unique_by: uid'
		: >"$work/S$i/kills"
	done
	for n in 1 2 3 4 5 6 7 8; do fleet_of "$work/common-$1-$n" $tray >"$work/common-$n.yaml"; done

	disturb_"$1" & disturber=$!
	for i in $(seq "$stations"); do
		shift_of "S$i" "$(offline_of "$i")" "$1" & jobs="$jobs $!"
	done
	# shellcheck disable=SC2086 # a list
	wait $jobs
	touch "$work/over"
	wait "$disturber"
	[ "$1" = sqlite ] || { pg_pid=$(head -1 "$pg_dir/data/postmaster.pid"); pg_stop; pg_start; }
	# shellcheck disable=SC2086 # a list
	echo "# $1: $(sort "$work/disturbed" | uniq -c | tr '\n' ' '), $(cat "$work"/*/kills | wc -l) kills of stations;" \
		"$(passes $names) passed, $(errors store_unavailable $names) without the store, $(errors duplicate $names) duplicates"
	check "$1: never more than the lot" [ "$(all_passes | wc -l)" -le "$quantity" ]
	check "$1: some could go on" [ "$(all_passes | wc -l)" -ge $((stations * 2)) ]

	# Each station starts once more, and its rows go to the store; then the lot is filled.
	for n in 1 2 3 4 5 6; do
		for i in $names; do
			[ "$n" -gt 1 ] && [ "$(all_passes | wc -l)" -ge "$quantity" ] && continue
			station_run "$i" "$work/$1-$i-end$n" $((n == 1 ? 1 : 24)) --lot L1 >/dev/null 2>&1
			"$h7gang" store push --store "$url" "$work/$i/log.csv" >/dev/null || echo "# push of $i: $?"
		done
	done
	for i in $names; do
		check "$1: $i's log is intact" intact "$i"
		check "$1: $i's log and the store are equal" same_as "$work/$i/log.csv"
	done
	check "$1: the lot is full, and no more than that" [ "$(all_passes | wc -l)" -eq "$quantity" ]
	check "$1: no board passed twice" [ "$(all_passes | cut -d' ' -f1 | sort | uniq -d | wc -l)" -eq 0 ]
	check "$1: no number is in two boards" none_twice "$work/$1"-*/
	check "$1: what passed has its number in flash" in_flash
	check "$1: the store says the same" [ "$(sql "SELECT count(*) FROM attempts WHERE lot = 'L1' AND result = 'PASS'")" -eq "$quantity" ]
	check "$1: nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
	check "$1: the pool adds up" adds_up
	check "$1: no incident" [ "$(sql "SELECT count(*) FROM incidents")" = 0 ]
	check "$1: no place is left over" [ "$(sql "SELECT count(*) FROM open_claims")" = 0 ]
}

intact() { "$h7gang" audit verify "$work/$1/log.csv" >"$work/out" 2>&1; }

each_database whole
finish
