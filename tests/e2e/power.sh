#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Port power: `h7gang power` switches or refuses, and uhubctl sees the same.
. "$(dirname "$0")/../lib.sh"
command -v uhubctl >/dev/null || { echo "no uhubctl"; exit 77; }

cat >"$work/fleet.yaml" <<'END'
hubs:
  - {path: 1-1, ports: 4, power: port}
  - {path: 1-2, ports: 4, power: ganged}
  - {path: 1-3, ports: 4, power: claimed}
  - {path: 1-4, ports: 4, power: port, disable: false}
  - {path: 1-5, ports: 1, power: ganged}
targets:
  - {path: 1-1.1, repeat: 2}
  - {path: 1-2.1}
  - {path: 1-3.1}
  - {path: 1-4.1}
  - {path: 1-5.1}
  - {path: 1-6}
END
fleet() {
	"$sim" --fleet "$work/fleet.yaml" --virtual-time -- "$@"
}
slots=$(profile slots "slots: [{name: A1, path: 1-1.1, power: true}, {name: A2, path: 1-1.2}]
power: {off_ms: 300}")

# By the kernel's attribute, by requests, and of a hub with one port.
for port in 1-1.1 1-4.1 1-5.1; do
	exits 0 "cycle $port" fleet "$h7gang" power $port cycle
	check "$port comes back" says "$work/out" "$port is on: 0483:df11 \"DFU in FS Mode\""
done
exits 0 "a slot is switched off" fleet bash -c '
	"$0" power A1 off --profile "$1"; uhubctl -l 1-1 -p 1 | grep Port; "$0" list | grep "1-1.1"
	"$0" power A1 on --profile "$1"; uhubctl -l 1-1 -p 1 | grep Port' "$h7gang" "$slots"
check "uhubctl sees it off and on" test "$(grep -cE 'Port 1: 0000 off|Port 1: 0103 power enable connect' "$work/out")" -eq 2
check "list draws it" says "$work/out" "1-1.1  power is off"
exits 0 "what uhubctl switches off" fleet bash -c 'uhubctl -l 1-4 -p 1 -a off >/dev/null; "$0" list' "$h7gang"
check "list draws, too" says "$work/out" "1-4.1  power is off"
exits 0 "the same as JSON" fleet bash -c 'uhubctl -l 1-4 -p 1 -a off >/dev/null; "$0" list --json' "$h7gang"
check "names the port" test "$(jq -c '.hubs[] | select(.path == "1-4") | [.switching, .off]' "$work/out")" = '["port",["1-4.1"]]'
check "and what each hub can switch" test "$(jq -r '.hubs[] | .path + " " + .switching' "$work/out" | sort | paste -sd,)" = \
	"1-1 port,1-2 ganged,1-3 port,1-4 port,1-5 port,usb1 none"
check "a hub whose ports are on has none that is off" test "$(jq -c '.hubs[] | select(.path == "1-1").off' "$work/out")" = "[]"

exits 2 "a ganged hub" fleet "$h7gang" power 1-2.1 cycle
check "is refused" says "$work/err" "1-2.1: hub 1-2 switches all its ports together"
exits 2 "a hub that cannot switch" fleet "$h7gang" power 1-6 off
check "is refused as such" says "$work/err" "1-6: hub usb1 says that it cannot switch the power of its ports"
exits 1 "a hub that does not cut the power" fleet "$h7gang" power 1-3.1 cycle
check "is found out" says "$work/err" "its device stayed on the bus"
exits 2 "a port that is not there" fleet "$h7gang" power 1-9.1 on
exits 2 "a slot without a profile" fleet "$h7gang" power A1 on
exits 2 "a slot that is not in the profile" fleet "$h7gang" power A9 on --profile "$slots"
exits 2 "another word" fleet "$h7gang" power 1-1.1 of

fleet "$h7gang" doctor --profile "$slots" >"$work/out" 2>&1
check "doctor tells what hubs switch" says "$work/out" "hub 1-2 switches the power of all its ports together"
check "and that the slot's port can be switched" says "$work/out" "slot A1 (1-1.1): the port can be switched"
ganged=$(profile ganged "slots: [{name: B1, path: 1-2.1, power: true}]")
fleet "$h7gang" doctor --profile "$ganged" >"$work/out" 2>&1
check "and that a slot's cannot" says "$work/out" "WRONG  slot B1 (1-2.1) has power: true, but hub 1-2 switches"
finish
