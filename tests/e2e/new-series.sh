#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A series that does not exist, added to src/stm32 by the recipe of CONTRIBUTING.md: "another chip" stays a set of its
# own, so that no foreign chip proves the new series and is erased; and the unit tests name each place that is forgotten.
. "$(dirname "$0")/../lib.sh"

tree=$work/tree
mkdir -p "$tree"
cp -r src/stm32 src/dfu include "$tree"
for test in evidence part rom; do
	cp tests/unit/test_stm32_$test.c "$tree"
done

after() { # FILE LINE-PATTERN TEXT: adds a line behind the first that matches
	awk -v pattern="$2" -v text="$3" '{ print } !done && $0 ~ pattern { print text; done = 1 } END { exit !done }' \
		"$tree/$1" >"$work/new" && cat "$work/new" >"$tree/$1"
}
test_of() { # NAME: builds and runs that unit test of the tree
	cc -std=gnu17 -Wall -Werror=switch -I"$tree/include" -I"$tree/stm32" -o "$work/test" "$tree/test_stm32_$1.c" "$tree"/stm32/*.c \
		"$tree/dfu/layout.c" -lcmocka >"$work/log" 2>&1 && "$work/test" >>"$work/log" 2>&1
}
refused() { # NAME TEXT: the unit test does not pass, and says this
	! test_of "$1" && says "$work/log" "$2"
}

check "before: the evidence" test_of evidence
check "the enum" after include/h7gang/stm32/part.h 'STM32_H7AX, ' '	STM32_H7ZX,'
check "a series without a row does not compile" refused evidence "a row for each series"
check "the row of series.c" after stm32/series.c '^static const struct stm32_series_row rows' '	[STM32_H7ZX] = {.series = STM32_H7ZX,
	.name = "STM32H7Zx", .part = "stm32h7z3xi", .device_id = 0x4FF, .uid_address = 0x1FF0E800u,
	.size_address = 0x1FF0E880u, .id_address = 0x1FF0E7FEu, .serial = STM32_SERIAL_UID},'
check "a series without a part is noticed" refused evidence every_series_is_in_every_table
check "the macro of its parts" after stm32/part.c '^#define H7AX' \
	'#define H7ZX .series = STM32_H7ZX, .ram = h74x_ram, .sector_bytes = 64u << 10, .flash_word = 32'
check "its part" after stm32/part.c '"stm32h7b3xi"' '	{"stm32h7z3xi", H7ZX, TWO_BANKS(2048, 16)},'
check "a part whose letter is unknown is noticed" refused evidence every_series_is_in_every_table
check "its letter" after stm32/code.c '^	switch' "	case 'z':
		*series = STM32_H7ZX;
		return true;"
check "a series without bootloader versions is noticed" refused evidence every_series_is_in_every_table
check "its bootloader versions" after stm32/rom.c '^static const struct stm32_rom roms' '	{STM32_H7ZX, STM32_ROM_UNKNOWN, "",
	{STM32_ERASE_NORMAL, STM32_ERASE_CAREFUL}, STM32_MASS_UNTRUSTED, .leaves = true, STM32_LAYOUT_TRUSTED},'
check "a series without a layout is noticed" refused evidence every_series_is_in_every_table
check "its layout" after stm32/listing.c '^static const struct stm32_listing listings' \
	'	ROM(STM32_H7ZX, STM32_LISTING_ANY, "@Internal Flash   /0x08000000/32*64Kg", "@Option Bytes   /0x5200301C/01*64 e"),'
check "no foreign chip is of the new series" test_of evidence
[ "$bad" -eq 0 ] || sed 's/^/# /' "$work/log"
check "the tests of parts ask for the new series" refused part "one a series"
check "its addresses" after test_stm32_part.c 'STM32_H7AX. = ' '	[STM32_H7ZX] = {0x1FF0E800, 0x1FF0E880, 0x1FF0E7FE, 32, 65536},'
check "the tests of parts pass" test_of part
check "the tests of bootloader versions pass" test_of rom
finish
