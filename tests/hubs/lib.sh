# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the tests of this folder. They run inside the machine of scripts/check-hubs, where twelve
# boards stand behind three hubs: a1..a4 at 1-1.1..4, b1..b4 at 1-2.1..4, c1..c4 at 1-1.8.1..4.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../kernel/lib.sh"
out=${H7GANG_OUT:?}

# The ports where a board is on the bus, one a line.
boards() {
	grep -lx df11 /sys/bus/usb/devices/*-*/idProduct 2>/dev/null | cut -d / -f 6 | sort -V
}

# wait_boards COUNT SECONDS
wait_boards() {
	local end=$((SECONDS + $2))
	while [ "$(boards | wc -l)" -ne "$1" ]; do
		[ $SECONDS -lt $end ] || fail "there are not $1 boards after $2 s but: $(boards | xargs)"
		sleep 0.2
	done
}

# hands LINE...: has the lines done at QEMU's monitor, outside the machine, one after the other.
hands() {
	local name end=$((SECONDS + 60))
	name=$out/hands/$(date +%s%N)
	printf '%s\n' "$@" >"$name.new"
	mv "$name.new" "$name.do"
	while [ ! -f "$name.done" ]; do
		[ $SECONDS -lt $end ] || fail "these were not carried out: $*"
		sleep 0.1
	done
	! grep -q '"error"' "$name.done" || fail "QEMU: $(cat "$name.done")"
}

# hub_profile FILE [LINE...]: two pieces of 5000 bytes, one in each bank, and a slot for each board.
hub_profile() {
	local file=$1 line
	shift
	images
	{
		printf '%s\n' 'profile: 1' 'name: hubs' 'target: {part: stm32h743xi}' 'firmware:' \
			'  - {file: bank1.bin, address: 0x08000000}' \
			'  - {file: bank2.bin, address: 0x08100000}' \
			'leave: false' 'audit: {file: log.csv}'
		for line in "$@"; do
			printf '%s\n' "$line"
		done
		echo 'slots:'
		for hub in A:1-1 B:1-2 C:1-1.8; do
			for port in 1 2 3 4; do
				echo "  - {name: ${hub%%:*}$port, path: ${hub#*:}.$port}"
			done
		done
	} >"$file"
}
