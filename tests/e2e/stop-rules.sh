#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# Stop rules, hooks.state, and files that change while the station watches.
. "$(dirname "$0")/../lib.sh"
. tests/station-lib.sh

cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good, path: 1-1.1}
  - {name: bad, path: 1-1.2, part: stm32h7b3xi}
END
cat >"$work/lamp" <<-END
	#!/bin/sh
	jq -c '[.hook, .state, .reason, .operator]' >>"$work/lamps"
END
chmod +x "$work/lamp"
p=$(profile rules "$(cat <<-END
	slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]
	leave: false
	stop: {slot_consecutive: 2, same_error: 3}
	on_change: stop
	bell: none
	hooks: {state: {command: [$work/lamp]}}
	END
)")
export p
again() { ctl unplug "$1"; soon "$2" ".event == \"free\" and .slot == \"$3\""; ctl renew "$1" || ctl plug "$1"; }
export -f again
rules() {
	ctl unplug good
	begin --profile "$p" --audit "$log"
	soon 1 '.event == "unit" and .slot == "A2" and .result == "FAIL"'
	again bad 1 A2
	soon 1 '.event == "blocked" and .slot == "A2" and .reason == "2 boards in a row failed here"'
	again bad 2 A2
	sleep 0.7
	met "a blocked slot starts nothing" test "$(events '.event == "unit" and .slot == "A2"')" -eq 2
	no "unlock A2" "no operator is set"
	yes "operator Ann"
	no "unlock B7" "no such slot"
	yes "unlock A2"
	soon 3 '.event == "unit" and .slot == "A2"'
	soon 1 '.event == "state" and .state == "stopped" and (.reason | contains("3 boards in a row failed with wrong_part"))'
	ctl plug good
	sleep 0.7
	met "a stopped station starts nothing" test "$(events '.event == "unit" and .slot == "A1"')" -eq 0
	yes "quit"
	end
}
export -f rules
station rules rules
check "the state was told to the lamp" grep -q '^."state","stopped","3 boards in a row' "$work/lamps"
check "notes are in the log" test "$(rows "$log" command note)" -eq 3
check "a block: its text and its slot" says "$log" "slot A2 BLOCKED: 2 boards in a row failed here"
check "an unlock: who" says "$log" "slot A2 unlocked by Ann"
check "a stop" says "$log" "station STOPPED: 3 boards in a row failed with wrong_part"
log_state 0 "the log" "$log" intact

after() {
	begin --profile "$p" --audit "$log"
	soon 1 '.event == "state" and .state == "stopped" and (.reason | contains("wrong_part"))'
	sleep 0.7
	met "the stop outlives the program" test "$(events '.event == "unit"')" -eq 0
	yes "operator Bo"
	yes "unlock"
	soon 1 '.event == "unlocked" and .slot == ""'
	soon 1 '.event == "unit" and .slot == "A1" and .result == "PASS"'
	yes "stop"
	soon 1 '.event == "state" and .state == "stopped" and .reason == "stopped by Bo"'
	yes "unlock"
	no "unlock" "nothing is locked"
	touch "$p"
	sleep 2.5
	met "a touched file has not changed" test "$(events '.event == "note" and (.text | contains("changed on disk"))')" -eq 0
	sed -i 's/same_error: 3/same_error: 4/' "$p"
	soon 1 '.event == "note" and .text == "rules.yaml changed on disk: this run still programs 1.0; restart to use it"'
	soon 1 '.event == "state" and .state == "stopped" and (.reason | contains("changed on disk"))'
	no "unlock" "restart"
	yes "quit"
	end
}
export -f after
station after after

# Only faults of boards count.
cat >"$work/fleet.yaml" <<-END
targets: [{name: a, path: 1-1.1}, {name: b, path: 1-1.2}, {name: c, path: 1-1.3}, {name: d, path: 1-1.4}]
END
q=$(profile uncounted "stop: {consecutive: 2, slot_consecutive: 1}
hooks: {before: {command: [/bin/false]}}")
exits 1 "boards that are not released" "$sim" --fleet "$work/fleet.yaml" --speed 20 -- "$h7gang" run --profile "$q" \
	--audit "$work/uncounted.csv" --count 4
check "stop nothing" test "$(rows "$work/uncounted.csv" error not_released)$(rows "$work/uncounted.csv" command note)" = 40

# An MES that does not answer stops the station, not the board.
printf '#!/bin/sh\ncase $(cat "%s/mes.is") in down) sleep 60 ;; esac\n' "$work" >"$work/mes"
chmod +x "$work/mes"
r=$(profile silent "slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]
leave: false
hooks: {before: {command: [$work/mes], timeout_s: 1}}")
export r
silent() {
	echo down >"$work/mes.is"
	ctl unplug b; ctl unplug c; ctl unplug d
	begin --profile "$r" --audit "$log" --operator Ann
	soon 1 '.event == "unit" and .slot == "A1" and .error == "hook_failed"'
	soon 1 '.event == "state" and .state == "stopped" and (.reason | contains("before hook failed"))'
	ctl plug b
	sleep 0.7
	met "nothing starts" test "$(events '.event == "unit" and .slot == "A2"')" -eq 0
	echo up >"$work/mes.is"
	yes "unlock"
	soon 1 '.event == "unit" and .slot == "A2" and .result == "PASS"'
	yes "quit"
	end
}
export -f silent
log=$work/silent.csv
station silent silent
check "the log says so" says "$log" "station STOPPED: the before hook failed"

# What is blocked stays blocked in the next lot, wherever its log is, and keeps no run from ending.
echo "targets: [{name: bad, path: 1-1.1, part: stm32h7b3xi}]" >"$work/bad.yaml"
for pattern in "one-{lot}.csv" "two/{lot}/log.csv"; do
	l=$(profile lots "slots: [{name: A1, path: 1-1.1}]
stop: {slot_consecutive: 1}
audit: {file: \"$pattern\"}")
	exits 1 "$pattern: a slot is blocked" "$sim" --fleet "$work/bad.yaml" --virtual-time -- \
		"$h7gang" run --profile "$l" --lot L1
	exits 3 "$pattern: another lot" timeout 60 "$sim" --fleet "$work/bad.yaml" --virtual-time -- \
		"$h7gang" run --profile "$l" --lot L2
	check "$pattern: it says so" says "$work/err" "A1: not done: the slot is blocked"
	rm "$work"/.lots.*.stop "$work"/two/.lots.*.stop 2>/dev/null
done
u=$(profile unlabelled 'serial: {source: {scan: {}}, patch: [{address: 0x080F0000, encode: ascii, length: 16}]}
scan: {serial: "SN(.*)"}')
exits 3 "a label that is never scanned" timeout 60 "$sim" --targets 1 --virtual-time -- \
	"$h7gang" run --profile "$u" --audit "$work/unlabelled.csv"
check "label: it says so" says "$work/err" "1-1.1: not done: its label was not scanned"
for bad_rule in "consecutive: 0" "first_pass_below: 1.5" "first_pass_below: nan" "window: 9" "same: 1"; do
	exits 2 "stop: $bad_rule" "$h7gang" check --profile "$(profile wrong "stop: {$bad_rule}")"
done
finish
