#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Devices that stop answering: the request times out, the kernel reaps the cancelled URB, the handle closes;
# and once the part has had its power cut, the same port is good for another unit.
. "$(dirname "$0")/lib.sh"

inside() {
	local status=0 name

	profile bench.yaml 'erase: touched' 'leave: false' 'timeouts: {transfer_ms: 1000}' \
		'audit: {file: log.csv}'
	"$h7gang" run --profile bench.yaml --all-slots || status=$?
	same "status of the run" 1 "$status"
	same "verdict of healthy" PASS "$(row log.csv healthy result)"
	same "verdict of once" PASS "$(row log.csv once result)"
	for name in hung latched; do
		same "verdict of $name" FAIL "$(row log.csv $name result)"
		"$tree/build/h7gang-sim" ctl control unplug $name
		"$tree/build/h7gang-sim" ctl control plug $name
	done
	status=0
	"$h7gang" run --profile bench.yaml --slot hung --slot latched --count 2 || status=$?
	same "status of the second run" 0 "$status"
	for name in once hung latched healthy; do
		same "verdict of $name" PASS "$(row log.csv $name result)"
		read_back "$(port_of $name)" 0x08000000 8192 "$name-1.bin"
		read_back "$(port_of $name)" 0x08100000 8192 "$name-2.bin"
	done
}
enter "$@"

# A kernel that is asked to reset a part that is dead tries for a minute or two; here it shall give up soon.
patience=/sys/module/usbcore/parameters/initial_descriptor_timeout
before=$(cat $patience)
echo 300 >$patience
trap 'echo "$before" >$patience' EXIT
bench --fleet "$fleets/silent.yaml" --speed 4 --control control
"$h7gang" audit verify log.csv
whole 1 >whole-1.bin
whole 2 >whole-2.bin
for name in once hung latched healthy; do
	cmp -n 8192 whole-1.bin $name-1.bin
	cmp -n 8192 whole-2.bin $name-2.bin
done
