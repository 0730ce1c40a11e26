#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel, dfu-util and h7gang all see 20 boards of one and the same serial, on several controllers.
. "$(dirname "$0")/lib.sh"

inside() {
	local port serials

	same "boards on the bench" 20 "$(ports | sort -u | wc -l)"
	serials=$(for port in $(ports); do cat "/sys/bus/usb/devices/$port/serial"; done)
	same "serials" 1 "$(echo "$serials" | sort -u | wc -l)"
	for port in $(ports); do
		same "speed of $port" 12 "$(cat "/sys/bus/usb/devices/$port/speed")"
	done
	[ "$(ports | cut -d - -f 1 | sort -u | wc -l)" -gt 1 ] || fail "all on one bus"

	dfu-util -l >dfu-util.log 2>&1
	"$h7gang" list >list.log
	cat list.log
	grep -q '^usb[0-9]*  480 Mbit/s' list.log || fail "h7gang list draws no tree of hubs"
	for port in $(ports); do
		same "dfu-util on $port" 2 "$(grep -c "path=\"$port\"" dfu-util.log)"
		grep -qE "(^|[[:space:]])$port([[:space:]]|\$)" list.log || fail "h7gang list lacks $port"
	done
}
enter "$@"

bench --targets 20
same "ports still taken" 0 "$(awk '$3 == "006"' /sys/devices/platform/vhci_hcd.0/status* | wc -l)"
