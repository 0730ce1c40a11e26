#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An unknown ROM version: bank 1 answers early, bank 2 wedges, mass erase does nothing. To know it,
# the program needs one row and nothing else; without the row it is careful enough to do as well.
# limit: 600
. "$(dirname "$0")/../lib.sh"

row='	{STM32_H74X, 0x77, "V7.7", {STM32_ERASE_RETURNS_EARLY, STM32_ERASE_WEDGES}, STM32_MASS_UNTRUSTED, .leaves = true, STM32_LAYOUT_TRUSTED},'
tree=$work/tree
export KEEP_FLAGS=1 # the objects that are there stay valid
mkdir -p "$tree/build"
cp -r --preserve=timestamps Makefile VERSION scripts src include "$tree"
cp -r --preserve=timestamps build/obj build/gen build/flags build/libh7gang.a "$tree/build"
sed -i "/^static const struct stm32_rom roms\[\] = {/a\\$row" "$tree/src/stm32/rom.c"
check "one line is the whole difference" test "$(diff -r src "$tree/src" | grep -c '^[<>]')" -eq 1
exits 0 "it builds" make -s -j2 -C "$tree" B=build build/h7gang
mkdir -p "$tree/tests"
cp -r tests/unit "$tree/tests"
exits 0 "its unit test builds" make -s -C "$tree" B=build build/tests/test_stm32_rom
exits 0 "the unit test of the table passes with the version" "$tree/build/tests/test_stm32_rom"

# Bank 1 answers early too, which no careful row expects: the unmodified program gets the milder version.
fleet() { # MANNER-OF-BANK-1
	cat <<-END
	seed: 5
	defaults: {id: 0x77, sector_erase: [$1, wedges], mass_erase: nothing}
	targets:
	  - {name: blank}
	  - {name: dirty, contents: random}
	  - {name: bank1, contents: random, contents_start: 0x08000000, contents_bytes: 4096}
	  - {name: bank2, contents: random, contents_start: 0x08100000, contents_bytes: 4096}
	END
}

try() { # WHAT PROGRAM BOOTLOADER BOARD=METHOD...
	local what=$1 program=$2 version=$3 board saved=$work/$1 log=$work/$1.csv got
	shift 3
	exits 0 "$what" "$sim" --fleet "$work/$what.yaml" --virtual-time --save "$saved" -- \
		"$program" run --profile "$work/new-rom.yaml" --audit "$log" --count 4 --quiet
	log_state 0 "$what, the log" "$log" "intact: 4 rows"
	for board; do
		got=$(scripts/log-columns "$log" usb_path bootloader_id bootloader erase_method |
			awk -F '\t' -v path="$(jq -r .path "$saved/${board%=*}.json")" '$1 == path { print $2, $3, $4 }')
		check "$what, ${board%=*}: $got" test "$got" = "0x77 $version ${board#*=}"
		check "$what, ${board%=*}: flash is right" flash_is "$saved/${board%=*}.bin"
		check "$what, ${board%=*}: counters are 0" counters_good "$saved/${board%=*}.json"
	done
}

profile new-rom >/dev/null
fleet early >"$work/with-row.yaml"
try with-row "$tree/build/h7gang" V7.7 blank=blank dirty=sectors+unwedge+settle bank1=sectors+settle \
	bank2=sectors+unwedge
fleet normal >"$work/without.yaml"
try without "$h7gang" "" blank=blank dirty=sectors+unwedge bank1=sectors bank2=sectors+unwedge
finish
