#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ports of a fixture: boards in no slot, slots without a board and the devices there instead, two slots
# that name one port.
# limit: 120
. "$(dirname "$0")/../lib.sh"

cat >"$work/bench.fleet" <<'END'
host: {id_paths: true}
hubs: [{path: 1-1, over_current: 7}]
targets:
  - {name: a, path: 1-1.1}
  - {name: app, path: 1-1.2, pid: 0x5740, product: "Controller"}
  - {name: keys, path: 1-1.3, vid: 0x046d, pid: 0xc31c, product: "Keyboard"}
  - {name: silent, path: 1-1.4, faults: [{fault: stall, on: descriptor, count: forever}]}
  - {name: x, path: 2-1.1, repeat: 3}
  - {name: locked, path: 1-1.6, unauthorized: true}
END
slots='slots:
  - {name: A1, path: 1-1.1}
  - {name: A2, path: 1-1.2}
  - {name: A3, path: 1-1.3}
  - {name: A4, path: 1-1.4}
  - {name: A5, path: "pci-0000:00:14.0-usb-0:1.5"}
  - {name: A6, path: 1-1.6}
  - {name: A7, path: 1-1.7}'
p=$(profile bench "attempts: 1
$slots")
bench() {
	"$sim" --virtual-time --fleet "$work/bench.fleet" -- "$h7gang" "$@"
}
exits 1 "a run" bench run --profile "$p" --audit "$work/bench.csv"
cp "$work/err" "$work/run"
exits 0 "list" bench list --profile "$p"
cp "$work/err" "$work/list"
bench doctor --profile "$p" >"$work/doctor" 2>&1
check "an empty port needs no word more" [ "$(cat "$work/run" "$work/list" | grep -cE 'usb-0:1.5\)?: ')" = 0 ]
while IFS='|' read -r what run list doctor; do
	check "run: $what" says "$work/run" "$run"
	check "list: $what" says "$work/list" "$list"
	check "doctor: $what" says "$work/doctor" "$doctor"
done <<'END'
an application|A2: empty, no board at 1-1.2: a board that runs its application (0483:5740 "Controller")|slot A2 is empty (1-1.2): a board that runs its application (0483:5740 "Controller")|slot A2: a board that runs its application (0483:5740 "Controller") is at 1-1.2
another device|A3: empty, no board at 1-1.3: another device (046d:c31c "Keyboard")|slot A3 is empty (1-1.3): another device (046d:c31c "Keyboard")|slot A3: another device (046d:c31c "Keyboard") is at 1-1.3
a device that fails to enumerate|A4: empty, no board at 1-1.4: a device that does not enumerate|slot A4 is empty (1-1.4): a device that does not enumerate|slot A4: a device that does not enumerate is at 1-1.4
nothing|A5: empty, no board at pci-0000:00:14.0-usb-0:1.5|slot A5 is empty (pci-0000:00:14.0-usb-0:1.5)|slot A5: nothing is at pci-0000:00:14.0-usb-0:1.5
a port that its hub has switched off|A7: empty, no board at 1-1.7: nothing (its hub reported over-current: look for a short circuit)|slot A7 is empty (1-1.7): nothing (its hub reported over-current|slot A7: nothing (its hub reported over-current: look for a short circuit) is at 1-1.7
boards in no slot|3 boards at 2-1.1, 2-1.2, 2-1.3 are in no slot: h7gang slots --learn|3 boards at 2-1.1, 2-1.2, 2-1.3 are in no slot: h7gang slots --learn|2-1.2: this board is in no slot of the profile
a board that is not authorized|A6: The computer is at fault, not the board|the kernel has not authorized it|1-1.6: the kernel has not authorized it
END
check "run: boards in no slot are told once" test "$(grep -c 'in no slot' "$work/run")" -eq 1
exits 1 "--json tells what is at the port" bench run --json --profile "$p" --audit "$work/json.csv"
check "json: in the event empty" jq -es 'map(select(.event == "empty" and .slot == "A3"))[0].text | test("Keyboard")' "$work/out"
exits 0 "a watch tells of boards in no slot" timeout --preserve-status -s TERM 20 "$sim" --fleet "$work/bench.fleet" --speed 50 -- \
	bash -c '"$0" run --watch --count 1 --slot A1 --profile "$1" --audit "$2"' "$h7gang" "$p" "$work/watch.csv"
check "watch: by their ports" says "$work/err" "3 boards at 2-1.1, 2-1.2, 2-1.3 are in no slot"

# The same port in the kernel's name and in udev's form.
twins=$(profile twins "slots:
  - {name: A1, path: 1-1.1}
  - {name: B1, path: \"pci-0000:00:14.0-usb-0:1.1\"}")
exits 2 "two slots name one port" bench run --profile "$twins" --audit "$work/twins.csv"
check "twins: it says which" says "$work/err" "slots A1 and B1 of the profile name the same port: 1-1.1 is pci-0000:00:14.0-usb-0:1.1"
check "twins: no row" test ! -s "$work/twins.csv"
bench doctor --profile "$twins" >"$work/doctor" 2>&1
check "doctor names them" says "$work/doctor" "slots A1 and B1 name the same port"
exits 0 "list names them" bench list --profile "$twins"
check "list says it" says "$work/err" "slots A1 and B1 name the same port"
exits 0 "ports of two controllers are two" bench run --profile "$(profile apart "slots:
  - {name: A1, path: 1-1.1}
  - {name: B1, path: \"pci-0000:00:15.0-usb-0:1.1\"}")" --audit "$work/apart.csv"
check "apart: two boards" test "$(rows "$work/apart.csv" result PASS)" -eq 2
finish
