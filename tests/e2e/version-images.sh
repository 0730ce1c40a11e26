#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One firmware version with two images is a warning: in run, verify and check, over lots and rotated files.
. "$(dirname "$0")/../lib.sh"
tests/firmware/make || exit 1
p=$(profile images 'audit: {file: "{lot}.csv"}
leave: false')
station() { # WHAT LOT
	exits 0 "$1" "$sim" --virtual-time --targets 1 -- "$h7gang" run --profile "$p" --lot "$2" --count 1
}
warns() { says "$work/err" "of firmware_version 1.0 with another image"; }
silent() { ! grep -q "another image" "$work/err"; }
station "a first image" A
check "nothing to say" silent
tests/firmware/bytes code 4096 7 >"$work/other.bin"
sed -i "s,firmware: .*,firmware: [{file: $work/other.bin\, address: 0x08000000}]," "$p"
exits 0 "check, another image under the same version" "$h7gang" check --profile "$p"
check "says so, of every lot's log" warns
check "with what to do" says "$work/err" "Give each image a version of its own"
station "the next lot" B
check "has a log of its own, which has one image" silent
station "the first lot again" A
check "is warned" warns
mv "$work/A.csv" "$work/A.csv.1"
rm -f "$work"/A.csv.begun
station "after the log went on in a new file" A
check "the older file counts" warns
sed -i 's/firmware_version: .*/firmware_version: "1.1"/' "$p"
station "a version of its own" A
check "ends the warning" silent
exits 0 "check" "$h7gang" check --profile "$p"
check "has nothing to say either" silent
finish
