#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# --events: the events of --json into a file or to the readers of a socket, beside any other display.
. "$(dirname "$0")/../lib.sh"
command -v python3 >/dev/null || { echo "ok 1 # SKIP no python3"; echo "1..1"; exit 0; }

p=$(profile events)
exits 0 "into a file" "$sim" --targets 2 --speed 20 -- "$h7gang" run --profile "$p" --audit "$work/log.csv" --count 2 \
	--lot L1 --operator Ann --station S1 --tag shift=2 --tag line=a --events "$work/events.json"
check "standard output is as ever" test "$(grep -c '^PASS' "$work/out")" -eq 2
check "each event has version, time and run" jq -es 'length > 0 and all(.v == 2 and
	(.time | test("^[0-9-]{10}T[0-9:]{8}[.][0-9]{3}Z$")) and (.run_id | length) == 36)' "$work/events.json"
check "times do not go back" jq -es '[.[].time] == ([.[].time] | sort)' "$work/events.json"
check "units say where they are from" jq -es 'map(select(.event == "unit")) | length == 2 and all(.station == "S1" and
	.operator == "Ann" and .lot == "L1" and .tags == {"shift": "2", "line": "a"} and .unit_serial == "")' "$work/events.json"
check "started first, summary last" jq -es '.[0].event == "started" and .[-1].event == "summary"' "$work/events.json"
before=$(wc -l <"$work/events.json")
exits 1 "a second run" "$sim" --targets 1 --speed 20 -- "$h7gang" verify --profile "$p" --audit "$work/v.csv" \
	--events "$work/events.json" # a blank board
check "is appended" test "$(wc -l <"$work/events.json")" -gt "$before"
exits 2 "a folder that is not there" "$h7gang" run --profile "$p" --audit "$work/log.csv" --events "$work/none/e.json"
check "is said" says "$work/err" "$work/none/e.json: No such file"

cat >"$work/reader.py" <<-'END'
import socket, sys, time
path, out = sys.argv[1], sys.argv[2]
for _ in range(400):
    try:
        s = socket.socket(socket.AF_UNIX); s.connect(path); break
    except OSError: time.sleep(0.05)
open(path + (".deaf" if out == "-" else ".reader"), "w").close()
if out == "-":
    time.sleep(float(sys.argv[3])); sys.exit(0)   # never reads
with open(out, "wb") as f:
    while True:
        data = s.recv(65536)
        if not data: break
        f.write(data)
END
sock=$work/sock
# run_with_readers BOARDS NAME: with one reader, into NAME.json, and one that never reads. The boards come once both are
# connected, however long python3 takes to start.
run_with_readers() {
	local run reader deaf n status
	rm -f "$sock".*
	python3 "$work/reader.py" "$sock" "$work/$2.json" &
	reader=$!
	python3 "$work/reader.py" "$sock" - 120 &
	deaf=$!
	for ((n = 1; n <= $1; n++)); do "$sim" ctl "$work/hands" unplug "board-$n"; done >/dev/null
	"$h7gang" run --watch --count "$1" --profile "$p" --audit "$work/$2.csv" --events "unix:$sock" --log-level debug &
	run=$!
	wait_for 60 test -e "$sock.reader" && wait_for 60 test -e "$sock.deaf"
	for ((n = 1; n <= $1; n++)); do "$sim" ctl "$work/hands" plug "board-$n"; done >/dev/null
	wait $run
	status=$?
	kill $deaf
	wait $reader
	return $status
}
fleet() { # BOARDS: a file
	printf 'targets: [{name: board, repeat: %d}]\n' "$1" >"$work/fleet-$1.yaml"
	echo "$work/fleet-$1.yaml"
}
export -f run_with_readers wait_for
export work sock h7gang sim p
: >"$sock" # a file in its place is not taken away
exits 2 "a file where the socket should be" "$h7gang" run --profile "$p" --audit "$work/w.csv" --events "unix:$sock"
rm "$sock"
python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1])' "$sock" # left by a kill
exits 0 "to the readers of a socket" "$sim" --fleet "$(fleet 3)" --control "$work/hands" --speed 20 -- bash -c "run_with_readers 3 read"
check "a reader has the run from its first line" jq -es '.[0].event == "started" and .[-1].event == "summary" and
	(map(select(.event == "unit")) | length) == 3' "$work/read.json"
check "the socket is gone with the run" test ! -e "$sock"
exits 0 "beside a reader that never reads" "$sim" --fleet "$(fleet 110)" --control "$work/hands" --speed 200 -- bash -c "run_with_readers 110 many"
check "which is dropped, with the reason" says "$work/err" "a reader that did not keep up was dropped"
check "the other one has all" jq -es '(map(select(.event == "unit")) | length) == 110' "$work/many.json"
finish
