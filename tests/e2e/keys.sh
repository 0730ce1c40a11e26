#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The effects of profile keys on boards: ways of erasing, admission, leaving, and time limits.
. "$(dirname "$0")/../lib.sh"

# tray NAME PROFILE-LINES FLEET-LINES...: runs them; the log is $work/NAME.csv.
tray() {
	local name=$1 lines=$2 line p status
	shift 2
	{ echo "seed: 5"; echo "targets:"; for line; do echo "  - {$line}"; done; } >"$work/$name-fleet.yaml"
	p=$(profile "$name" "$lines")
	status=0
	"$sim" --fleet "$work/$name-fleet.yaml" --virtual-time --save "$work/$name" -- \
		"$h7gang" run --profile "$p" --audit "$work/$name.csv" >"$work/out" 2>"$work/err" || status=$?
	[ -s "$work/$name.csv" ] || tail -n 5 "$work/err" | sed 's/^/# /'
	return 0
}

# row LOG BOARD RESULT ERROR METHOD LEAVE DETAIL: the last row of the board's port.
row() {
	local log=$1 port got
	port=$(jq -r .path "$work/${1%.csv}/$2.json")
	got=$(scripts/log-columns "$work/$log" usb_path result error erase_method leave detail |
		awk -F '\t' -v port="$port" '$1 == port' | tail -n 1 | cut -f 2-)
	[ "$(cut -f 1-4 <<<"$got")" = "$3	$4	$5	$6" ] && grep -qE -- "$7" <<<"$(cut -f 5 <<<"$got")" && return
	echo "# $2: $got"
	return 1
}

tray mass "erase: mass" "name: dirty, contents: random" "name: v13.3, bootloader: V13.3, contents: random" \
	"name: partial, contents: random, mass_erase: partial" "name: blank"
check "mass: a dirty part" row mass.csv dirty PASS "" mass ok ""
check "mass: a blank one too" row mass.csv blank PASS "" mass ok ""
check "mass: it holds what it should" flash_is "$work/mass/dirty.bin"
check "mass: not where it cannot be trusted" row mass.csv v13.3 FAIL erase_failed "" "" "V13.3: its mass erase cannot be trusted"
check "mass: what it left is found" row mass.csv partial FAIL erase_failed mass "" "after a mass erase"

tray none "erase: none" "name: blank" "name: dirty, contents: random" "name: elsewhere, contents: random, contents_start: 0x081C0000, contents_bytes: 64"
check "none: a blank part" row none.csv blank PASS "" none ok ""
check "none: dirt is told, not erased" row none.csv dirty FAIL not_blank none "" "expected 0xff, read 0x"
check "none: dirt where the image is not is none of ours" row none.csv elsewhere PASS "" none ok ""

tray broken "erase: none" "name: broken, broken_at: [0x08000040]"
check "none: what cannot be read is not blank" row broken.csv broken FAIL not_blank none "" "cannot be read"

tray roms "" "name: right" && cat >"$work/roms.yaml" <<END
profile: 1
name: roms
target: {part: stm32h743xi, bootloaders: [V9.1, V9.2]}
firmware: [{file: $top/build/firmware/demo.hex}]
END
printf 'seed: 5\ntargets:\n  - {name: right}\n  - {name: other, bootloader: V9.0}\n  - {name: unknown, refuse: id}\n' >"$work/roms-fleet.yaml"
rm -f "$work/roms.csv"
exits 1 "bootloaders: some" "$sim" --fleet "$work/roms-fleet.yaml" --virtual-time --save "$work/roms" -- \
	"$h7gang" run --profile "$work/roms.yaml" --audit "$work/roms.csv"
check "bootloaders: one of them" row roms.csv right PASS "" blank ok ""
check "bootloaders: another" row roms.csv other FAIL bootloader_denied "" "" "0x90 is not in the profile's list"
check "bootloaders: unknown" row roms.csv unknown FAIL bootloader_denied "" "" "cannot be read"

tray required "leave: required" "name: goes" "name: stays, leave: stays" "name: refuses, leave: refuses"
check "leave: required, and it goes" row required.csv goes PASS "" blank ok ""
check "leave: required, and it stays" row required.csv stays FAIL leave_failed blank stayed "did not leave"
check "leave: required, and it refuses" row required.csv refuses FAIL leave_failed blank refused "did not leave"
tray false "leave: false" "name: any"
check "leave: false" row false.csv any PASS "" blank "" ""

tray late "attempts: 1
timeouts: {transfer_ms: 5000, unit_s: 5}" "name: slow, contents: random, sector_ms: 1500" \
	"name: settles, bootloader: V9.1, contents: random" "name: blank-v9.1, bootloader: V9.1, sector_ms: 100"
check "none of them passes" [ "$(rows "$work/late.csv" error unit_timeout)" -ge 1 ]

# A call that does not return: the supervisor writes the row, and the slot is not used again.
shim=$top/build/tests/hangs.so
p=$(profile hangs "attempts: 2")
exits 1 "a call that does not return" timeout $((120 * ${LIMIT_SCALE:-1})) "$sim" --targets 2 --virtual-time -- \
	sh -c 'LD_PRELOAD=$1:$LD_PRELOAD HANGS_AT=1 exec "$2" run --profile "$3" --audit "$4" --count 2' sh \
	"$shim" "$h7gang" "$p" "$work/hangs.csv"
check "its row says so" [ "$(rows "$work/hangs.csv" error unit_timeout)" -eq 1 ]
check "it says what" says "$work/hangs.csv" "a call to the USB system did not return"
check "the other board passes" [ "$(rows "$work/hangs.csv" result PASS)" -eq 1 ]
check "the slot is retired" says "$work/err" "retired"
log_state 0 "the log" "$work/hangs.csv" "intact: "
finish
