#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# Scans: their meaning by the profile's patterns, numbers from labels, lot and operator while the station watches.
. "$(dirname "$0")/../lib.sh"
. tests/station-lib.sh

for t in a b c; do echo "- {name: $t, path: 1-1.$(($(printf %d "'$t") - 96))}"; done >"$work/boards"
printf 'targets:\n' | cat - "$work/boards" >"$work/fleet.yaml"
p=$(profile scans "$(cat <<-END
	require: [lot, operator]
	leave: false
	audit: {file: "{lot}.csv"}
	slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}, {name: A3, path: 1-1.3}]
	serial: {source: {scan: {}}, unique_by: uid, patch: [{address: 0x080F0000, encode: ascii, length: 16}]}
	scan: {lot: "LOT-(.*)", operator: "OP-(.*)", slot: "SLOT-(.*)", serial: "SN([0-9|]+)", gs: "|", prefix: "]C1"}
	END
)")
export p
flow() {
	ctl unplug a; ctl unplug b; ctl unplug c
	begin --profile "$p"
	soon 1 '.event == "state" and .state == "asking" and .reason == "scan the lot"'
	no "scan SN1" "scan the lot first"
	no "scan LOT-a/b" "refused"
	yes "scan LOT-7"
	soon 1 '.event == "state" and .reason == "scan the operator" and .lot == "7"'
	ctl plug a
	sleep 0.3
	met "nothing starts without an operator" test "$(events '.event == "phase"')" -eq 0
	yes "scan OP-Ann Lee"
	soon 1 '.event == "state" and .state == "asking" and (.reason | contains("A1"))'
	soon 1 '.event == "note" and .slot == "A1" and .text == "the board waits for its label"'
	no "scan hello" "matches no pattern"
	no "scan SLOT-B9" "no slot B9"
	no "scan SN12345678901234567" "longer than the patch"
	# the board, then its label
	yes "scan ]C1SN100"
	soon 1 '.event == "unit" and .slot == "A1" and .unit_serial == "100" and .scan == "]C1SN100" and .operator == "Ann Lee" and .lot == "7"'
	no "scan A2 SN100" "already passed"
	no "scan - A2 SN200" "matches no pattern"
	# the slot, then its label, then the board
	no "scan SN200" "select the slot first"
	yes "scan SLOT-A2"
	yes "scan SN200"
	no "scan A3 SN200" "waits for its board"
	no "scan A3 SN300" "waits for its board in A2"
	yes "undo"
	no "undo" "no label waits"
	yes "scan A2 SN201"
	ctl plug b
	soon 1 '.event == "unit" and .slot == "A2" and .unit_serial == "201"'
	no "scan A2 SN202" "not free"
	ctl plug c
	soon 1 '.event == "state" and .state == "asking" and (.reason | contains("A3"))'
	# another lot: another log; the operator changes at once
	yes "operator Bo"
	yes "lot 8"
	yes "scan A3 SN301"
	soon 1 '.event == "unit" and .slot == "A3" and .lot == "8" and .operator == "Bo" and .unit_serial == "301"'
	no "lot x/y" "refused"
	no "lot" "needs a text"
	no "scan SN201" "already passed"
	yes "quit"
	end
}
export -f flow
station flow flow
check "each lot has its log" test "$(rows "$work/7.csv" lot 7)" -eq 2 -a "$(rows "$work/8.csv" lot 8)" -eq 1
check "the scan is in the row as it was" test "$(column "$work/7.csv" scan | tr '\n' ,)" = "]C1SN100,SN201,"
check "the numbers are" test "$(column "$work/7.csv" unit_serial | tr '\n' ,)" = "100,201,"
log_state 0 "the first log" "$work/7.csv" intact
log_state 0 "the second log" "$work/8.csv" intact
check "the number is in the flash" test "$(dd if="$work/saved/a.bin" bs=1 skip=$((0xF0000)) count=3 2>/dev/null)" = 100

# verify by scan: the label must be the board's, and its number is in the flash
sed -i '/^require/d' "$p"
by_scan() {
	mkfifo "$work/verify"
	"$h7gang" verify --json --commands --profile "$p" --lot 7 --slot A1 --slot A2 <"$work/verify" >"$log.json" 2>"$log.err" &
	run=$!
	exec 9>"$work/verify"
	soon 1 '.event == "state" and .state == "asking"'
	no "scan A1 SN999" "no board with number 999"
	yes "scan A2 SN100"
	yes "scan A1 SN100"
	end
}
export -f by_scan
cp "$work/fleet.yaml" "$work/first.yaml"
sed -i "s,path: 1-1.1},path: 1-1.1\, contents: {file: $work/saved/a.bin}}," "$work/fleet.yaml"
grep -q contents "$work/fleet.yaml" || echo "# no contents"
said=0
station verify by_scan
check "the label of another board is found out" test "$(jq -s 'map(select(.event == "unit" and .slot == "A2" and .error == "serial_unknown")) | length' "$log.json")" -eq 1
check "the right one passes" test "$(jq -s 'map(select(.event == "unit" and .slot == "A1" and .result == "PASS" and .unit_serial == "100")) | length' "$log.json")" -eq 1

# In virtual time a minute is over at once: the label is dropped.
late() {
	ctl unplug a; ctl unplug b; ctl unplug c
	begin --profile "$p" --lot 9
	yes "scan A3 SN300"
	soon 1 '.event == "scan" and (.accepted | not) and .scan == "SN300" and (.text | contains("no board came"))'
	yes "quit"
	end
}
export -f late
cp "$work/first.yaml" "$work/fleet.yaml"
time=--virtual-time station late late

# A label that waits is of the lot that was set: it is dropped with a word, and no other number is.
moves() {
	ctl unplug a; ctl unplug b; ctl unplug c
	begin --profile "$p" --lot 9
	yes "scan A3 SN300"
	yes "lot 10"
	soon 1 '.event == "scan" and (.accepted | not) and .scan == "SN300" and .slot == "A3" and .text == "the lot changed: scan the label again"'
	no "undo" "no label waits"
	yes "quit"
	end
}
export -f moves
station "a label of the lot before" moves

# A lot whose log cannot be opened, told while a board runs: no board starts under the lot before.
q=$(profile lots "$(cat <<-END
	require: [lot]
	leave: false
	erase: touched
	verify: image
	audit: {file: "{lot}.csv"}
	slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}, {name: A3, path: 1-1.3}]
	scan: {lot: "LOT-(.*)"}
	END
)")
export q
both() { said=$((said + 1)) && yes "$1"; } # the lot before is answered, too
lots() {
	ctl unplug a; ctl unplug b; ctl unplug c
	echo "no log" >"$work/L6.csv"
	begin --profile "$q" --lot L1
	ctl plug a
	soon 1 '.event == "phase"'
	no "scan LOT-a/b" "letters, digits"
	no "lot .." "letters, digits"
	yes "lot L4"
	met "it is told that it begins later" jq -e '.later and (.text | contains("when the running boards are finished"))' <<<"$last"
	both "lot L5"
	soon 1 '.event == "answer" and .command == "lot L4" and (.accepted | not) and .text == "replaced by lot L5"'
	both "scan LOT-L6"
	soon 1 '.event == "answer" and .command == "lot L5" and (.accepted | not) and .text == "replaced by lot L6"'
	soon 1 '.event == "unit" and .slot == "A1" and .lot == "L1"'
	soon 1 '.event == "answer" and .command == "lot L6" and (.accepted | not) and (.text | contains("is refused"))'
	soon 1 '.event == "state" and .state == "asking" and .reason == "scan the lot"'
	said=$((said + 1))
	ctl plug b
	sleep 1
	met "no board starts under the lot before" test "$(events '.event == "phase" and .slot == "A2"')" -eq 0
	yes "scan LOT-L7"
	soon 1 '.event == "unit" and .slot == "A2" and .lot == "L7"'
	no "lot L6" "is refused" # while none runs
	ctl plug c
	sleep 1
	met "nor under the one after" test "$(events '.event == "phase" and .slot == "A3"')" -eq 0
	yes "scan LOT-L7" # it is that lot, after all
	soon 1 '.event == "unit" and .slot == "A3" and .lot == "L7"'
	yes "quit"
	end
}
export -f lots both
# The first board takes long enough for all these commands, also on a slow machine.
sed -i 's/{name: a,/{name: a, wire_block_ms: 25,/' "$work/fleet.yaml"
grep -q wire_block_ms "$work/fleet.yaml" || echo "# the first board is not slow"
time="--speed 1" station "lots that are refused late" lots
cp "$work/first.yaml" "$work/fleet.yaml"
check "each board is in its lot's log" test "$(rows "$work/L1.csv" slot A1) $(rows "$work/L7.csv" lot L7)" = "1 2"

# One log for all lots, which is opened anew for each: while that fails there is none, and no board starts.
sed -i 's/^audit.*/audit: {file: all.csv, rotate_lot: true}/' "$q"
anew() {
	ctl unplug a; ctl unplug b; ctl unplug c
	begin --profile "$q" --lot L1
	ctl plug a
	soon 1 '.event == "unit" and .slot == "A1"'
	cp "$work/all.csv" "$work/good.csv"
	sed 's/PASS/FAIL/' "$work/good.csv" >"$work/edited.csv"
	cat "$work/edited.csv" >"$work/all.csv"
	no "lot L2" "is refused"
	ctl plug b
	sleep 1
	met "no board starts without a log" test "$(events '.event == "phase" and .slot == "A2"')" -eq 0
	cat "$work/good.csv" >"$work/all.csv"
	yes "lot L2"
	soon 1 '.event == "unit" and .slot == "A2" and .lot == "L2"'
	yes "quit"
	end
}
export -f anew
station "a log that cannot be opened anew" anew
exits 0 "and goes on" "$h7gang" audit verify "$work/all.csv.0001" "$work/all.csv"

# without a word to the operator nothing can be required
exits 2 "a lot that cannot be asked for" "$h7gang" run --watch --profile "$work/scans.yaml"
check "it is said" says "$work/err" "needs --lot"
# scan --test
printf 'SN1\x1d2\rq\rLOT-7\nSLOT-A1\nSLOT-B9\n' | "$h7gang" scan --test --profile "$p" >"$work/out"
check "scan --test shows the match" says "$work/out" 'serial: "1|2"'
check "and the bytes" says "$work/out" "bytes: 53 4e 31 1d 32"
check "and a slot" says "$work/out" 'slot: "A1"'
check "and one that the fixture has not" says "$work/out" "refused: the fixture has no slot B9"
check "and what matches nothing" says "$work/out" "refused: matches no pattern"
# STX and ETX frame each scan: neither half of a scan with a pause in it is a number.
sed -e 's/prefix: "]C1"/prefix: "\\x02", suffix: "\\x03"/' -e 's/serial: "SN(\[0-9|\]+)"/serial: "S*N*([0-9|]+)"/' "$p" >"$work/framed.yaml"
printf '\x02SN1234\x03\r\x02SN12\r34\x03\rSN56\r' | "$h7gang" scan --test --profile "$work/framed.yaml" >"$work/out"
check "a scan in its frame" says "$work/out" 'serial: "1234"'
check "halves are refused" test "$(grep -c 'refused: came in pieces' "$work/out")" -eq 2
check "a scan without a frame is as before" says "$work/out" 'serial: "56"'
# An AIM identifier is of one kind of code.
sed 's/prefix: "]C1"/prefix: "]C1", suffix: "."/' "$p" >"$work/aim.yaml"
printf ']C1SN1.\rSN2.\r]C1SN3\r' | "$h7gang" scan --test --profile "$work/aim.yaml" >"$work/out"
check "AIM: with and without" test "$(grep -o 'serial: .*\|refused: came.*' "$work/out" | xargs)" = \
	"serial: 1 serial: 2 refused: came in pieces: scan it again"
exits 2 "scan without --test" "$h7gang" scan --profile "$p"
exits 2 "a scanner that is not there" "$h7gang" scan --test --scanner "$work/none"
exits 2 "a scanner that is a file" "$h7gang" scan --test --scanner "$p"
check "it is said what it is not" says "$work/err" "neither an input device nor a serial port"
sed 's/serial: "SN(/serial: ".*(/' "$p" >"$work/both.yaml"
exits 2 "two patterns for one text" "$h7gang" check --profile "$work/both.yaml"
check "a text that both match is shown" says "$work/err" "matches this pattern and that of 'lot'"
finish
