#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Makefile: changed flags, VERSION and sanitizers rebuild the objects they affect and no others; the user's flags are
# added to the project's own; compile_commands.json names every source file.
. "$(dirname "$0")/../lib.sh"
unset KEEP_FLAGS

tree=$work/tree
mkdir -p "$tree"
cp -r --preserve=mode,timestamps Makefile VERSION src include scripts tests "$tree"
cd "$tree" || exit 1
objects="build/obj/base/clock.o build/obj/base/version.o build/obj/sim/server/tray.o"
# built OPTIONS...: which of these objects make compiles with these options.
built() {
	# shellcheck disable=SC2086 # a list of words
	make "$@" $objects 2>"$work/err" | tee "$work/out" | grep -o -- '-o build/obj/[^ ]*\.o' | sed 's,.*/,,' | sort | tr '\n' ' '
}
all="clock.o tray.o version.o "

check "the first make builds all" test "$(built)" = "$all"
check "the second one builds nothing" test -z "$(built)"
check "other flags rebuild all" test "$(built CFLAGS=-O1)" = "$all"
check "the same flags build nothing" test -z "$(built CFLAGS=-O1)"
check "a sanitizer rebuilds all" test "$(built SAN=-fsanitize=undefined)" = "$all"
check "no flags again rebuild all" test "$(built)" = "$all"
check "a test that calls make rebuilds nothing" test -z "$(KEEP_FLAGS=1 built CFLAGS=-O1)"
echo 99.1.2 >VERSION
check "VERSION rebuilds one object" test "$(built)" = "version.o "
check "which holds it" grep -q '99\.1\.2' build/obj/base/version.o

make -n -B CPPFLAGS=-DMINE CFLAGS=-O0 LDFLAGS=-Wl,--as-needed build/obj/base/clock.o build/h7gang >"$work/out" 2>&1
for flag in -DMINE -O0 -Wl,--as-needed -D_GNU_SOURCE -Iinclude -std=c17 -Wconversion -fPIE -Wl,-z,relro; do
	check "CPPFLAGS=, CFLAGS= and LDFLAGS= leave $flag" says "$work/out" " $flag"
done
check "-O0 goes without _FORTIFY_SOURCE" test -z "$(grep -- '-O0.*_FORTIFY_SOURCE' "$work/out")"
for flags in CFLAGS CPPFLAGS; do
	make -n -B $flags=-D_FORTIFY_SOURCE=3 build/obj/base/clock.o >"$work/out" 2>&1
	check "$flags=-D_FORTIFY_SOURCE=3 is the only one" test "$(grep -m 1 'src/base/clock.c' "$work/out" | grep -o -- '-[DU]_FORTIFY_SOURCE[=0-9]*' | tr '\n' ' ')" = \
		"-D_FORTIFY_SOURCE=3 "
done
make -n -B CPPFLAGS=-DMINE CFLAGS=-O0 LDFLAGS=-Wl,--as-needed build/obj/base/clock.o >"$work/out" 2>&1
check "a room does not see the private headers of others" test -z "$(grep 'src/base/clock.c' "$work/out" | grep -- ' -Isrc')"
make -n -B WERROR=-Werror build/obj/base/clock.o >"$work/out" 2>&1
check "WERROR= makes warnings errors" says "$work/out" " -Werror "
(unset WERROR MAKEFLAGS; make -n -B build/obj/base/clock.o) >"$work/out" 2>&1
check "by default they are warnings" test -z "$(grep -- '-Werror' "$work/out")"

exits 2 "tests/run before make units" tests/run test_stm32
check "says what to run" says "$work/err" 'is not built: run "make units" first'

exits 0 "make compile_commands.json" make -s compile_commands.json
check "is JSON" jq -e 'length > 200' compile_commands.json
for file in src/base/clock.c src/cli/main.c src/sim/server/server.c tests/unit/test_base_clock.c; do
	check "names $file" test "$(jq -r --arg f $file '[.[] | select(.file == $f)] | length' compile_commands.json)" -ge 1
done
finish
