#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# A real network between the stations and the server: two networks and a router, each a namespace of its own. It is cut
# without notice (the router drops everything), unplugged at the station, and slow.
. "$(dirname "$0")/../lib.sh"
. tests/pg-lib.sh
skip() {
	echo "ok $((checks += 1)) - # SKIP $1"
	finish
}
pg_need
name=h7n$$
nets="${name}a ${name}m ${name}b" # stations, router, server
[ "$(id -u)" -eq 0 ] || skip "namespaces of the network need root"
command -v ip >/dev/null || skip "there is no ip (iproute2)"
clean_up() {
	pg_end
	for net in $nets; do ip netns del "$net" 2>/dev/null; done
}
trap clean_up EXIT
make_net() {
	local net
	for net in $nets; do
		ip netns add "$net" && ip -n "$net" link set lo up || return 1
	done
	ip link add a0 netns "${name}a" type veth peer name a1 netns "${name}m" &&
		ip link add b0 netns "${name}b" type veth peer name b1 netns "${name}m" || return 1
	address() { ip -n "$name$1" addr add "$3" dev "$2" && ip -n "$name$1" link set "$2" up; }
	address a a0 10.77.1.2/24 && address m a1 10.77.1.1/24 && address b b0 10.77.2.2/24 &&
		address m b1 10.77.2.1/24 && net_plug_in && ip -n "${name}b" route add default via 10.77.2.1 && net_mend
}
net_plug_in() { ip -n "${name}a" link set a0 up && ip -n "${name}a" route add default via 10.77.1.1; }
net_unplug() { ip -n "${name}a" link set a0 down; } # takes its route along
net_cut() { ip netns exec "${name}m" sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'; }
net_mend() { ip netns exec "${name}m" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'; }
make_net 2>"$work/err" || skip "no networks can be made here: $(tail -n 1 "$work/err")"

# All that the stations are runs in the one network, the server in the other; its socket is for us.
for program in h7gang h7gang-sim; do
	printf '#!/bin/sh\nexec ip netns exec %sa %s/build/%s "$@"\n' "$name" "$top" "$program" >"$work/$program"
	chmod +x "$work/$program"
done
sim=$work/h7gang-sim
. tests/store-lib.sh
. tests/stations-lib.sh
pg_as() { ip netns exec "${name}b" setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
pg_make
echo "host all all 10.77.0.0/16 trust" >>"$pg_dir/data/pg_hba.conf"
sed -i "s/^listen_addresses.*/listen_addresses = '10.77.2.2'/" "$pg_dir/data/postgresql.conf"
pg_start
use postgresql
trap clean_up EXIT
pg_sql "CREATE ROLE station_1 LOGIN IN ROLE h7gang_station"
there=postgresql://station_1@10.77.2.2/postgres
log_rows() { [ "$(tail -n +2 "$work/$1/log.csv" 2>/dev/null | wc -l)" -ge "$2" ]; }
push() { "$h7gang" store push --store "$url" "$work/$1/log.csv" >/dev/null; }
backends() { pg_sql "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL"; }

exits 0 "the server is reached over the network" "$work/h7gang" store status --store "$there"
limits='leave: false
limits: {lot_quantity: 60, once_per_lot: true}'
station_make A "$there" "$limits" 'offline: lease, lease: {size: 40, places: 12}' 'unique_by: uid'
station_make B "$there" "$limits" 'offline: stop, lease: {size: 40}' 'unique_by: uid'
for i in A B; do
	exits 0 "$i: a tray" station_run $i "$work/net-$i-1" 6 --lot L1
done

# Cut off: a run that begins now has no places, and B refuses without.
net_cut
exits 1 "cut off from the first, offline: lease, with a limit" station_run A "$work/net-A-2" 6 --lot L1
check "which says so" grep -q "store: not reached\|store: away" "$work/A/err"
exits 1 "cut off, offline: stop" station_run B "$work/net-B-2" 6 --lot L1
check "B: each board is refused" [ "$(errors store_unavailable B)" -eq 6 ]
check "B: in so many words" grep -q "The store cannot be reached" "$work/B/err"
check "and all are untouched" [ "$(numbers_in "$work/net-A-2" "$work/net-B-2" | wc -l)" -eq 0 ]
check "A's rows are in its log alone" [ "$(sql "SELECT coalesce(sum(head_seq), 0) FROM logs WHERE station = 'A'")" -eq 6 ]
net_mend
exits 0 "mended" station_run B "$work/net-B-3" 6 --lot L1

# Cut in the middle of a run, board after board on real time: A goes on in the places it has, B refuses.
belt() { # NAME
	fleet_of "$work/net-$1-4" 2 >"$work/net-$1-4.yaml"
	sed -i '/^leave/d' "$work/$1/p.yaml"
	"$sim" --fleet "$work/net-$1-4.yaml" --speed 10 --save "$work/net-$1-4" --control "$work/$1.ctl" -- bash -c '
		"$1" run --watch --lot L1 --profile "$2/$3/p.yaml" --audit "$2/$3/log.csv" --station "$3" \
			--quiet </dev/null >>"$2/$3/out" 2>>"$2/$3/err" &
		run=$!
		echo $run >"$2/$3.pid"
		"$4" ctl "$2/$3.ctl" belt 16 1000 >/dev/null
		wait $run' bash "$h7gang" "$work" "$1" "$top/build/h7gang-sim"
}
more_passes() { [ "$(passes "$1")" -ge "$2" ]; }
is_refused() { [ "$(errors store_unavailable B)" -gt 6 ]; }
belt A & job_A=$!
belt B & job_B=$!
check "both work" wait_for 120 more_passes A 10
check "A and B" wait_for 120 more_passes B 14
net_cut
before=$(passes A)
check "cut in the middle, offline: lease: it goes on" wait_for 120 more_passes A $((before + 4))
check "cut in the middle, offline: stop: it refuses" wait_for 120 is_refused
net_mend
check "mended: on" wait_for 120 more_passes A $((before + 6))
kill -TERM "$(cat "$work/A.pid")" "$(cat "$work/B.pid")"
wait "$job_A" "$job_B"
for i in A B; do echo 'leave: false' >>"$work/$i/p.yaml"; done
echo "# $(passes A B) passed in all, $(errors store_unavailable A B) refused for want of the store"
check "never more than the lot" [ "$(passes A B)" -le 60 ]
for n in 5 6 7 8 9; do
	station_run A "$work/net-A-$n" 12 --lot L1 >/dev/null 2>&1
	station_run B "$work/net-B-$n" 12 --lot L1 >/dev/null 2>&1
done
for i in A B; do
	push $i
	check "$i's log and the store are equal" same_as "$work/$i/log.csv"
done
check "the lot is full, and no more than that" [ "$(passes A B)" -eq 60 ]
check "no board passed twice" [ "$(for i in A B; do column "$work/$i/log.csv" "result uid"; done | grep ^PASS | sort | uniq -d | wc -l)" -eq 0 ]

# Unplugged for a shift of eight hours: a board each five minutes. The run begins without the store: offline: start.
station_make C "$there" '' 'offline: start, lease: {size: 240}' 'unique_by: uid'
exits 0 "C: numbers for its shift" station_run C "$work/net-C-1" 1
station_make E "$there" 'leave: false' 'offline: lease, lease: {size: 20}' 'unique_by: uid'
exits 0 "E: numbers" station_run E "$work/net-E-1" 2
net_unplug
exits 1 "unplugged from the first, offline: lease" station_run E "$work/net-E-2" 2
check "E: it uses no number of before" [ "$(errors store_unavailable E)" -eq 2 ]
check "E: its boards are untouched" [ "$(numbers_in "$work/net-E-2" | wc -l)" -eq 0 ]
fleet_of "$work/net-C-2" 1 >"$work/net-C-2.yaml"
shift_of_boards() {
	timeout 300 "$sim" --virtual-time --fleet "$work/net-C-2.yaml" --control "$work/c.ctl" -- bash -c '
		"$1" run --watch --count 96 --profile "$2/C/p.yaml" --audit "$2/C/log.csv" --station C --quiet </dev/null &
		run=$!
		"$3" ctl "$2/c.ctl" belt 96 300000 >/dev/null
		wait $run' bash "$h7gang" "$work" "$top/build/h7gang-sim"
}
exits 0 "unplugged: a shift" shift_of_boards
begun=$(column "$work/C/log.csv" finished_at | sed -n 2p) ended=$(column "$work/C/log.csv" finished_at | tail -n 1)
echo "# from $begun to $ended"
check "unplugged: its boards are made" [ "$(passes C)" -eq 97 ]
check "unplugged: each with a number of its own" [ "$(column "$work/C/log.csv" unit_serial | sort -u | wc -l)" -eq 97 ]
check "unplugged: each row says how the run began" \
	[ "$(column "$work/C/log.csv" overrides | grep -cx offline_start)" -eq 96 ]
check "unplugged: the store has none of them" [ "$(sql "SELECT head_seq FROM logs WHERE station = 'C'")" = 1 ]
net_plug_in
exits 0 "plugged in again: the next run" station_run C "$work/net-C-3" 1
check "nothing is missing" same_as "$work/C/log.csv"
exits 0 "and offline: lease" station_run E "$work/net-E-3" 2
check "E: nothing is missing" same_as "$work/E/log.csv"

# Cut in the middle of a COPY. The server finds out by itself, and the log is free for the next station.
log=$work/copy.csv
"$make_log" append "$log" 6000 copy 5 >/dev/null
tc -n "${name}m" qdisc add dev b1 root tbf rate 2mbit burst 16k latency 400ms 2>"$work/err" || slow=no
timeout 300 "$work/h7gang" store push --store "$there" "$log" >/dev/null 2>"$work/push.err" &
job=$!
copying() { [ "$(pg_sql "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL AND query LIKE 'COPY%'")" -gt 0 ]; }
check "a COPY is on its way" wait_for 60 copying
net_cut
tc -n "${name}m" qdisc del dev b1 root 2>/dev/null
gone() { [ "$(backends)" -eq 0 ]; }
check "the server finds the station gone" wait_for 120 gone
wait "$job"
check "and the station the server" says "$work/push.err" "store: "
net_mend
exits 0 "the rows go in" "$work/h7gang" store push --store "$there" "$log"
check "all of them, each once" same_as "$log"

# A slow line: a station's own feed is patient enough to bring in its rows.
if [ "${slow-}" = no ]; then
	echo "# no slow line can be made here: $(tail -n 1 "$work/err")"
else
	mkdir -p "$work/D"
	"$make_log" append "$work/D/log.csv" 3000 D 6 >/dev/null
	station_make D "$there" 'leave: false' 'offline: lease' ''
	sed -i '/^serial:/,$d' "$work/D/p.yaml"
	tc -n "${name}m" qdisc add dev b1 root tbf rate 700kbit burst 16k latency 400ms
	fleet_of "$work/net-D" 1 >"$work/net-D.yaml"
	"$sim" --speed 20 --fleet "$work/net-D.yaml" -- "$h7gang" run --watch --profile "$work/D/p.yaml" \
		--audit "$work/D/log.csv" --station D --quiet >"$work/D/out" 2>"$work/D/err" </dev/null &
	job=$!
	came() { [ "$(sql "SELECT coalesce(max(head_seq), 0) FROM logs WHERE station = 'D'")" -ge 3001 ]; }
	check "a slow line: a station brings in what it has" wait_for 300 came
	kill -TERM "$job"
	wait "$job"
	check "a slow line: all of it" same_as "$work/D/log.csv"
fi

check "no number twice" none_twice "$work"/net-*/
check "nothing is doubled" [ "$(sql "SELECT count(*) FROM v_doubles")" = 0 ]
check "the numbers add up" adds_up
check "nothing is on the way" [ "$(sql "SELECT count(*) FROM open_claims")" = 0 ]
finish
