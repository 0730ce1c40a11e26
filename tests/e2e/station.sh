#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# limit: 400
# The station socket: who may connect, what a client gets, what it may ask for and what of that is on record; a client
# that is slow or hostile; status and panel; readiness, watchdog and socket from systemd.
. "$(dirname "$0")/../lib.sh"

fixture='slots:
  - {name: A1, path: 1-1.1, row: 1, column: 1}
  - {name: A2, path: 1-1.2, row: 1, column: 2}
  - {name: B1, path: 1-1.3, row: 2, column: 1}'
p=$(profile watch "$fixture
control: {allow: [acknowledge, unlock, lot, operator, scan, stop]}")
quiet=$(profile quiet "$fixture")
group=$(id -gn)
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good, path: 1-1.1}
  - {name: locked, path: 1-1.2, rdp: 1}
  - {name: also, path: 1-1.3}
END
sock=$work/s
start() { # PROFILE OPTIONS...
	: >"$work/run.out" >"$work/run.err"
	"$sim" --fleet "$work/fleet.yaml" --speed 20 --control "$work/hands" -- "$h7gang" run --watch --profile "$1" \
		--audit "$work/log.csv" "${@:2}" >"$work/run.out" 2>"$work/run.err" &
	run=$!
}
stop() { # ends the run by the signal that its children get
	kill -INT "$(pgrep -P $run h7gang)"
	wait $run
}
finished() { [ "$("$h7gang" status --connect "$sock" --json 2>/dev/null | jq '.passed + .failed' 2>/dev/null)" = "$1" ]; }

# client NAME PYTHON: a client of the socket; s is connected, say(object) and hear(seconds) are there.
client() {
	cat >"$work/$1.py" <<-END
	import json, os, socket, sys, time
	s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); buffer = b""
	def say(o): s.sendall((o if isinstance(o, bytes) else json.dumps(o).encode()) + b"\n")
	def hear(seconds, until=lambda o: False):
	    global buffer
	    end, got = time.monotonic() + seconds, []
	    while time.monotonic() < end:
	        s.settimeout(max(0.01, end - time.monotonic()))
	        try: data = s.recv(65536)
	        except TimeoutError: break
	        if not data: break
	        buffer += data
	        *lines, buffer = buffer.split(b"\n")
	        for line in lines:
	            got.append(json.loads(line))
	            if until(got[-1]): return got
	    return got
	$2
	END
	timeout 60 python3 "$work/$1.py" "$sock"
}

start "$p" --socket "$sock" --lot L1
check "three boards come to their verdicts" wait_for 60 finished 3
check "the socket is for its owner and group" [ "$(stat -c '%a %G' "$sock")" = "660 $group" ]
exits 0 "status" "$h7gang" status --connect "$sock"
check "has one screen" [ "$(wc -l <"$work/out")" -le 24 ]
check "says the failed slot and its error" grep -qE '^A2 +failed .*read_protected' "$work/out"
exits 0 "status for programs" "$h7gang" status --connect "$sock" --json
cp "$work/out" "$work/snapshot.json"
check "has the whole station" jq -e '.event == "snapshot" and .passed == 2 and .failed == 1 and .lot == "L1" and
	([.slots[] | [.slot, .row, .column, .state]] == [["A1",1,1,"passed"],["A2",1,2,"failed"],["B1",2,1,"passed"]]) and
	(.slots[1].unit | .error == "read_protected" and .advice != "" and .recorded)' "$work/snapshot.json"
check "and its log" [ "$(jq -r '.log | "\(.file) \(.seq) \(.row_hash)"' "$work/snapshot.json")" = \
	"$work/log.csv 3 $(column "$work/log.csv" row_hash | tail -n 1)" ]

client order 'got = hear(5, lambda o: o["event"] == "snapshot")
assert [o["event"] for o in got] == ["hello", "snapshot"], got
assert got[0]["allow"] == ["scan", "lot", "operator", "acknowledge", "unlock", "stop"], got[0]
assert "uid %d" % os.getuid() in got[0]["you"]
n = got[1]["n"]
say({"id": "one", "command": "operator Kim", "for": "maria at 10.0.0.2"})
got = hear(5, lambda o: o["event"] == "answer")
assert got[-1]["id"] == "one" and got[-1]["accepted"], got
say({"id": "two", "command": "snapshot"})
got = hear(5, lambda o: o["event"] == "snapshot")
assert got[-1]["operator"] == "Kim" and got[-1]["n"] > n'
check "hello, snapshot, events with numbers, an answer with the id" [ $? -eq 0 ]
check "the command is a row of the log, with who asked" grep -qE \
	'"command ""operator Kim"" by user [^ ]+ \(uid [0-9]+\), process [0-9]+, for maria at 10.0.0.2: accepted' "$work/log.csv"
client refused 'hear(5, lambda o: o["event"] == "snapshot")
for command in ["quit", "select A1", "nothing", "", "stop\nquit", "operatorX"]:
    say({"id": "x", "command": command})
    got = hear(5, lambda o: o["event"] == "answer")
    assert not got[-1]["accepted"] and got[-1]["id"] == "x", (command, got)'
check "what the profile does not allow is refused" [ $? -eq 0 ]
check "and the run goes on" finished 3
rows=$(wc -l <"$work/log.csv")
client others 'hear(5, lambda o: o["event"] == "snapshot")
t = socket.socket(socket.AF_UNIX); t.connect(sys.argv[1])
t.sendall(b"{\"id\":\"secret\",\"command\":\"operator Lee\"}\n")
got = hear(5, lambda o: o["event"] == "answer")
assert got[-1]["id"] == "" and got[-1]["command"] == "operator Lee", got'
check "another client sees the answer without the id" [ $? -eq 0 ]
more() { [ "$(wc -l <"$work/log.csv")" -eq $((rows + 1)) ]; }
check "one row a command" wait_for 30 more

# --- hostile clients ---
client garbage 'say(b"not json")
got = hear(5)
assert got[-1]["event"] == "bye" and "JSON" in got[-1]["reason"], got'
check "what is no object is dropped with a reason" [ $? -eq 0 ]
client long 's.sendall(b"x" * 5000)
got = hear(5)
assert got[-1]["event"] == "bye" and "4096" in got[-1]["reason"], got'
check "a long line too" [ $? -eq 0 ]
client deep 'say(b"[" * 4000)
got = hear(5)
assert got[-1]["event"] == "bye", got'
check "and a deep one" [ $? -eq 0 ]
client flood 'for i in range(200): say({"id": str(i), "command": "unlock A1"})
got = [o for o in hear(4) if o["event"] == "answer"]
assert len(got) == 200 and sum("too many" in o["text"] for o in got) > 100, len(got)'
check "a flood of commands is slowed down" [ $? -eq 0 ]
client many 'extra = []
for i in range(60):
    c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1]); c.settimeout(5); extra.append(c)
refused = 0
for c in extra:
    try: refused += c.recv(10) == b""
    except OSError: refused += 1
assert 20 < refused < 60, refused'
check "clients are counted" [ $? -eq 0 ]
# Snapshots that are not read: the client is told why, once it reads at last.
client deaf 's.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
end = time.monotonic() + 45
dropped = False
while time.monotonic() < end and not dropped:
    try: say({"id": "", "command": "snapshot"}); time.sleep(0.1)
    except OSError: dropped = True
assert dropped'
check "a client that never reads is dropped" [ $? -eq 0 ]
check "and people read why" grep -q 'was dropped: it does not keep up' "$work/run.err"
check "the station is as it was" finished 3
stop
check "the run's exit status is that of its units" [ $? -eq 1 ]
check "the socket is gone" [ ! -e "$sock" ]
log_state 0 "the log after all this" "$work/log.csv" "intact"
exits 3 "status without a station" "$h7gang" status --connect "$sock"
check "names what is missing" says "$work/err" "no station runs there"

# --- permissions, and the path of the socket ---
rm -f "$work/log.csv"*
mkdir -p "$work/runtime"
export RUNTIME_DIRECTORY=$work/runtime
start "$quiet"
check "RUNTIME_DIRECTORY has the socket" wait_for 30 test -S "$work/runtime/station.sock"
sock=$work/runtime/station.sock
check "status finds it there" wait_for 60 finished 3
client nothing 'got = hear(5, lambda o: o["event"] == "snapshot")
assert got[0]["allow"] == []
say({"id": "x", "command": "stop"})
assert not hear(5, lambda o: o["event"] == "answer")[-1]["accepted"]'
check "without the key control nothing is allowed" [ $? -eq 0 ]
stop
unset RUNTIME_DIRECTORY
exits 2 "a command that is none" "$h7gang" check --profile "$(profile bad1 'control: [fly]')"
exits 2 "a group that is none" "$h7gang" run --watch --profile "$(profile bad2 \
	'control: {allow: [], group: no-such-group}')" --audit "$work/b.csv" --socket "$work/b.sock"
check "is said" says "$work/err" "no such group"
exits 2 "a user that is none" "$h7gang" check --profile "$(profile bad3 'control: {allow: [stop], users: [no-such-user]}')"
check "is told what to do" says "$work/err" 'no user "no-such-user": create this account, or remove the name'
exits 2 "a socket without a watch" "$h7gang" run --profile "$p" --audit "$work/b.csv" --socket "$work/b.sock"
: >"$work/file"
exits 2 "a file in its place" "$h7gang" run --watch --profile "$p" --audit "$work/b.csv" --socket "$work/file"

# --- systemd ---
if ldd "$h7gang" | grep -q libsystemd && command -v systemd-socket-activate >/dev/null; then
	cat >"$work/notify.py" <<-'END'
	import os, socket, subprocess, sys, time
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])
	s.settimeout(30)
	env = dict(os.environ, NOTIFY_SOCKET=sys.argv[1], WATCHDOG_USEC="3000000")
	run = subprocess.Popen(sys.argv[2:], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	seen = ""
	while "READY=1" not in seen or seen.count("WATCHDOG=1") < 3 or "STATUS=ready" not in seen:
	    seen += s.recv(4096).decode() + "\n"
	subprocess.run(["pkill", "-INT", "-P", str(run.pid), "h7gang"])
	while "STOPPING=1" not in seen: seen += s.recv(4096).decode() + "\n"
	run.wait(30)
	END
	timeout 100 python3 "$work/notify.py" "$work/notify" "$sim" --targets 1 --speed 20 -- "$h7gang" run --watch --quiet \
		--profile "$quiet" --audit "$work/n.csv"
	check "systemd is told: ready, state, watchdog, stopping" [ $? -eq 0 ]
	sock=$work/passed
	systemd-socket-activate -l "$sock" "$h7gang" run --watch --quiet --profile "$quiet" --audit "$work/a.csv" \
		>/dev/null 2>&1 & # it becomes h7gang, without virtual boards
	activate=$!
	check "a socket of systemd is listened on" wait_for 30 test -S "$sock"
	check "and served" wait_for 60 finished 0
	kill -INT $activate
	wait $activate
else
	echo "ok $((checks += 1)) - systemd # SKIP no systemd-socket-activate"
fi

# --- commands before the log is known ---
sock=$work/early
lots=$(profile lots "$fixture
audit: {file: \"$work/lots/{lot}.csv\"}
control: {allow: [lot, operator]}")
mkdir "$work/lots"
: >"$work/run.out" >"$work/run.err"
"$sim" --fleet "$work/fleet.yaml" --speed 20 -- "$h7gang" run --watch --profile "$lots" --socket "$sock" \
	>"$work/run.out" 2>"$work/run.err" &
run=$!
check "a station without a lot" wait_for 60 finished 0
check "commands are obeyed before there is a lot" client early '
hear(5, lambda o: o["event"] == "snapshot")
for i in range(20):
    say({"command": "operator Kim %d" % i, "id": str(i)})
    got = hear(30, lambda o: o["event"] == "answer" and o["id"] == str(i))
    assert got[-1]["accepted"], got[-1]
    if i % 5 == 4: time.sleep(1.5) # a client may only ask so often
say({"command": "lot 77", "id": "l"})
got = hear(30, lambda o: o["event"] == "answer" and o["id"] == "l")
assert got[-1]["accepted"], got[-1]'
check "the boards of the lot follow" wait_for 60 finished 3
stop
early() { scripts/log-columns "$work/lots/77.csv" "command detail" | grep -c "$1"; }
check "the first commands have a row each" test "$(early '^note.*Z: command "operator Kim [0-9]" by')" -eq 10
check "those that were too many are counted" test "$(early '^note.*5 events before this log was known have no row')" -eq 1
check "the last one has its row" test "$(early '^note.*command "lot 77"')" -eq 1
check "the log is intact" "$h7gang" audit verify "$work/lots/77.csv"

# --- a panel elsewhere ---
if command -v tmux >/dev/null; then
	sock=$work/s
	rm -f "$work/log.csv"*
	start "$p" --socket "$sock" --lot L1
	check "the station is there" wait_for 60 finished 3
	tm() { tmux -f /dev/null -S "$work/tmux" "$@"; }
	shows() { tm capture-pane -p -t "$1" >"$work/screen" && grep -qE -- "$2" "$work/screen"; }
	tm new-session -d -s one -x 100 -y 30 "'$h7gang' panel --connect '$sock'; echo left \$?; exec sleep 600"
	tm new-session -d -s two -x 80 -y 24 "'$h7gang' panel --connect '$sock'; echo left \$?; exec sleep 600"
	check "a panel shows what was before it" wait_for 30 shows one 'A2.*'
	check "verdicts too" wait_for 30 shows one 'FAIL'
	check "its totals are the station's" wait_for 30 shows one 'passed 2  failed 1'
	check "and another one at the same time" wait_for 30 shows two 'FAIL'
	build/h7gang-sim ctl "$work/hands" unplug locked >/dev/null
	sleep 0.3
	tm send-keys -t one q
	check "q asks" wait_for 30 shows one 'Close this panel'
	tm send-keys -t one F10
	check "and F10 closes it" wait_for 30 shows one 'left 0'
	check "the station goes on" finished 3
	stop
	check "with the station the panel ends" wait_for 30 shows two 'left 0'
	tm kill-server
else
	echo "ok $((checks += 1)) - panel # SKIP no tmux"
fi
finish
