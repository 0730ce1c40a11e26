#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One port of a hub is switched off and on by the kernel's own attribute: its board leaves and comes back as
# a new device, and is programmed there.
. "$(dirname "$0")/lib.sh"

wait_boards 12 60
switch=$(echo /sys/bus/usb/devices/1-2:1.0/1-2-port1/disable)
[ -w "$switch" ] || { echo "this kernel has no $switch"; exit 77; }
before=$(cat /sys/bus/usb/devices/1-2.1/devnum)
echo 1 >"$switch"
wait_boards 11 20
boards | grep -qx 1-2.1 && fail "the board of the port that is off is on the bus"
echo 0 >"$switch"
wait_boards 12 60
[ "$(cat /sys/bus/usb/devices/1-2.1/devnum)" != "$before" ] || fail "it did not come back as a new device"
hub_profile bench.yaml 'erase: touched'
"$h7gang" run --profile bench.yaml --slot B1
same "its verdict" PASS "$(row log.csv B1 result)"
