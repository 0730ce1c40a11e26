#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang read: a board's flash into a file, bank by bank, and its refusals.
. "$(dirname "$0")/../lib.sh"

flash=$top/build/firmware/demo.flash
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good, path: 1-1.1, contents: {file: $flash}}
  - {name: locked, path: 1-1.2, rdp: 1}
  - {name: busy, path: 1-1.3, initial_state: dfuDNLOAD-IDLE}
  - {name: small, path: 1-1.4, part: stm32h723xg}
  - name: stalls
    path: 1-1.5
    contents: {file: $flash}
    faults: [{fault: stall, on: read, nth: 500}]
  - {name: broken, path: 1-1.6, broken_at: [0x08040000]}
  - {name: smaller, path: 1-1.7, part: stm32h723xg, bootloader: V9.1, contents: pattern}
END
read_of() { # STATUS WHAT PORT BANK FILE OPTION...
	exits "$1" "$2" "$sim" --virtual-time --fleet "$work/fleet.yaml" --save "$work/saved" -- \
		"$h7gang" read --path "$3" --bank "$4" --output "$5" "${@:6}"
}

# Boards that are exchanged, or reset, while they are read.
hang="{fault: hang, on: read, nth: 500}"
cat >>"$work/fleet.yaml" <<-END
  - {name: same, path: 1-1.11, contents: {file: $flash}, faults: [$hang, {fault: vanish, on: reset, away_ms: 300}]}
  - {name: swapped, path: 1-1.12, contents: {file: $flash}, faults: [$hang, {fault: swap, on: reset, away_ms: 300}]}
  - {name: quick, path: 1-1.13, contents: {file: $flash}, faults: [$hang, {fault: swap, on: reset, away_ms: 0}]}
  - {name: nameless, path: 1-1.14, refuse: [uid], contents: {file: $flash},
     faults: [$hang, {fault: swap, on: reset, away_ms: 0}]}
END
# Boards that do not tell their flash size.
n=0
lie="fault: stall_error, on: set_pointer, value: errTARGET, address: 0x081e0000, length: 1"
for keys in "part: stm32h7a3xi, bootloader: V9.0" "part: stm32h7a3xg, bootloader: V9.0" "part: stm32h7b0xb, bootloader: V9.0" \
	"refuse: size" "part: stm32h743xg, refuse: size" "part: stm32h723xe, refuse: size" \
	"refuse: size, faults: [{$lie, count: 1}]"; do
	n=$((n + 1))
	echo "  - {name: untold$n, path: 1-1.3$n, $keys, contents: random}"
done >>"$work/fleet.yaml"
echo "  - {name: lies, path: 1-1.41, refuse: size, contents: random, faults: [{$lie, count: 2}]}
  - {name: while, path: 1-1.40, part: stm32h743xg, refuse: size, contents: random,
     faults: [{fault: hang, on: set_pointer, nth: 13}, {fault: swap, on: reset, away_ms: 0}]}" >>"$work/fleet.yaml"
# A bootloader that accepts any address: only a read shows where its flash ends.
c=0
for part in stm32h743xg stm32h743xi stm32h7a3xg; do
	c=$((c + 1))
	echo "  - {name: class$c, path: 1-1.5$c, part: $part, bootloader: V9.0, refuse: size, personality: st-dfu-class, contents: random}"
done >>"$work/fleet.yaml"
for nth in 2 3 4 5 6; do
	echo "  - {name: asked$nth, path: 1-1.2$nth, contents: {file: $flash}, faults: [{fault: hang, on: upload, nth: $nth}, {fault: swap, on: reset, away_ms: 0}]}"
done >>"$work/fleet.yaml"
read_of 0 "all" 1-1.1 all "$work/all"
check "all: the same bytes" cmp "$work/all" "$flash"
check "all: progress" says "$work/err" "1-1.1: read 50 %"
check "nothing was written to it" jq -e '.counters | .words_programmed == 0 and .sector_erases == 0 and .mass_erases == 0' \
	"$work/saved/good.json"
read_of 0 "bank 1" 1-1.1 1 "$work/one"
read_of 0 "bank 2" 1-1.1 2 "$work/two"
check "bank 1 and bank 2 are all" cmp <(cat "$work/one" "$work/two") "$flash"
read_of 0 "a part that stalls once" 1-1.5 all "$work/stalls"
check "stalls: the same bytes" cmp "$work/stalls" "$flash"
read_of 0 "a part with one bank" 1-1.4 all "$work/small"
check "one bank: 1 MiB" test "$(stat -c %s "$work/small")" -eq 1048576
read_of 0 "one that announces two" 1-1.7 1 "$work/smaller"
check "its one bank" cmp "$work/smaller" "$work/saved/smaller.bin"
read_of 2 "bank 2 of a part with one" 1-1.4 2 "$work/none"
read_of 1 "a locked part" 1-1.2 all "$work/none"
check "it says so" says "$work/err" "read-protected"
read_of 1 "a part in a download" 1-1.3 all "$work/none"
check "it is left alone" says "$work/err" "left alone"
read_of 1 "a part with a broken word" 1-1.6 all "$work/none"
check "it says where" says "$work/err" "0x08040000 cannot be read: UPLOAD stalled, dfuERROR, errVENDOR"
read_of 0 "a board that is reset and comes back" 1-1.11 all "$work/same"
check "same: the same bytes" cmp "$work/same" "$flash"
for port in 12 13; do
	read_of 1 "a board that is exchanged, $port" 1-1.$port all "$work/none"
	check "it says so" says "$work/err" "another board took its place, with UID"
done
read_of 1 "a board without a UID, reset" 1-1.14 all "$work/none"
check "it says why" says "$work/err" "no UID shows whether it is the same board"
for nth in 2 3 4 5 6; do
	read_of 0 "a board that is exchanged while it is asked, $nth" 1-1.2$nth all "$work/asked$nth"
	check "asked$nth: the bytes of the board that came" cmp "$work/asked$nth" "$work/saved/asked$nth.bin"
done
exits 0 "list" "$sim" --virtual-time --fleet "$work/fleet.yaml" --save "$work/saved" -- "$h7gang" list --json
for nth in 2 3 4 5 6; do
	check "list: asked$nth is the board that came" test "$(jq -r --arg path 1-1.2$nth \
		'.targets[] | select(.path == $path) | .uid' "$work/out")" = "$(jq -r .uid "$work/saved/asked$nth.json")"
done
for ((i = 1; i <= n; i++)); do
	read_of 0 "an untold size, $i" 1-1.3$i all "$work/untold$i"
	check "untold$i: all of its flash" cmp "$work/untold$i" "$work/saved/untold$i.bin"
	check "untold$i: the message says so" says "$work/out" "(found by its last sector)"
done
read_of 2 "bank 2 of a part with one, untold" 1-1.33 2 "$work/none"
read_of 1 "an end that is refused, with flash behind that of the next smaller part" 1-1.41 all "$work/none"
check "it says so" says "$work/err" "its flash ends where that of no known part does"
read_of 1 "any address is accepted" 1-1.51 all "$work/none"
check "it says what to do" says "$work/err" "name its part with --part"
read_of 0 "its part is named" 1-1.51 all "$work/class1" --part stm32h743xg
check "class1: all of its flash" cmp "$work/class1" "$work/saved/class1.bin"
read_of 0 "its ordering code is given" 1-1.53 all "$work/class3" --part STM32H7A3VGT6
check "class3: all of its flash" cmp "$work/class3" "$work/saved/class3.bin"
for part in stm32h743xg stm32h750xb; do
	read_of 1 "$part is named, but there is more flash" 1-1.52 all "$work/none" --part $part
	check "it says so" says "$work/err" "the board has flash behind the end of $part"
done
read_of 1 "another size than the board tells" 1-1.1 all "$work/none" --part stm32h743xg
read_of 1 "another series" 1-1.51 all "$work/none" --part stm32h7a3xg
check "it says so" says "$work/err" "the board's answers are not those of stm32h7a3xg"
read_of 2 "no such part" 1-1.1 all "$work/none" --part stm32h799xi
read_of 1 "exchanged while its end is looked for" 1-1.40 all "$work/none"
check "it says so" says "$work/err" "another board took its place"
read_of 3 "an empty port" 1-1.9 all "$work/none"
read_of 2 "bank 3" 1-1.1 3 "$work/none"
check "no file was made by these" test ! -e "$work/none"
echo kept >"$work/kept"
read_of 2 "a file that is there" 1-1.1 1 "$work/kept"
check "it is left alone" test "$(cat "$work/kept")" = kept
ln -s "$work/nowhere" "$work/link"
read_of 2 "a link" 1-1.1 1 "$work/link"
check "it is not followed" test ! -e "$work/nowhere"
exits 2 "no bank" "$h7gang" read --path 1-1.1 --output "$work/none"
finish
