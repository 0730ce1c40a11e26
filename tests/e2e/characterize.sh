#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang characterize: its refusals, contents that its file must not have, and the continuation after a power cycle.
. "$(dirname "$0")/../lib.sh"

# fleet NAME KEYS: a fleet of one board at 1-1.1; its UID in $uid.
fleet() {
	echo "targets: [{name: $1, path: 1-1.1, $2}]" >"$work/$1.yaml"
	uid=$("$sim" --fleet "$work/$1.yaml" --show | jq -r .uid)
}
# measure NAME OPTION...: of that board; the fleet's counters are in NAME.saved.
measure() {
	local name=$1
	shift
	"$sim" --virtual-time --fleet "$work/$name.yaml" --save "$work/$name.saved" -- "$h7gang" characterize --path 1-1.1 "$@"
}
holds() { jq -e "$2" "$work/$1" >/dev/null; } # FILE FILTER
untouched() { # NAME: nothing was erased, written or sent for it
	jq -e '.counters | .erases_sent == 0 and .writes_sent == 0 and .words_programmed == 0 and .left == 0' \
		"$work/$1.saved/$1.json" >/dev/null
}

# --- the command line ---
fleet one "contents: random"
log=$work/none.csv
exits 2 "no port" "$sim" --virtual-time -- "$h7gang" characterize --output "$work/a.json"
exits 2 "no log" measure one --output "$work/a.json" --destructive --confirm "${uid: -4}"
check "it says so" says "$work/err" "needs --audit or --store"
exits 2 "not confirmed" measure one --output "$work/a.json" --destructive --audit "$log"
check "it says so" says "$work/err" "not confirmed"
check "nothing was touched" untouched one
rm -f "$work/a.json"
exits 2 "other digits" measure one --output "$work/a.json" --destructive --audit "$log" --confirm 0000
check "nothing was touched" untouched one
rm -f "$work/a.json"
exits 2 "a confirmation without need" measure one --output "$work/a.json" --confirm "${uid: -4}"
exits 3 "no board" "$sim" --virtual-time --fleet "$work/one.yaml" -- "$h7gang" characterize --path 1-1.2 --output "$work/a.json"
echo precious >"$work/precious"
exits 2 "a file that is there" measure one --output "$work/precious"
check "it is as it was" grep -qx precious "$work/precious"
exits 2 "nothing to resume" measure one --output "$work/a.json" --resume
exits 2 "no file of this program" measure one --output "$work/precious" --resume

# --- without --destructive ---
exits 0 "measured" measure one --output "$work/one.json" --trace "$work/one.pcapng"
check "nothing was touched" untouched one
check "the page has findings" grep -q '^Confirmed: [0-9]' "$work/out"
check "it says where the file goes" says "$work/out" "open an issue"
check "there is a trace" [ -s "$work/one.pcapng" ]
check "the file fits its schema" /usr/bin/python3 -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open("docs/board.schema.json")))' "$work/one.json"
check "keys that were not measured are listed" jq -e '.not_measured | index("sector_ms") and index("busy_hang")' "$work/one.json"

# --- no UID in the file ---
for part in stm32h743xi stm32h723xg stm32h7a3xi; do
	for rule in uid uid_sums uid_hex; do
		# The ROM bootloader of an H74x never makes it from a UID in these ways: that is another chip.
		[ $part,$rule = stm32h743xi,uid_hex ] || [ $part != stm32h743xi ] || continue
		fleet "$part-$rule" "part: $part, serial_rule: $rule, uid: ffff2b001151343833363031" # with a carry
		exits 0 "$part, serial from the UID ($rule)" measure "$part-$rule" --output "$work/$part-$rule.json"
		check "the rule is there" test "$(jq -r .measured.serial_rule "$work/$part-$rule.json")" = $rule
		check "no part of the UID is" sh -c "! grep -iE '${uid:0:8}|${uid:8:8}|${uid:16:8}' '$work/$part-$rule.json'"
	done
done
# A serial that may be made from a UID that cannot be read is not kept.
fleet hidden "part: stm32h723xg, refuse: uid"
exits 0 "a UID that cannot be read" measure hidden --output "$work/hidden.json"
check "no serial is kept" jq -e '.measured | has("serial") | not' "$work/hidden.json"

# --- a board that passed ---
echo "targets: [{name: product, path: 1-1.1}]" >"$work/product.yaml"
uid=$("$sim" --fleet "$work/product.yaml" --show | jq -r .uid)
"$sim" --virtual-time --fleet "$work/product.yaml" -- "$h7gang" run --profile "$(profile program)" --audit "$work/product.csv" \
	--quiet >/dev/null 2>&1
check "it passed" test "$(rows "$work/product.csv" result PASS)" -eq 1
exits 2 "it is not erased" measure product --output "$work/product.json" --destructive --audit "$work/product.csv" \
	--confirm "${uid: -4}"
check "the message gives the reason" says "$work/err" "this board passed"
check "nothing was touched" untouched product
export H7GANG_STORE=$work/store.db
"$h7gang" store init >/dev/null && "$h7gang" store push "$work/product.csv" >/dev/null 2>&1
rm "$work/product.json"
exits 2 "nor after a look into the store" measure product --output "$work/product.json" --destructive \
	--store "$work/store.db" --confirm "${uid: -4}"
check "nothing was touched" untouched product
unset H7GANG_STORE

# --- other programs, other chips, read protection ---
fleet resident "personality: resident"
exits 1 "a program in flash" measure resident --output "$work/resident.json"
check "it is a wrong part" says "$work/err" "wrong_part"
rm "$work/resident.json"
exits 0 "the same, wanted" measure resident --output "$work/resident.json" --resident
check "the file names its personality" test "$(jq -r .measured.personality "$work/resident.json")" = resident
check "nothing was touched" untouched resident
fleet foreign 'refuse: [id, uid, size, option_bytes], layout: ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "@Option Bytes  /0x1FFFC000/01*016 e"]'
exits 1 "another chip" measure foreign --output "$work/foreign.json" --destructive --audit "$log" --confirm 1-1.1
check "it is a wrong part" says "$work/err" "wrong_part"
check "nothing was touched" untouched foreign
# The first STM32H7A3 announce their option bytes at a wrong address.
fleet first "part: stm32h7a3xi, bootloader: V9.0, refuse: [option_bytes]"
exits 0 "option bytes that are refused at a wrong address" measure first --output "$work/first.json"
check "the file names them" jq -e '.measured.refuse == ["option_bytes"]' "$work/first.json"
fleet told "part: stm32h7a3xi, bootloader: V9.0"
exits 0 "bytes that are read at a wrong address" measure told --output "$work/told.json"
check "they are no option bytes" jq -e '.measured | .refuse == ["size"] and (has("rdp") | not)' "$work/told.json"
fleet locked "rdp: 1, contents: random"
exits 1 "a protected board" measure locked --output "$work/locked.json" --destructive --audit "$log" --confirm 1-1.1
check "protection is measured" test "$(jq -r .measured.protect "$work/locked.json")" = errs
check "nothing was touched" untouched locked

# --- it hangs, and goes on ---
fleet hangs "broken_read: hangs, boot0_high: true"
cat >"$work/resume" <<END
#!/bin/sh
"$h7gang" characterize --path 1-1.1 --output "$work/hangs.json" --destructive --audit "$log" --confirm ${uid: -4} --quiet
echo \$? >"$work/first"
"$sim" ctl "$work/hands" unplug hangs && "$sim" ctl "$work/hands" plug hangs
exec "$h7gang" characterize --path 1-1.1 --output "$work/hangs.json" --destructive --audit "$log" --confirm ${uid: -4} --quiet --resume
END
chmod +x "$work/resume"
exits 0 "a board that hangs at a broken word, after its power was off" "$sim" --virtual-time --fleet "$work/hangs.yaml" \
	--control "$work/hands" -- "$work/resume"
check "the first time it ended with a reason" test "$(cat "$work/first")" = 1
check "the hang is measured" test "$(jq -r .measured.broken_read "$work/hangs.json")" = hangs
check "and what came after it" test "$(jq -r .measured.leave "$work/hangs.json")" = works
check "nothing was measured twice" jq -e '[.steps[] | select(.tries > 1 and .result == "done")] == []' "$work/hangs.json"
fleet other "uid: 000102030405060708090a0b"
cp "$work/hangs.json" "$work/other.json"
exits 1 "another board is not measured into that file" measure other --output "$work/other.json" --resume
check "it says so" says "$work/err" "another board"

# --- another board takes its place ---
# exchanged WHAT NAME: the reason and the advice of the last run are those of an exchange.
exchanged() {
	check "$1: the message gives the reason" says "$work/err" "no_device: another board took its place"
	check "$1: and what to do" says "$work/err" "connect the board that was measured and use --resume"
	check "$1: no UID is in the file" sh -c "! grep -i '$(jq -r .uid "$work/$2.saved/$2.json")' '$work/$2.json'"
}
for how in "on: reset, away_ms: 300" "on: reset, away_ms: 0" "on: open, nth: 2, away_ms: 0"; do
	fleet came "contents: random, faults: [{fault: swap, $how}]"
	rm -f "$work/came.json"
	exits 1 "exchanged $how, without --destructive" measure came --output "$work/came.json"
	exchanged "$how" came
	check "$how: no measurement of the other board is kept" holds came.json '.measured | has("reset_keeps_state") | not'
	# The board that comes has passed.
	echo "targets: [{name: passed, path: 1-1.1, uid: $(jq -r .uid "$work/came.saved/came.json")}]" >"$work/passed.yaml"
	"$sim" --virtual-time --fleet "$work/passed.yaml" -- "$h7gang" run --profile "$(profile program)" --audit "$work/passed.csv" \
		--quiet >/dev/null 2>&1
	rm -f "$work/came.json"
	exits 1 "exchanged $how" measure came --output "$work/came.json" --destructive --audit "$work/passed.csv" --confirm "${uid: -4}"
	exchanged "$how" came
	check "$how: nothing was touched" untouched came
done
check "the boards passed" test "$(rows "$work/passed.csv" result PASS)" -ge 1
sed 's/, faults.*/}]/' "$work/came.yaml" >"$work/back.yaml"
mv "$work/came.json" "$work/back.json"
sed -i 's/name: came/name: back/' "$work/back.yaml"
exits 0 "the first board is back" measure back --output "$work/back.json" --destructive --audit "$log" --confirm "${uid: -4}" --resume
check "it is measured to the end" holds back.json '[.steps[].result] | length == 11 and all(. == "done")'

# A board that hangs in a destructive step is reset for the second time: one that never comes back shows how much was sent.
for hang in "op_erase, nth: 2" "write, nth: 4" "upload, nth: 575" op_mass; do
	for end in "swap, on: reset, nth: 2, away_ms: 0" "vanish, on: reset, nth: 2, away_ms: forever"; do
		fleet hung "contents: random, faults: [{fault: hang, on: $hang}, {fault: $end}]"
		rm -f "$work/hung.json"
		exits 1 "$hang: $end" measure hung --output "$work/hung.json" --destructive --audit "$log" --confirm "${uid: -4}"
		jq '.counters | [.erases_sent, .writes_sent, .left]' "$work/hung.saved/hung.json" >"$work/hung.${end%%,*}"
		[[ $end = vanish* ]] || exchanged "$hang: $end" hung
	done
	check "$hang: nothing was sent to the other board" cmp "$work/hung.swap" "$work/hung.vanish"
done
# One that starts its application, with another one in its place afterwards.
fleet gone "boot0_high: true, faults: [{fault: swap, on: leave, away_ms: 300}]"
exits 1 "exchanged at its start" measure gone --output "$work/gone.json" --destructive --audit "$log" --confirm "${uid: -4}"
exchanged "at its start" gone
check "its return is not measured" holds gone.json '.measured | has("boot0_high") | not'

# While it is identified: the answers in the file are of one board, and the confirmation is for that one.
for nth in 1 3 8; do
	fleet asked "contents: random, faults: [{fault: hang, on: upload, nth: $nth}, {fault: swap, on: reset, away_ms: 0}]"
	rm -f "$work/asked.json"
	exits 2 "exchanged while it is asked, $nth" measure asked --output "$work/asked.json" --destructive --audit "$log" --confirm "${uid: -4}"
	check "$nth: nothing was touched" untouched asked
	check "$nth: the file is of the board that came" test "$(jq -r .uid_sha256 "$work/asked.json")" = \
		"$(jq -r .uid "$work/asked.saved/asked.json" | xxd -r -p | sha256sum | cut -d ' ' -f 1)"
done

# A board without a UID could be any board once it was attached again. A new command asks for a new confirmation.
fleet unnamed "refuse: uid, contents: random"
exits 1 "no UID" measure unnamed --output "$work/unnamed.json" --destructive --audit "$log" --confirm 1-1.1
check "the message gives the reason" says "$work/err" "erase: uid_unknown: it was attached again"
check "and what to do" says "$work/err" "check that the board at the port is the one that was measured"
check "nothing was touched" untouched unnamed
exits 0 "no UID, resumed" measure unnamed --output "$work/unnamed.json" --destructive --audit "$log" --confirm 1-1.1 --resume
check "it is measured to the end" holds unnamed.json '[.steps[].result] | length == 11 and all(. == "done")'
for end in "swap, on: reset, away_ms: 0" "vanish, on: reset, away_ms: 300"; do
	fleet unnamed "refuse: uid, contents: random, faults: [{fault: hang, on: write, nth: 4}, {fault: $end}]"
	jq '.steps |= with_entries(select(.value.result == "done" and (.key | IN("descriptors", "identity", "manners", "wire", "reset"))))' \
		"$work/unnamed.json" >"$work/again.json"
	exits 1 "no UID, $end" measure unnamed --output "$work/again.json" --destructive --audit "$log" --confirm 1-1.1 --resume
	check "the message gives the reason" says "$work/err" "uid_unknown: it was attached again"
	jq '.counters | [.erases_sent, .writes_sent]' "$work/unnamed.saved/unnamed.json" >"$work/unnamed.${end%%,*}"
done
check "nothing was sent to what came" cmp "$work/unnamed.swap" "$work/unnamed.vanish"

# The computer sleeps in the middle of it.
for boards in kept exchanged; do
	fleet slept "contents: random"
	echo "host: {suspends: [{at_ms: 6000, for_s: 60, boards: $boards}]}" >>"$work/slept.yaml"
	rm -f "$work/slept.json"
	exits "$([ $boards = kept ]; echo $?)" "the computer slept, the board is $boards" measure slept --output "$work/slept.json" \
		--destructive --audit "$log" --confirm "${uid: -4}"
done
check "nothing was written to the other board" holds slept.saved/slept.json '.counters.mass_erases == 0 and .counters.writes_sent <= 1'

finish
