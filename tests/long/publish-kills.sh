#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# A station programs 1,000 units while it, its two publishers, the broker and the HTTP server are killed 20 times, and
# broker and server stopped 4 times: every row arrives at both, at least once and in order. ROWS, SEED.
. "$(dirname "$0")/../lib.sh"
. tests/publish-lib.sh

rows=${ROWS:-1000}
seed=${SEED:-$(od -An -N 2 -tu2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
echo "# seed $seed"
log=$work/log.csv
keys='erase: touched
verify: image
leave: false
publish: {max_lag: 200, names: [mes, mqtt]}'
# Two images in turn, so that each run writes.
tests/firmware/bytes code 100000 >"$work/two.bin"
one=$(profile one "$keys")
two=$(profile two "$keys")
sed -i 's,^firmware: .*,firmware: [{file: two.bin\, address: 0x08000000}],' "$two"
export one two log work h7gang rows
http_port=$(free_port) mqtt_port=$(free_port)
subscribe() {
	mosquitto_sub -V 5 -c -x 3600 -i mes -q 1 -p "$mqtt_port" -F '%p' -t 'h7gang/+/unit' -t 'h7gang/+/note' \
		>>"$work/mqtt" 2>>"$work/sub.err" &
	subscriber=$!
	started="$started $!"
}
start_mes() { start_publisher --log "$log" --name mes --http "http://127.0.0.1:$http_port/rows" --timeout 1; mes=$publisher; }
start_mqtt() { start_publisher --log "$log" --name mqtt --mqtt "mqtt://127.0.0.1:$mqtt_port" --timeout 1; mqtt=$publisher; }

# Runs of 80 boards, one after the other. The one that runs is in $work/run; after the last kill one more run ends well.
written() { wc -l <"$log" 2>/dev/null || echo 0; }
station() {
	local now=$one then=$two swap
	until [ "$(written)" -gt "$rows" ] && [ -e "$work/calm" ]; do
		swap=$now now=$then then=$swap
		"$h7gang" run --profile "$now" --audit "$log" --count 80 --wait 60 --quiet >>"$work/run.out" 2>>"$work/run.err" </dev/null &
		echo $! >"$work/run"
		wait $!
		echo "run $?"
	done
}
export -f written station
start_broker "$mqtt_port"
start_server "$http_port" "$work/http"
subscribe
wait_for 10 grep -q mes "$work/broker.$mqtt_port.log"
start_mes
start_mqtt
"$sim" --targets 80 --speed 300 -- bash -c station >"$work/station.out" 2>"$work/station.err" &
fleet=$!
started="$started $fleet"
wait_for 60 test -s "$log"

pause() { sleep "$((RANDOM % 2)).$((RANDOM % 10))"; }
kills=0
kill_one() { # NAME PID
	kill -KILL "$2" 2>/dev/null && kills=$((kills + 1))
	wait "$2" 2>/dev/null
}
for ((i = 0; i < 20; i++)); do
	pause
	case $((i % 5)) in
	0) # while it writes to boards
		wait_for 20 test -s "$log.begun"
		kill_one station "$(cat "$work/run")" ;;
	1) kill_one mes $mes; start_mes ;;
	2) kill_one mqtt $mqtt; start_mqtt ;;
	3) kill_one broker $broker; start_broker "$mqtt_port" ;;
	4) kill_one server $server; start_server "$http_port" "$work/http" ;;
	esac
	if [ $((i % 5)) -eq 4 ]; then
		kill -STOP $broker $server
		sleep 2
		kill -CONT $broker $server
	fi
done
touch "$work/calm"
wait_for 240 test ! -e "/proc/$fleet"
wait $fleet
check "20 kills" test "$kills" -eq 20
check "the station's last run ended well" grep -q '^run 0$' <(tail -n 1 "$work/station.out")
last=$(column "$log" seq | tail -n 1)
check "$last rows, of which $(rows "$log" result ABORTED) are of kills" test "$last" -ge "$rows"
check "the kills of the station met attempts" test "$(rows "$log" result ABORTED)" -gt 0
log_state 0 "the log" "$log" intact
check "the server has them all" wait_for 60 at_row "$log.published.mes" "$last"
check "the broker has them all" wait_for 60 at_row "$log.published.mqtt" "$last"
check "every row by HTTP, in order" in_order "$work/http" "$last"
check "with its hash" hashes_hold "$work/http" "$log"
arrived() { [ "$(seqs "$work/mqtt" | tail -n 1)" = "$last" ]; }
check "the subscriber has the last row" wait_for 30 arrived
check "every row by MQTT, in order" in_order "$work/mqtt" "$last"
check "with its hash" hashes_hold "$work/mqtt" "$log"
echo "# sent again: $(($(wc -l <"$work/http") - last)) by HTTP, $(($(wc -l <"$work/mqtt") - last)) by MQTT"
for pid in $mes $mqtt; do
	kill $pid
	wait $pid
	check "SIGTERM ends a publisher" test $? -eq 0
done

# An address that does not even refuse: the kernel drops connections that exceed its queue.
hole_port=$(free_port)
python3 -c 'import socket, sys, time
listener = socket.socket(); listener.bind(("127.0.0.1", int(sys.argv[1]))); listener.listen(0)
waiting = [socket.socket() for _ in range(4)]
for one in waiting: one.setblocking(False); one.connect_ex(("127.0.0.1", int(sys.argv[1])))
time.sleep(120)' "$hole_port" &
hole=$!
started="$started $hole"
sleep 1
start_publisher --log "$log" --name hole --mqtt "mqtt://127.0.0.1:$hole_port"
sleep 2
kill $publisher
check "a connection that hangs" wait_for 10 test ! -e "/proc/$publisher/exe"
wait $publisher
check "holds up no SIGTERM" test $? -eq 0
kill $hole
[ "$bad" -eq 0 ] || tail -n 20 "$work/publisher.err" "$work/run.err" | sed 's/^/# /'
finish
