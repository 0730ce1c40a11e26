#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Why there is this program: on ROM V9.0 dfu-util never ends its first erase in bank 2; h7gang does.
. "$(dirname "$0")/lib.sh"

inside() {
	local status=0

	profile bench.yaml 'erase: touched' 'leave: false' 'audit: {file: log.csv}'
	head -c 5120 <(seq 50001 52000) >theirs.bin
	timeout 15 dfu-util -d 0483:df11 -p "$(port_of theirs)" -a 0 -s 0x08100000 -D theirs.bin \
		>dfu-util.log 2>&1 || status=$?
	same "dfu-util, which timeout had to end" 124 "$status"
	status=0
	"$h7gang" run --profile bench.yaml --slot ours --count 1 || status=$?
	same "h7gang" 0 "$status"
	read_back "$(port_of ours)" 0x08100000 8192 ours-2.bin
}
enter "$@"

bench --fleet "$fleets/wedge.yaml" --speed 4
whole 2 >whole-2.bin
cmp -n 8192 whole-2.bin ours-2.bin
