#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run --watch --json --commands: a program drives the station, and acknowledges boards without a readable UID.
. "$(dirname "$0")/../lib.sh"

log=$work/log.csv socket=$work/ctl p=$(profile driven $'erase: touched\nverify: image')
cat >"$work/fleet.yaml" <<-END
targets: [{name: one, path: 1-1.1, refuse: [uid], boot0_high: true}, {name: two, path: 1-1.2}]
END
export h7gang sim log socket p work

ctl() { "$sim" ctl "$socket" "$@" >/dev/null; }
# events FILTER: how many there were
events() { jq -s "map(select($1)) | length" "$log.json" 2>/dev/null || echo 0; }
seen() { [ "$(events "$2")" -ge "$1" ]; }
# The driver: waits for events that need an answer, and answers.
drive() {
	mkfifo "$work/commands"
	"$h7gang" run --watch --json --commands --count 3 --profile "$p" --audit "$log" \
		<"$work/commands" >"$log.json" 2>"$log.err" &
	run=$!
	exec 9>"$work/commands"
	wait_for 60 seen 2 '.event == "take_out"'
	wait_for 60 seen 1 '.event == "note" and .slot == "1-1.1" and (.text | startswith("no UID shows"))'
	printf 'acknowledge 1-1.7\nacknowlege 1-1.1\n\n\033[2Jx\n%0700d\n' 0 >&9 # no such slot; no commands
	wait_for 60 seen 1 '.event == "note" and (.text | test("no such slot"))'
	seen 3 '.event == "unit"' || echo waits >"$work/met"
	printf 'acknowledge 1-' >&9 # in two pieces
	sleep 0.2
	printf '1.1\r\n' >&9
	wait_for 60 seen 1 '.event == "note" and .slot == "1-1.1" and .text == "acknowledged"'
	exec 9>&- # the end of the commands is not the end of the run
	wait $run
}
export -f ctl events seen drive wait_for
exits 0 "a driven station" "$sim" --virtual-time --fleet "$work/fleet.yaml" --control "$socket" -- bash -c drive
check "the board without a UID waited" test -s "$work/met"
check "three boards" test "$(rows "$log" result PASS)" -eq 3
check "two of them on the slot without a UID" test "$(rows "$log" slot 1-1.1)" -eq 2
check "each command is answered" test "$(events '.event == "answer"')" -eq 5
check "what is no command is refused" test \
	"$(events '.event == "answer" and (.accepted | not) and .command == "acknowlege 1-1.1" and (.text | startswith("not a command: scan TEXT, scan SLOT TEXT, scan - TEXT, "))')" -eq 1
check "and is no control sequence" test "$(events '.event == "answer" and .command == "\u001b[2Jx"')" -eq 1
check "nor an endless line" says "$log.err" "more than 599 bytes"

# All commands at once, before the run takes any, and the last line without its LF.
{ for i in {1..100}; do echo "acknowledge x$i"; done; printf 'operator X\noperator Y\0Z\nquit'; } >"$work/all"
: >"$log.json"
q=$(profile elsewhere 'slots: [{name: A1, path: 1-1.9}]')
export q
exits 3 "commands in a pipe" bash -c '"$sim" --targets 1 --virtual-time -- \
	"$h7gang" run --watch --json --commands --profile "$q" --audit "$log.all" >"$log.json" <"$work/all"'
check "each is answered" test "$(events '.event == "answer"')" -eq 103
check "the last one, too" test "$(events '.event == "answer" and .command == "quit" and .accepted')" -eq 1
check "none is cut at a NUL" test "$(events '.event == "answer" and .command == "operator Y" and (.accepted | not) and (.text | contains("NUL"))')" -eq 1

# Nothing waits, since boards that stay are seen to go: that is an answer, too. A signal ends a run without commands.
stays=$(profile stays $'erase: touched\nverify: image\nleave: false')
export stays
idle() {
	mkfifo "$work/idle"
	"$h7gang" run --watch --json --commands --profile "$stays" --audit "$log.idle" <"$work/idle" >"$log.json" 2>"$log.err" &
	run=$!
	exec 9>"$work/idle"
	wait_for 60 seen 1 '.event == "take_out" and .slot == "1-1.2"'
	echo "acknowledge 1-1.2" >&9
	wait_for 60 seen 1 '.event == "note" and .text == "nothing to acknowledge"'
	kill -TERM $run
	wait $run
}
export -f idle
exits 0 "nothing to acknowledge" "$sim" --virtual-time --fleet "$work/fleet.yaml" --control "$socket" -- bash -c idle
check "it is told" test "$(events '.event == "note" and .text == "nothing to acknowledge"')" -eq 1
exits 2 "--commands without --watch" "$h7gang" run --profile "$p" --audit "$log" --commands
finish
