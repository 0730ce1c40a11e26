#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands of README.md and docs/ as printed: a first board and a first profile; links and lists. tests/ui/walk.sh runs
# the walk through a virtual tray.
. "$(dirname "$0")/../lib.sh"

block() { # FILE WHAT: the lines after that comment
	awk -v what="runs this: $2 -->" 'index($0, what) { on = 1; next } on && /^```$/ { exit } on && !/^```/' "$1"
}
# A folder that looks like the reader's clone; h7gang there sees one virtual board.
here=$work/clone
mkdir -p "$here/build/firmware"
cp build/firmware/demo.hex "$here/build/firmware"
{ printf '\000\000\001\040\001\001\000\010'; head -c 5000 /dev/urandom; } >"$here/app.bin" # stack at 0x20010000, reset at 0x08000101
printf '#!/bin/sh\nexec "%s" --targets 1 --speed 50 -- "%s" "$@"\n' "$sim" "$h7gang" >"$here/build/h7gang"
chmod +x "$here/build/h7gang"
block README.md "first board" >"$work/first"
check "README has the first board" grep -q "h7gang run --profile" "$work/first"
exits 0 "the first board, as printed" env -C "$here" bash -e "$work/first"
check "list shows the board" says "$work/out" "1-1.1"
check "it passes" grep -q '^PASS' "$work/out"
check "the log is intact" says "$work/out" "intact: 1 row"
block docs/engineer.md engineer >"$work/engineer"
check "engineer.md has a profile" grep -q "stm32h723" "$work/engineer"
exits 0 "the profile of an STM32H723 board, as printed" env -C "$here" PATH="$here/build:$PATH" bash -e "$work/engineer"
check "the plan is printed" says "$work/out" "stm32h723xg"
# An ELF file for the STM32H723, whose stack is in its DTCM.
printf '%s\n' .syntax\ unified .cpu\ cortex-m7 .thumb .text '.word 0x20020000, reset + 1' .thumb_func 'reset: b reset' >"$work/app.s"
check "an ELF file" eval 'arm-none-eabi-as -o "$work/app.o" "$work/app.s" &&
	arm-none-eabi-ld -Ttext=0x08000000 -e 0x08000000 -o "$here/app.elf" "$work/app.o"'
block docs/engineer.md labels >"$work/labels"
check "engineer.md has a station with labels" grep -q "scan:" "$work/labels"
exits 0 "the station with labels, as printed" env -C "$here" PATH="$here/build:$PATH" bash -e "$work/labels"
check "the plan is printed" says "$work/out" "ascii of {serial}"
check "and names the key" says "$work/out" "station.key"
printf 'SN004711\nSLOT-A1\nLOT-L7\nOP-17\nOP-x\n' | "$h7gang" scan --test --profile "$here/labels.yaml" >"$work/scans" 2>&1
check "a scan that is damaged is no number" [ "$(grep -c '^  serial:' "$work/scans")" = 1 ]
cp -r profiles "$here"
for example in "virtual board" twin; do
	block docs/characterize.md "$example" >"$work/example"
	exits 0 "$example, as printed" env -C "$here" PATH="$top/build:$PATH" bash -e "$work/example"
	cp "$here/virtual.json" "$here/board.json"
done
check "the twins are programmed" says "$work/out" "8 passed, 0 failed"
for file in README.md CONTRIBUTING.md SECURITY.md docs/*.md tests/README.md; do
	bad_links=$(grep -oE '\]\([^)#]+' "$file" | sed 's/^](//' | grep -v '^http' | while read -r link; do
		[ -e "$(dirname "$file")/$link" ] || echo "$link"
	done)
	check "$file: every link leads somewhere" test -z "$bad_links"
	bad_anchors=$(grep -oE '\]\([^)]*#[^)]+' "$file" | sed 's/^](//' | grep -v '^http' | while IFS='#' read -r target anchor; do
		to=$file
		[ -z "$target" ] || to=$(dirname "$file")/$target
		grep -E '^#+ ' "$to" | tr 'A-Z' 'a-z' | sed 's/^#* //; s/[^a-z0-9 -]//g; s/ /-/g' | grep -qx "$anchor" ||
			echo "$target#$anchor"
	done)
	check "$file: every anchor is a heading" test -z "$bad_anchors"
	[ -z "$bad_links$bad_anchors" ] || echo "# $bad_links $bad_anchors"
done
packages=$(bash -c 'eval "$(sed -n "/^build=/,/^demo=/p" scripts/deps)"; echo $demo' | tr ' ' '\n' | sort)
listed=$(awk '/installs the packages/ { on = 1 } on' README.md | tr '\n' ' ' | grep -oE '`[^`]*`' | sed -n 2p | tr -d '`' |
	tr ' ' '\n' | sort)
check "README.md lists the packages that demo installs" test "$packages" = "$listed"
for package in $(bash -c 'eval "$(sed -n "/^build=/,/-dev\"$/p" scripts/deps)"; echo $build' | tr ' ' '\n' | grep -- '-dev$'); do
	check "CONTRIBUTING.md says what $package is for" grep -q "^|.*$package" CONTRIBUTING.md
done
check "README.md has at most 200 lines" test "$(wc -l <README.md)" -le 200

finish
