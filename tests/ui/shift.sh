#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# A shift at the panel in a real terminal (tmux): 500 scans of a keyboard wedge at 30 ms and at 2 ms a key, with every
# printable character, Enter, Tab, Escape, function keys and every Ctrl character in them, between boards whose labels
# are scanned; another lot, another operator, three failures in a row, a block, an unlock, a changed image. Every row
# has its lot, operator and number, and no scan was taken for a command.
. "$(dirname "$0")/../lib.sh"
command -v tmux >/dev/null || { echo "ok 1 # SKIP no tmux"; echo "1..1"; exit 0; }
socket=$work/ctl
events=$work/events.json
tests/firmware/make || exit 1
cp build/firmware/demo.hex "$work/demo.hex"
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: a, path: 1-1.1}
  - {name: b, path: 1-1.2}
  - {name: c, path: 1-1.3, part: stm32h7b3xi}
END
p=$(profile shift "$(cat <<-END
	require: [lot, operator]
	leave: false
	audit: {file: "{lot}.csv"}
	slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}, {name: A3, path: 1-1.3}]
	serial: {source: {scan: {}}, unique_by: uid, patch: [{address: 0x080F0000, encode: ascii, length: 16}]}
	scan: {lot: "LOT-(.*)", operator: "OP-(.*)", slot: "SLOT-(.*)", serial: "SN([0-9]+)"}
	stop: {slot_consecutive: 2, consecutive: 3}
	bell: none
	END
)")
sed -i "s,$top/build/firmware/demo.hex,$work/demo.hex," "$p"

tm() { tmux -f /dev/null -S "$work/tmux" "$@"; }
ctl() { "$sim" ctl "$socket" "$@" >/dev/null; }
# jq may read a line that is not whole yet: then it is asked again
told() { [ -s "$events" ] && [ "$(jq -s "map(select($2)) | length" "$events" 2>/dev/null)" -ge "$1" ]; }
never() { [ "$(jq -s "map(select($1)) | length" "$events")" -eq 0 ]; }
soon() { # COUNT FILTER
	check "$2" wait_for 60 told "$@"
	[ "$bad" -eq 0 ] || { tm capture-pane -p -t shift; tail -n 3 "$events"; } | cut -c 1-300 | sed 's/^/# /'
}
hex() { printf '%s\r' "$1" | od -An -v -tx1 | tr -d ' \n'; }
typed=0 slow=0
wedge() { # reads lines "MS HEX"
	local counts
	counts=$(python3 tests/ui/wedge.py "$work/tmux" shift)
	typed=$((typed + ${counts% *})) slow=$((slow + ${counts#* }))
}
scan() { # TEXT: of a label, at 2 ms a key
	echo "2 $(hex "$1")" | wedge
}
# junk COUNT: scans that mean nothing, of random keys; half of them slow. The first of all have each key once.
seed=0
junk() {
	seed=$((seed + 1))
	python3 - "$1" "$seed" <<-'END' >"$work/junk"
	import random, sys
	count, seed = int(sys.argv[1]), int(sys.argv[2])
	random.seed(seed)
	keys = [bytes([c]) for c in range(1, 127)]
	keys += [b"\x1b[21~", b"\x1bOP", b"\x1b[15~", b"\x1b[A", b"\x1b[6~", b"\t", b"\r", b"\x1b", b"q", b"a", b"u", b"z"]
	every = [keys[i:i + 7] for i in range(0, len(keys), 7)] if seed == 1 else []
	for i in range(count):
	    some = every.pop() if every else random.choices(keys, k=random.randint(4, 9))
	    print(30 if i % 2 else 2, b"".join([b"?"] + some + [b"\r"]).hex())
	END
	wedge <"$work/junk"
}

tm new-session -d -s stays "exec sleep 900"
tm new-session -d -s shift -x 120 -y 40 "env LC_ALL=C.UTF-8 '$sim' --speed 20 --fleet '$work/fleet.yaml' --control '$socket' -- \
	'$h7gang' run --watch --profile '$p' --events '$events'; echo ended \$?; exec sleep 900"
check "the station starts" wait_for 60 test -S "$socket"
for board in a b c; do ctl unplug $board; done
soon 1 '.event == "state" and .reason == "scan the lot"'
junk 60
check "junk is no lot" never '.event == "state" and .lot != ""'
scan LOT-71
soon 1 '.event == "state" and .lot == "71"'
junk 40
scan "OP-Ann Lee"
soon 1 '.event == "state" and .operator == "Ann Lee"'
number=100
board() { # NAME SLOT COUNT: its slot, its label, the board
	scan "SLOT-$2"
	scan "SN$number"
	soon 1 ".event == \"scan\" and .accepted and .scan == \"SN$number\""
	ctl plug "$1" || ctl renew "$1"
	soon "$3" ".event == \"unit\" and .slot == \"$2\""
	number=$((number + 1))
}
out() { # NAME SLOT COUNT
	ctl unplug "$1"
	soon "$3" ".event == \"free\" and .slot == \"$2\""
}
board a A1 1
junk 100
board b A2 1
out a A1 1
junk 80
scan LOT-72
soon 1 '.event == "state" and .lot == "72"'
scan "OP-Bo"
soon 1 '.event == "state" and .operator == "Bo"'
ctl renew a
junk 40
scan "SLOT-A1"
scan "SN$number"
soon 2 '.event == "unit" and .slot == "A1"'
number=$((number + 1))

# Failures: the slot is blocked by its second one, the station stops at the third.
board c A3 1
out c A3 1
junk 40
board c A3 2
soon 1 '.event == "blocked" and .slot == "A3"'
out c A3 2
junk 60
check "no scan unlocked it" never '.event == "unlocked"'
check "and none ended the run" never '.event == "summary" or .state == "ending"'
key() { tm send-keys -t shift "$1"; sleep 0.4; }
scan SLOT-A3
key u
check "the key asks" wait_for 20 eval 'tm capture-pane -p -t shift | grep -q "Unlock?"'
key F10
soon 1 '.event == "unlocked" and .slot == "A3"'
board c A3 3
soon 1 '.event == "state" and .state == "stopped"'
junk 40
check "no scan unlocked the station" never '.event == "unlocked" and .slot == ""'
key u
key F10
soon 1 '.event == "unlocked" and .slot == ""'
tests/firmware/bytes code 4096 9 >"$work/new.bin" && objcopy -I binary -O ihex --change-addresses 0x08000000 "$work/new.bin" "$work/demo.hex"
soon 1 '.event == "note" and (.text | contains("demo.hex changed on disk"))'
junk 40
key q
check "quitting asks" wait_for 20 eval 'tm capture-pane -p -t shift | grep -q "End the run?"'
key F10
check "only that ends it" wait_for 60 eval 'tm capture-pane -p -t shift | grep -q "ended 1"'

check "500 scans were typed, and labels" test "$typed" -ge 500
echo "# $slow of $typed scans had a pause of 100 ms that this machine made"
check "two boards of lot 71" test "$(rows "$work/71.csv" lot 71)" -eq 2
check "their numbers" test "$(column "$work/71.csv" unit_serial | tr '\n' ,)" = "100,101,"
check "their operator" test "$(rows "$work/71.csv" operator "Ann Lee")" -eq 2
check "the others of lot 72" test "$(rows "$work/72.csv" operator Bo)" -ge 4
check "the good one's number" test "$(rows "$work/72.csv" unit_serial 102)" -eq 1
check "no row has a scan that is no label" test "$(cat "$work/71.csv" "$work/72.csv" | wc -l)" -gt 6 -a \
	-z "$({ column "$work/71.csv" scan; column "$work/72.csv" scan; } | grep -vE '^(SN[0-9]+)?$')"
check "no label waits or was undone by a scan" never '.event == "answer" and (.command | test("^(undo|acknowledge|quit|stop)"))'
for lot in 71 72; do
	exits 0 "log $lot" "$h7gang" audit verify "$work/$lot.csv"
done
tm kill-server
finish
