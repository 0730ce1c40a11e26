#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fleet's hubs, judged by programs that are not ours: uhubctl, lsusb and pyusb. They must load the
# stand-in, see the hubs of the fleet file, and switch their ports.
. "$(dirname "$0")/../lib.sh"
for program in uhubctl lsusb; do
	command -v $program >/dev/null || { echo "no $program"; exit 77; }
done
/usr/bin/python3 -c 'import usb' 2>/dev/null || { echo "no python3-usb"; exit 77; }

cat >"$work/fleet.yaml" <<'END'
hubs:
  - {path: 1-1, ports: 4, tt: single, power: port, product: "Bench Hub"}
  - {path: 1-2, ports: 7, power: ganged}
  - {path: 1-2.7, ports: 3, speed: full}
  - {path: 1-3, ports: 4, power: claimed}
  - {path: 1-4, ports: 4, power: port, disable: false}
  - {path: 1-5, ports: 4, power: logical}
targets:
  - {path: 1-1.1, repeat: 2}
  - {path: 1-2.1, repeat: 2}
  - {path: 1-2.7.1}
  - {path: 1-3.1}
  - {path: 1-4.1}
  - {path: 1-5.1}
END

boards() { # on the bus
	lsusb -d 0483:df11 | wc -l
}
export -f boards

exits 0 "uhubctl lists the hubs" "$sim" --fleet "$work/fleet.yaml" -- uhubctl
check "by name and kind" says "$work/out" "hub 1-1 [05e3:0610 h7gang-sim Bench Hub, USB 2.00, 4 ports, ppps]"
check "with what is in them" says "$work/out" "Port 1: 0103 power enable connect [0483:df11 STMicroelectronics DFU in FS Mode"

# Through the kernel's attribute, and by requests to the hub where the kernel has none.
for port in 1-1:2 1-4:1 1-5:1; do
	exits 0 "port $port is switched off and on" "$sim" --fleet "$work/fleet.yaml" -- bash -c '
		boards; uhubctl -l "$0" -p "$1" -a off >/dev/null; boards
		uhubctl -l "$0" -p "$1" -a on >/dev/null; sleep 0.3; boards' "${port%:*}" "${port#*:}"
	check "its board leaves the bus and returns" test "$(xargs <"$work/out")" = "8 7 8"
done
exits 0 "the kernel's attribute follows what a request did" "$sim" --fleet "$work/fleet.yaml" -- \
	/usr/bin/python3 -c '
import os, usb.core
hub = usb.core.find(custom_match=lambda d: d.port_numbers == (1,))
read = lambda: open(os.environ["H7GANG_SIM_SYSFS"] + "/1-1:1.0/1-1-port2/disable").read().strip()
print(read())
hub.ctrl_transfer(0x23, 1, 8, 2)
print(read())'
check "off is 1" test "$(xargs <"$work/out")" = "0 1"

exits 0 "a hub that only claims to switch" "$sim" --fleet "$work/fleet.yaml" -- bash -c '
	uhubctl -l 1-3 -p 1 -a off >/dev/null; boards'
check "keeps its board" test "$(xargs <"$work/out")" = 8
exits 0 "a ganged hub" "$sim" --fleet "$work/fleet.yaml" -- bash -c '
	uhubctl -f -l 1-2 -p 1 -a off >/dev/null; boards'
check "keeps its boards while a port is on" test "$(xargs <"$work/out")" = 8

exits 0 "lsusb -t draws the tree" "$sim" --fleet "$work/fleet.yaml" -- lsusb -t
check "with each hub and its ports" test "$(grep -c 'Class=Hub, Driver=hub/' "$work/out")" -eq 6
check "and each board behind its hub" test \
	"$(grep -A1 'Driver=hub/3p, 12M' "$work/out" | grep -c 'Port 0*1: .*Class=Application Specific')" -eq 1
check "and misses no file" test -z "$(grep -v "^ignoring" "$work/err")"

exits 0 "lsusb -v reads every descriptor" "$sim" --fleet "$work/fleet.yaml" -- lsusb -v
check "of hubs" says "$work/out" "Per-port power switching"
check "of boards" says "$work/out" "Device Firmware Upgrade"
check "and tells translators" says "$work/out" "Single TT"

cat >"$work/parents.py" <<'END'
import usb.core
for device in sorted(usb.core.find(find_all=True, idVendor=0x0483), key=lambda d: d.port_numbers):
    hub = device.parent
    print(".".join(map(str, device.port_numbers)), ".".join(map(str, hub.port_numbers or ())), hub.speed)
END
exits 0 "a pyusb program finds each board's hub" "$sim" --fleet "$work/fleet.yaml" -- \
	/usr/bin/python3 "$work/parents.py"
check "and its speed" test "$(xargs <"$work/out")" = "1.1 1 3 1.2 1 3 2.1 2 3 2.2 2 3 2.7.1 2.7 2 3.1 3 3 4.1 4 3 5.1 5 3"

exits 0 "a hub is unplugged by hand" "$sim" --fleet "$work/fleet.yaml" --control "$work/hands" -- bash -c '
	boards; "$0" ctl "$1" unplug-hub 1-2 >/dev/null; boards; lsusb -d 05e3: | wc -l
	"$0" ctl "$1" plug-hub 1-2 >/dev/null; sleep 0.3; boards; lsusb -d 05e3: | wc -l' "$sim" "$work/hands"
check "its hubs and boards leave and return" test "$(xargs <"$work/out")" = "8 5 4 8 6"

cat >"$work/sharing.yaml" <<'END'
hubs:
  - {path: 1-1, tt: single}
  - {path: 1-2, tt: multi}
  - {path: 1-3, speed: full}
  - {path: 1-4, speed: full}
targets: [{path: 1-1.1}, {path: 1-1.2}, {path: 1-2.1}, {path: 1-3.1}, {path: 1-3.2}, {path: 1-4.1}, {path: 1-5}, {path: 1-6}]
END
exits 0 "h7gang lists boards with the wire that they share" "$sim" --fleet "$work/sharing.yaml" -- "$h7gang" list
check "by translator, port and hub" test "$(awk '/^1-/ { print $1, $NF }' "$work/out" | xargs)" = \
	"1-1.1 1-1 1-1.2 1-1 1-2.1 - 1-3.1 1-3 1-3.2 1-3 1-4.1 - 1-5 usb1 1-6 usb1"
check "and the tree of hubs" says "$work/out" "1-1  480 Mbit/s, one translator for all ports, cannot switch its ports  Virtual Hub"
exits 0 "the machine's own devices stay out of sight" "$sim" --fleet "$work/sharing.yaml" -- \
	bash -c 'lsusb -t 2>/dev/null | wc -l; lsusb | wc -l'
check "of lsusb" test "$(tail -n 1 "$work/out")" -eq 13

libusb=$(ldconfig -p | awk '/libusb-1.0.so.0 .*x86-64/ { print $NF; exit }')
if [ -n "$libusb" ]; then
	nm -D "$libusb" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/theirs"
	nm -D build/sim/libusb-1.0.so.0 | awk '$2 == "T" { print $3 }' | sort -u >"$work/ours"
	check "the stand-in exports every call of libusb" test -z "$(comm -23 "$work/theirs" "$work/ours")"
fi
finish
