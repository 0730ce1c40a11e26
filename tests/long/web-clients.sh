#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3000
# 64 boards at a paced speed while 200 readers follow /events and 5 never read: the tray takes at most 2 % longer than
# without them, every reader sees every verdict, the memory of h7gang-web stays in its bound, and readers that do not read are
# dropped. Judged twice:
# - On virtual time, which is the same on a busy machine: the longest unit of a tray. It shows whether a unit waits.
# - On real time, which shows the cost of the readers: pairs of trays in alternating order, the median of their ratios.
#   There are PAIRS=3 pairs, and up to 9 while the trays without readers differ by more than 2 % among themselves. If they
#   still do, the machine cannot tell 2 %, and this part is skipped.
. "$(dirname "$0")/../lib.sh"
[ -x build/h7gang-web ] || { echo "ok 1 # SKIP built without h7gang-web"; echo "1..1"; exit 0; }
{
	echo "targets:"
	for ((hub = 1; hub <= 8; hub++)); do
		for ((n = 1; n <= 8; n++)); do echo "  - {path: 1-$hub.$n}"; done
	done
} >"$work/fleet.yaml"
p=$(profile tray)
# milliseconds COLUMN LINE: the time in that line of a column of the log, sorted.
milliseconds() { date -d "$(column "$work/log.csv" "$1" | sort | sed -n "$2p")" +%s%3N; }
# CLIENTS OUT: ms of a tray of 64, from the first start to the last verdict, in $took. The start of the fleet is left out.
tray() {
	rm -f "$work/s" "$work/log.csv"*
	[ "$1" = 0 ] || {
		build/h7gang-web --connect "$work/s" --listen "127.0.0.1:$http" 2>>"$work/web.err" &
		server=$!
		wait_for 20 eval "(exec 3<>/dev/tcp/127.0.0.1/$http) 2>/dev/null"
		/usr/bin/python3 tests/web/readers.py "$http" "$1" 5 400 >"$2" &
		readers=$!
		wait_for 60 grep -q ready "$2"
	}
	"$sim" --fleet "$work/fleet.yaml" "${pace[@]}" -- "$h7gang" run --watch --count 64 --quiet --profile "$p" \
		--audit "$work/log.csv" --socket "$work/s" >"$work/run.out" 2>"$work/run.err"
	check "$1 readers: 64 boards pass" [ $? -eq 0 ]
	took=$(($(milliseconds finished_at '$') - $(milliseconds started_at 1)))
	longest=$(column "$work/log.csv" total_ms | sort -n | tail -n 1)
	[ "$1" = 0 ] || {
		memory=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$server/status")
		wait $readers
		awk -v hz="$(getconf CLK_TCK)" '{ printf "# h7gang-web: %.1f s of processor time\n", ($14 + $15) / hz }' "/proc/$server/stat"
		kill $server
		wait $server
		check "every reader stayed and saw every verdict" jq -se --argjson n "$1" '.[0].open == $n and .[0].least_units >= 64' \
			<(tail -n 1 "$2")
		check "those who never read were dropped" jq -se '.[0].dropped == 5' <(tail -n 1 "$2")
		check "memory of h7gang-web: $memory kB" [ "$memory" -le 262144 ]
	}
}
http=$(free_port)
pace=(--virtual-time)
tray 0
without_ms=$longest
tray "${CLIENTS:-200}" "$work/readers"
check "on virtual time the longest unit takes $longest ms, without readers $without_ms ms" \
	[ $((100 * longest)) -le $((102 * without_ms)) ]
pace=(--speed 1)
without() {
	tray 0
	alone=$took
	echo "# without: $took ms, the longest unit $longest ms"
}
with() {
	tray "${CLIENTS:-200}" "$work/readers"
	beside=$took
	echo "# with ${CLIENTS:-200} readers: $took ms, the longest unit $longest ms; $(tail -n 1 "$work/readers")"
}
middle() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# How far the trays without readers are from their median, the median of that: the noise of the machine in permille.
noise() {
	local centre
	centre=$(middle "$work/alone")
	awk -v c="$centre" '{ d = $1 - c; print int(1000 * (d < 0 ? -d : d) / c) }' "$work/alone" >"$work/apart"
	middle "$work/apart"
}
: >"$work/alone"
: >"$work/ratios"
pairs=0
while [ "$pairs" -lt "${PAIRS:-3}" ] || { [ "$pairs" -lt 9 ] && [ "$(noise)" -gt 20 ]; }; do
	if [ $((pairs % 2)) = 0 ]; then without && with; else with && without; fi
	echo "$alone" >>"$work/alone"
	echo $((1000 * beside / alone)) >>"$work/ratios"
	pairs=$((pairs + 1))
done
ratio=$(middle "$work/ratios")
echo "# ratios in permille: $(paste -sd' ' "$work/ratios"); noise of the trays without readers: $(noise)"
judged="the tray takes at most 2 % longer: median of $pairs pairs $ratio permille"
if [ "$(noise)" -le 20 ]; then
	check "$judged" [ "$ratio" -le 1020 ]
else
	checks=$((checks + 1))
	echo "ok $checks - $judged # SKIP a busy machine: trays without readers differ by $(noise) permille"
fi
finish
