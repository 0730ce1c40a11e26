#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang-web follows a log that is rotated: every row and its seal are found, the earlier files are not read again.
. "$(dirname "$0")/../lib.sh"
[ -x build/h7gang-web ] && command -v curl >/dev/null || { echo "ok 1 # SKIP no h7gang-web or no curl"; echo "1..1"; exit 0; }
make -s build/tests/make_log || exit 1
"$h7gang" audit keygen --output "$work/key.pem" >/dev/null || exit 1
p=$(profile watch "slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]
audit: {file: log.csv, key: $work/key.pem, seal_every: 4, rotate_lot: true}
control: {allow: [lot]}")
build/tests/make_log append "$work/log.csv" 3000 bench 1 >/dev/null || exit 1
"$sim" --targets 2 --speed 20 --control "$work/hands" -- "$h7gang" run --watch --profile "$p" --lot L1 --socket "$work/s" \
	>"$work/run.out" 2>&1 &
run=$!
web=
trap 'kill $web $run 2>/dev/null' EXIT
port=$(free_port)
url=http://127.0.0.1:$port/api/v1
build/h7gang-web --connect "$work/s" --listen "127.0.0.1:$port" 2>"$work/web.err" &
web=$!
last_is() { [ "$(curl -s "$url/station" | jq .read.last 2>/dev/null)" = "$1" ]; }
check "the first lot is in the log" wait_for 60 last_is 3002
check "after a rotation" [ -s "$work/log.csv.0001" ]
check "500 units" [ "$(curl -s "$url/units?limit=500" | jq '.units | length')" = 500 ]

bytes_read() { sed -n 's/^rchar: //p' "/proc/$web/io"; }
python3 - "$work/s" <<-'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.settimeout(30)
s.sendall(b'{"id":"1","command":"lot L2"}\n')
text = b""
while b'"event":"answer"' not in text.replace(b'": ', b'":'): text += s.recv(65536)
END
check "the next lot is on record" wait_for 60 last_is 3003
python3 - "$work/s" <<-'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.settimeout(30)
lines = s.makefile()
for member in '"id":7', '"id":"%s"' % ("x" * 65), '"id":"1","for":7':
    s.sendall(('{%s,"command":"lot L9"}\n' % member).encode())
    answer = next(e for e in map(json.loads, lines) if e["event"] == "answer")
    assert not answer["accepted"] and "at most 64 bytes" in answer["text"], answer
END
check "a command whose id would not come back is refused" [ $? -eq 0 ]
before=$(bytes_read)
"$sim" ctl "$work/hands" renew 1-1.1 >/dev/null
check "its first board is in the log" wait_for 60 last_is 3004
check "after another rotation" [ -s "$work/log.csv.0002" ]
after=$(bytes_read)
size=$(stat -c %s "$work/log.csv.0001")
check "the earlier files were not read again" [ $((after - before)) -lt "$size" ]
echo "# $((after - before)) bytes read, $size in the first file"
check "rows of every file are found" [ "$(for seq in 1 3000 3001 3004; do curl -s "$url/rows/$seq" | jq .row.seq; done |
	paste -sd' ')" = "1 3000 3001 3004" ]
check "units of both lots" [ "$(for lot in L1 L2; do curl -s "$url/units?lot=$lot" | jq '.units | length'; done |
	paste -sd' ')" = "2 1" ]
"$sim" ctl "$work/hands" renew 1-1.2 >/dev/null
check "and another" wait_for 60 last_is 3005
kill -INT "$(pgrep -P $run h7gang)"
wait $run
first_seal() { # SEQ
	cat "$work"/log.csv*.seal | awk -v seq="$1" '$2 >= seq { print $2 }' | sort -n | head -n 1
}
sealed_to() { [ "$(curl -s "$url/station" | jq .read.sealed_seq)" = "$1" ]; }
check "the last seal is seen" wait_for 20 sealed_to 3005
for seq in 1 3001 3004; do
	check "row $seq has the first seal behind it" [ "$(curl -s "$url/rows/$seq" | jq -c '[.sealed, .seal.seq]')" = \
		"[true,$(first_seal $seq)]" ]
done
finish
