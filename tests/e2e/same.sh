#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# erase: touched, a second run over good boards: nothing is erased, nothing written, all of it read back.
. "$(dirname "$0")/../lib.sh"

p=$(profile same "erase: touched
leave: false")
log=$work/same.csv
first() {
	jq '.counters | .sector_erases + .mass_erases' "$1"
}
words() {
	jq .counters.words_programmed "$1"
}
for times in 1 2; do
	rm -f "$log"
	exits 0 "runs: $times" "$sim" --targets 3 --virtual-time --save "$work/$times" -- bash -c '
		for i in $(seq "$4"); do "$1" run --profile "$2" --audit "$3" --count 3 || exit; done' \
		- "$h7gang" "$p" "$log" $times
done
check "six rows pass" test "$(rows "$log" result PASS)" -eq 6
check "the first three erased nothing, as all was blank" test "$(rows "$log" erase_method blank)" -eq 3
check "the other three say same" test "$(rows "$log" erase_method same)" -eq 3
check "which took no time to erase or program" \
	test "$(column "$log" program_ms | tail -n 3 | tr -d '\n')" = ""
check "but was read back" test "$(column "$log" bank1_result | tail -n 3 | sort -u)" = PASS
for board in "$work"/2/*.json; do
	once=$work/1/${board##*/}
	check "no erase" test "$(first "$board")" -eq 0
	check "no word more than the first run wrote" test "$(words "$board")" -eq "$(words "$once")"
	check "something was written at all" test "$(words "$board")" -gt 0
	check "the flash is right" flash_is "${board%.json}.bin"
	check "counters are 0" counters_good "$board"
done

# One sector of another image: it alone is erased and written.
head -c 131072 build/firmware/demo.flash >"$work/a.bin"
tail -c +1048577 build/firmware/demo.flash | head -c 131072 >"$work/b.bin"
tests/firmware/bytes data 131072 20000 >"$work/c.bin"
image() { # NAME SECOND
	sed "s|^firmware: .*|firmware: [{file: $work/a.bin, address: 0x08000000}, {file: $2, address: 0x08100000}]|" \
		"$p" >"$work/$1.yaml"
}
image old "$work/b.bin"
image new "$work/c.bin"
rm -f "$log"
exits 0 "another second sector" "$sim" --targets 1 --virtual-time --save "$work/new" -- bash -c '
	"$1" run --profile "$2/old.yaml" --audit "$3" && "$1" run --profile "$2/new.yaml" --audit "$3"' \
	- "$h7gang" "$work" "$log"
check "one sector was erased" test "$(first "$work/new/1-1.1.json")" -eq 1
check "both sectors are right" cmp <(cat "$work/a.bin" "$work/c.bin") \
	<(head -c 131072 "$work/new/1-1.1.bin"; tail -c +1048577 "$work/new/1-1.1.bin" | head -c 131072)
check "counters are 0" counters_good "$work/new/1-1.1.json"
finish
