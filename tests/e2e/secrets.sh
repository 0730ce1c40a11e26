#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The secrets of a profile are in the board's flash and nowhere else: not on the screen, in no event, row, mark,
# trace, hook or plan, and in no core file.
. "$(dirname "$0")/../lib.sh"

export h7gang sim work
{
	echo "sn,key"
	for i in 1 2 3 4 5 6 7 8 9; do echo "L-$i,5ec2e75ec2e70${i}5ec2e7"; done
} >"$work/units.csv"
cat >"$work/hook" <<-'END'
	#!/bin/sh
	cat >>"$(dirname "$0")/heard.$1"
	env >>"$(dirname "$0")/heard.$1"
END
chmod +x "$work/hook"
p=$(profile secrets "leave: false
slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]
serial:
  source: {list: {file: units.csv, column: sn}}
  patch:
    - {address: 0x08120000, encode: ascii, length: 8}
    - {address: 0x08160004, encode: bytes, length: 10, value: \"{key}\", secret: true}
    - {address: 0x08160020, encode: bytes, length: 4, value: \"5EC2E7ff\", secret: true}
hooks:
  start: {command: [./hook, start]}
  gate: {command: [./hook, gate]}
  after: {command: [./hook, after]}
  end: {command: [./hook, end]}")
export p
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good}
  - {name: worn, faults: [{fault: stuck, address: 0x08160006, bit: 2, value: 0}]}
END
runs() {
	mkdir -p "$work/trace"
	"$h7gang" run --profile "$p" --audit "$work/one.csv" --count 2 --trace "$work/trace" --log-level debug \
		>"$work/told.lines" 2>"$work/told.lines.err"
	"$h7gang" run --profile "$p" --audit "$work/one.csv" --count 2 --trace "$work/trace" --log-level debug --json \
		>"$work/told.json" 2>"$work/told.json.err"
	"$h7gang" verify --profile "$p" --audit "$work/one.csv" --trace "$work/trace" --json >"$work/told.verify" 2>&1
	"$h7gang" audit find --result FAIL --json "$work/one.csv" >"$work/told.find"
	"$h7gang" audit report --html "$work/told.html" "$work/one.csv" >"$work/told.report"
	"$h7gang" check --profile "$p" >"$work/told.plan"
	"$h7gang" check --profile "$p" --json >"$work/told.plan.json"
}
export -f runs
exits 0 "boards with a key each, one of them worn" "$sim" --fleet "$work/fleet.yaml" --speed 50 --save "$work/flash" -- \
	bash -c runs
check "the key is in the flash" test "$(xxd -p -s $((0x160004)) -l 6 "$work/flash/good.bin")" = \
	"$(xxd -p -s $((0x160004)) -l 6 "$work/flash/good.bin" | grep '^5ec2e75ec2e7')"
check "the other board fails by it" test "$(rows "$work/one.csv" error verify_mismatch)" -ge 2
check "each hook heard" test -s "$work/heard.start" -a -s "$work/heard.gate" -a -s "$work/heard.after" -a -s "$work/heard.end"
check "a hook hears the number" grep -q '"unit_serial":"L-' "$work/heard.after"
check "there are traces" ls "$work"/trace/*.pcapng

# tells FILE...: whether the key is in there, as text, as bytes, or shifted by half a byte.
tells() {
	cat "$@" | tee >(xxd -p | tr -d '\n' >"$work/as_bytes") | grep -aiqE '5ec2e7|c2e75e|e75ec2' && return
	wait
	grep -qE '5ec2e75e|c2e75ec2|e75ec2e7|5ec2e7ff' "$work/as_bytes"
}
check "this would be found" tells "$work/flash/good.bin"
for what in told.lines told.lines.err told.json told.json.err told.verify told.find told.html told.report told.plan \
	told.plan.json heard.start heard.gate heard.after heard.end one.csv units.csv.state; do
	check "$what: not told" eval "! tells '$work/$what'"
done
check "the traces: not told" eval "! tells '$work'/trace/*"

# A terminal's panel, as a recording of all that went to it.
panel() {
	printf 'targets: [{name: worn, faults: [{fault: stuck, address: 0x08160006, bit: 2, value: 0}]}]\n' >"$work/worn.yaml"
	script -qec "env TERM=xterm LC_ALL=C.UTF-8 '$sim' --fleet '$work/worn.yaml' --speed 50 -- \
		'$h7gang' run --profile '$p' --audit '$work/panel.csv' --no-wait" "$work/told.screen" </dev/null >/dev/null
}
panel
check "the panel was drawn" grep -aq "verify" "$work/told.screen"
check "the screen: not told" eval "! tells '$work/told.screen' '$work/panel.csv'"

# Killed in the middle: the mark of the open attempt, and no core file.
killed() {
	cd "$work" || return 9
	ulimit -c unlimited
	"$h7gang" run --profile "$p" --audit "$work/two.csv" >"$work/told.killed" 2>&1 &
	wait_for 60 test -s "$work/two.csv.begun" || return 9
	cp "$work/two.csv.begun" "$work/told.begun"
	grep '^Max core file size' "/proc/$!/limits" >"$work/limits"
	kill -ABRT $!
	wait $!
	[ $? -eq 134 ] # 128 + SIGABRT
}
export -f killed wait_for
exits 0 "killed as by a bug" "$sim" --targets 1 --speed 2 -- bash -c killed
check "no core file may be written" test "$(awk '{print $5, $6}' "$work/limits")" = "0 0"
check "there is none" test "$(find "$work" -name 'core*' | wc -l)" -eq 0
check "the mark: not told" eval "test -s '$work/told.begun' && ! tells '$work/told.begun' '$work/told.killed'"
finish
