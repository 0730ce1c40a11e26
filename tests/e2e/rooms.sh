#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No include climbs from a room to one above it, no cycle between the files of a room,
# and the checks find planted ones.
. "$(dirname "$0")/../lib.sh"
export KEEP_FLAGS=1

exits 0 "scripts/check-rooms, which calls scripts/check-cycles" scripts/check-rooms
tree=$work/tree
mkdir -p "$tree/src/base" "$tree/include/h7gang/base" "$tree/build/obj/base" "$tree/scripts"
cp scripts/check-cycles "$tree/scripts"
echo 'int b(void); int a(void); int a(void) { return b(); }' >"$tree/src/base/a.c"
echo 'int a(void); int b(void); int b(void) { return 1; }' >"$tree/src/base/b.c"
compile() {
	for file in a b; do cc -c -o "$tree/build/obj/base/$file.o" "$tree/src/base/$file.c" || exit 1; done
}
compile
exits 0 "a file that needs another one" "$tree/scripts/check-cycles"
echo 'int a(void); int b(void); int b(void) { return a(); }' >"$tree/src/base/b.c"
compile
exits 1 "two files that need one another" "$tree/scripts/check-cycles"
check "are named" says "$work/err" "base: a b"
echo 'int b(void); int b(void) { return 1; }' >"$tree/src/base/b.c"
compile
exits 0 "no longer" "$tree/scripts/check-cycles"
echo '#include "d.h"' >"$tree/src/base/c.h"
echo '#include "h7gang/base/c.h"' >"$tree/src/base/d.h"
exits 0 "a public header that has the name of a private one" "$tree/scripts/check-cycles"
echo '#include "c.h"' >"$tree/src/base/d.h"
exits 1 "two headers that include one another" "$tree/scripts/check-cycles"
check "are named, too" says "$work/err" "base: c.h d.h"
mv "$tree"/src/base/[cd].h "$tree/include/h7gang/base"
echo '#include "h7gang/base/c.h"' >"$tree/include/h7gang/base/d.h"
exits 1 "two public headers that include one another" "$tree/scripts/check-cycles"
check "are named as public" says "$work/err" "base: include/c.h include/d.h"
rm "$tree/include/h7gang/base/d.h"
# A symbol of a higher room, without an include.
rooms=$(sed -n 's/^rooms="\(.*\)"/\1/p' scripts/check-rooms)
cp scripts/check-rooms "$tree/scripts"
: >"$tree/build/libh7gang.a"
for room in $rooms; do
	mkdir -p "$tree/src/$room" "$tree/build/obj/$room"
	echo "int only_$room;" >"$tree/src/$room/one_$room.c"
done
(cd "$work" && cc -c "$tree"/src/*/one_*.c)
for room in $rooms; do mv "$work/one_$room.o" "$tree/build/obj/$room"; done
exits 0 "rooms without a call" "$tree/scripts/check-rooms"
# An include of each kind that is refused.
mkdir -p "$tree/src/sim"
for planted in 'dfu/up "h7gang/cli/cli.h" cli lies above dfu' 'base/none "h7gang/attic/x.h" attic lies above base' \
	'cli/far "../dfu/request.h" reaches into the folder' 'gang/fleet "sim/rom.h" reaches into the folder' \
	'usb/inner "h7gang/dfu/session.h" pipe.h alone' 'dfu/bus <libusb.h> dfu knows no bus' \
	'sim/peek "h7gang/base/clock.h" knows nothing of the rooms'; do
	read -r file header text <<<"$planted"
	echo "#include $header" >"$tree/src/$file.h"
	exits 1 "$file.h includes $header" "$tree/scripts/check-rooms"
	check "it is named" says "$work/err" "$text"
	check "with the file" says "$work/err" "src/$file.h"
	rm "$tree/src/$file.h"
done
echo 'extern int only_dfu; int *down = &only_dfu;' >"$tree/src/cli/down.c"
cc -c -o "$tree/build/obj/cli/down.o" "$tree/src/cli/down.c"
exits 0 "a call down" "$tree/scripts/check-rooms"
echo 'extern int only_cli; int *up = &only_cli;' >"$tree/src/dfu/up.c"
cc -c -o "$tree/build/obj/dfu/up.o" "$tree/src/dfu/up.c"
exits 1 "a call up" "$tree/scripts/check-rooms"
check "it names file and symbol" says "$work/err" "dfu/up.o: uses only_cli, which lies above, in cli"
finish
