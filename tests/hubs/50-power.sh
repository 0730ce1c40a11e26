#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang power on a real hub driver: a port is switched off, on and cycled; its board leaves and comes back as a new
# device, and the kernel's attribute says the same.
. "$(dirname "$0")/lib.sh"

wait_boards 12 60
switch=$(echo /sys/bus/usb/devices/1-2:1.0/1-2-port1/disable)
[ -w "$switch" ] || { echo "this kernel has no $switch"; exit 77; }
"$h7gang" power 1-2.1 off
wait_boards 11 20
same "the port, as the kernel sees it" 1 "$(cat "$switch")"
"$h7gang" power 1-2.1 on
wait_boards 12 60
before=$(cat /sys/bus/usb/devices/1-2.1/devnum)
"$h7gang" power 1-2.1 cycle
wait_boards 12 60
[ "$(cat /sys/bus/usb/devices/1-2.1/devnum)" != "$before" ] || fail "it did not come back as a new device"
