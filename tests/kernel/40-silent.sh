#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boards that stop answering, with the kernel's default time-outs: a USB reset of a dead board then holds the
# board's lock for minutes. Other boards start and pass meanwhile, signals are heeded, and the row of the dead
# board is on disk within unit_s and 30 s. After a power cycle the same port is good for another unit.
. "$(dirname "$0")/lib.sh"

unit_s=40

control() {
	"$tree/build/h7gang-sim" ctl control "$@" >/dev/null
}

# wait_row SLOT VERDICT: until the slot's last row has it.
wait_row() {
	local left=600
	until [ "$(row log.csv "$1" result 2>/dev/null)" = "$2" ]; do
		left=$((left - 1))
		[ $left -gt 0 ] || fail "no $2 of $1 within two minutes"
		sleep 0.2
	done
}

# in_time SLOT: the slot's last row was written within unit_s and 30 s of its start.
in_time() {
	local from to
	from=$(date +%s -d "$(row log.csv "$1" started_at)")
	to=$(date +%s -d "$(row log.csv "$1" finished_at)")
	[ $((to - from)) -le $((unit_s + 30)) ] || fail "the row of $1 took $((to - from)) s"
}

inside() {
	local status=0 name run

	profile bench.yaml 'erase: touched' 'leave: false' "timeouts: {transfer_ms: 1000, unit_s: $unit_s}" \
		'audit: {file: log.csv}'
	control unplug late
	"$h7gang" run --profile bench.yaml --watch >out 2>err &
	run=$!
	wait_row healthy PASS
	wait_row once PASS
	sleep 10 # both dead boards are being reset by now
	control plug late
	wait_row late PASS
	[ -z "$(row log.csv hung result)" ] || fail "the dead board's reset is over too early to tell"
	kill -TERM $run
	sleep 3
	grep -q 'ending' err || fail "the signal was not heeded within 3 s"
	for name in hung latched; do
		wait_row $name FAIL
		in_time $name
	done
	for name in hung latched; do # the kernel lets go of a process in a reset when the board goes
		control unplug $name
		control plug $name
	done
	wait $run || status=$?
	same "status of the run" 1 "$status"
	status=0
	"$h7gang" run --profile bench.yaml --slot hung --slot latched --count 2 || status=$?
	same "status of the second run" 0 "$status"
	for name in once hung latched late healthy; do
		same "verdict of $name" PASS "$(row log.csv $name result)"
		read_back "$(port_of $name)" 0x08000000 8192 "$name-1.bin"
		read_back "$(port_of $name)" 0x08100000 8192 "$name-2.bin"
	done
}
enter "$@"

bench --fleet "$fleets/silent.yaml" --speed 4 --control control
"$h7gang" audit verify log.csv
whole 1 >whole-1.bin
whole 2 >whole-2.bin
for name in once hung latched late healthy; do
	cmp -n 8192 whole-1.bin $name-1.bin
	cmp -n 8192 whole-2.bin $name-2.bin
done
