#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# h7gang-web is stopped (SIGSTOP), and killed in another run, while a station programs a tray: no row, no verdict and no
# time of the run differs from those of a run without it. On virtual time, so that times can be compared.
. "$(dirname "$0")/../lib.sh"
[ -x build/h7gang-web ] || { echo "ok 1 # SKIP built without h7gang-web"; echo "1..1"; exit 0; }
p=$(profile tray)
webs=
trap 'kill -KILL $webs $run 2>/dev/null' EXIT
run=
connected() { grep -q " 03 [0-9]* $1\$" /proc/net/unix; }
rows_are() { [ "$(wc -l <"$work/$1.csv")" -gt "$2" ]; } 2>/dev/null
boards() { "$sim" ctl "$work/$1.hands" list | awk '$2 ~ /^1-/ { print $1 }'; }
station() { # NAME [SIGNAL]: two trays; h7gang-web gets the signal before the second one
	local name=$1 signal=${2-} board
	"$sim" --targets 8 --virtual-time --control "$work/$name.hands" -- "$h7gang" run --watch --count 16 --quiet \
		--profile "$p" --audit "$work/$name.csv" --socket "$work/$name.sock" >"$work/$name.out" 2>"$work/$name.err" &
	run=$!
	if [ "$signal" ]; then
		build/h7gang-web --connect "$work/$name.sock" --listen "unix:$work/$name.http" 2>"$work/$name.web" &
		webs="$webs $!"
		check "$signal: h7gang-web is connected" wait_for 60 connected "$work/$name.sock"
	fi
	wait_for 60 rows_are "$name" 8
	[ -z "$signal" ] || kill "-$signal" $!
	for board in $(boards "$name"); do "$sim" ctl "$work/$name.hands" renew "$board" >/dev/null; done
	wait $run
	check "$name: two trays" [ $? -eq 0 ]
	scripts/log-columns "$work/$name.csv" slot result error erase_method blank_ms erase_ms program_ms verify_ms |
		sort >"$work/$name.rows"
	longest=$(column "$work/$name.csv" total_ms | sort -n | tail -n 1)
}
station alone
without=$longest
check "16 rows" [ "$(wc -l <"$work/alone.rows")" -eq 16 ]
for signal in STOP KILL; do
	station "with-$signal" $signal
	check "$signal: the rows and the times of each phase are the same" diff "$work/alone.rows" "$work/with-$signal.rows"
	check "$signal: the longest unit takes $longest ms, without h7gang-web $without ms" \
		[ $((100 * longest)) -le $((102 * without)) ]
	log_state 0 "$signal: the log" "$work/with-$signal.csv" "intact: 16 rows"
done
finish
