#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A part that does not exist: half of an H743's bank 1, one bank. To know it, the program needs one row of src/stm32/part.c
# and nothing else: name and ordering code, help, geometry, RAM and identity follow.
# limit: 600
. "$(dirname "$0")/../lib.sh"

row='	{"stm32h749xe", H74X(h74x_ram), ONE_BANK(512, 4)},'
tree=$work/tree
export KEEP_FLAGS=1 # the objects that are there stay valid
mkdir -p "$tree/build"
cp -r --preserve=timestamps Makefile VERSION scripts src include "$tree"
cp -r --preserve=timestamps build/obj build/gen build/flags build/libh7gang.a "$tree/build"
sed -i "/^	{\"stm32h747xg\", /a\\$row" "$tree/src/stm32/part.c"
check "one line is the whole difference" test "$(diff -r src "$tree/src" | grep -c '^[<>]')" -eq 1
exits 0 "it builds" make -s -j2 -C "$tree" B=build build/h7gang
new=$tree/build/h7gang
mkdir -p "$tree/tests"
cp -r tests/unit "$tree/tests"
exits 0 "its unit test builds" make -s -C "$tree" B=build build/tests/test_stm32_part
exits 0 "the unit test of the table passes with the part" "$tree/build/tests/test_stm32_part"

head -c 3000 /dev/urandom >"$work/app.bin"
cat >"$work/part.yaml" <<-END
	profile: 1
	name: new-part
	target: {part: STM32H749VET6}
	firmware: [{file: app.bin, address: 0x0807F000}]
	leave: false
END
exits 2 "the program without the row" "$h7gang" check --profile "$work/part.yaml"
exits 0 "with the row" "$new" check --profile "$work/part.yaml"
check "an ordering code selects the part" says "$work/out" "stm32h749xe, 1 bank, sectors of 128 KiB"
exits 0 "help parts" "$new" help parts
check "it is in the list" says "$work/out" stm32h749xe

# Its ROM bootloader is that of the series, its size register tells 512 KiB.
cat >"$work/fleet.yaml" <<-END
	seed: 9
	defaults: {contents: random, contents_start: 0x08000000, contents_bytes: 0x80000}
	targets:
	  - {name: new, memory: [{address: 0x1FF1E880, bytes: "0002"}]}
	  - {name: known}
END
exits 1 "a run over one such part and an H743" "$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$work/saved" -- \
	"$new" run --profile "$work/part.yaml" --audit "$work/log.csv" --count 2 --quiet
result() { # BOARD
	scripts/log-columns "$work/log.csv" usb_path result error |
		awk -F '\t' -v path="$(jq -r .path "$work/saved/$1.json")" '$1 == path { print $2 $3 }'
}
check "the new part passes" test "$(result new)" = PASS
check "the H743 is a wrong part" test "$(result known)" = FAILwrong_part
head -c 524288 /dev/zero | tr '\0' '\377' >"$work/wanted"
dd if="$work/app.bin" of="$work/wanted" bs=4096 seek=$((0x7F000 / 4096)) conv=notrunc status=none
check "all of its flash is right" cmp -n 524288 "$work/wanted" "$work/saved/new.bin"
finish
