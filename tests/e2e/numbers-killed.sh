#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# A kill, half a write or a power cut at each write and sync of a number file and its second place: the station goes on,
# and no number is given twice. Every STEPth call, and in the first place another one for each; tests/long takes all.
. "$(dirname "$0")/../lib.sh"

shim=$top/build/tests/failfs.so
export STATE_DIRECTORY=$work/disk/state
head -c 2048 build/firmware/demo.flash >"$work/app.bin"
mkdir "$work/disk"
cat >"$work/p.yaml" <<END
profile: 1
name: killed
target: {part: stm32h750xb}
firmware: [{file: app.bin, address: 0x08000000}]
erase: touched
leave: false
serial:
  source: {counter: {file: disk/sn.state, start: 1, end: 999, format: "K{:03d}"}}
  patch: [{address: 0x08008000, encode: ascii, length: 8}]
END
seed=0
step=${STEP:-13}
turn=0
# board NAME [VARIABLES]: one new board, its flash in $work/flash/NAME.
board() {
	local name=$1
	shift
	seed=$((seed + 1))
	printf 'seed: %d\ntargets: [{name: board, part: stm32h750xb}]\n' $seed >"$work/fleet.yaml"
	env "$@" "$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$work/flash/$name" -- \
		env ${shimmed:+LD_PRELOAD="$shim"} "$h7gang" run --profile "$work/p.yaml" --audit "$work/log.csv" --quiet
}
numbers() { # of all flashes that have one
	local flash
	for flash in "$work"/flash/*/board.bin; do
		dd if="$flash" bs=1 skip=$((0x8000)) count=4 2>/dev/null | tr -d '\377\0'
		echo
	done | grep .
}
fresh() { # [OLD]: with OLD, a file of a version without second places
	rm -rf "$work/disk" "$work/flash" "$work"/log.csv*
	mkdir -p "$work/disk" "$work/flash"
	[ -z "${1-}" ] || printf 'h7gang numbers 1\ntake\t3\tK003\t-\tu-1\npass\t3\tK003\t-\t-\n' >"$work/disk/sn.state"
}
calls() { # MODE: how many there are in such a run
	shimmed=yes board counted FAILFS_MATCH=disk FAILFS_MODE="$1" FAILFS_COUNT="$work/calls" >/dev/null 2>&1
	cat "$work/calls"
}

# interrupted MODE WHAT [OLD]: each call in turn, then a run as usual.
interrupted() {
	local mode=$1 what=$2 old=${3-} count bad_runs=0 twice=0 call
	fresh $old
	[ "$what" != "a second run" ] || board before >/dev/null 2>&1
	count=$(calls "$mode")
	for ((call = turn++ % step + 1; call <= count; call += step)); do
		fresh $old
		[ "$what" != "a second run" ] || board before >/dev/null 2>&1
		shimmed=yes board killed FAILFS_MATCH=disk FAILFS_MODE="$mode" FAILFS_CALL=$call >/dev/null 2>&1
		board after >"$work/out" 2>"$work/err" || { bad_runs=$((bad_runs + 1)); echo "# $mode $call: $(cat "$work/err")"; }
		[ -z "$(numbers | sort | uniq -d)" ] || { twice=$((twice + 1)); echo "# $mode $call: $(numbers | tr '\n' ' ')"; }
	done
	check "$mode, $what: $count calls" [ "$count" -ge 3 ]
	check "$mode, $what: the station goes on" [ "$bad_runs" -eq 0 ]
	check "$mode, $what: no number twice" [ "$twice" -eq 0 ]
}
interrupted torn "a first run"
interrupted cut "a first run"
interrupted torn "a second run"
interrupted cut "a second run"
interrupted kill "a file without an ID" old
interrupted cut "a file without an ID" old
finish
