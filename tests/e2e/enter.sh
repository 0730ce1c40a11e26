#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# From the application into the bootloader and out again: enter by DFU detach, by 1200 baud and by a command; boot
# proves what starts. Only ports of slots are asked. With --watch the application shows whether a board still lies there.
. "$(dirname "$0")/../lib.sh"

slots="slots:
  - {name: A1, path: 1-1.1}
  - {name: A2, path: 1-1.2}
  - {name: A3, path: 1-1.3}"
boot='boot: {usb: {vid: 0x1234, pid: 0x5678, product: "Controller"}}'
cat >"$work/fleet.yaml" <<END
hubs: [{path: 1-1, ports: 7}]
defaults:
  powers_up: application
  contents: {file: $top/build/firmware/demo.flash}
  application: {vid: 0x1234, pid: 0x5678, product: Controller, detach: true, touch: true}
targets:
  - {name: a1, path: 1-1.1}
  - {name: a2, path: 1-1.2, application: {vid: 0x1234, pid: 0x5678, product: Controller}}
  - {name: a3, path: 1-1.3, contents: blank}
  - {name: other, path: 1-1.4}
END
run_with() { # PROFILE [ARGUMENT...]
	local profile=$1
	shift
	rm -f "$work"/log.csv*
	"$sim" --fleet "$work/fleet.yaml" ${pace:---virtual-time} --save "$work/saved" --control "$work/hands" -- \
		"$h7gang" run --profile "$profile" --audit "$work/log.csv" --quiet "$@"
}
cell() { # SLOT COLUMN: of its last row
	paste -d '\t' <(column "$work/log.csv" slot) <(column "$work/log.csv" "$2") | sed -n "s/^$1\t//p" | tail -n 1
}
is() { # SLOT COLUMN VALUE
	[ "$(cell "$1" "$2")" = "$3" ] || { echo "# $1 $2: $(cell "$1" "$2")"; return 1; }
}
tells() { # SLOT TEXT
	cell "$1" detail | grep -qF -- "$2" || { echo "# $1: $(cell "$1" detail)"; return 1; }
}

for by in detach touch; do
	exits 1 "enter by $by" run_with "$(profile $by "$slots
enter: {usb: {vid: 0x1234, pid: 0x5678}, by: $by}
$boot")"
	check "the board enters its bootloader and passes" is A1 result PASS
	check "which its row tells" tells A1 "entered from 1234:5678"
	check "it starts its application again" is A1 boot '1234:5678 "Controller"'
	check "a board that is in its bootloader passes" is A3 result PASS
	check "an application without that interface is told" tells A2 "it has no"
	check "no other port is asked" test "$(jq .counters.requests "$work/saved/other.json")" -le 8
done

cat >"$work/button" <<END
#!/bin/bash
slot=\$(jq -r .slot)
"$sim" ctl "$work/hands" enter "\${slot,,}" >/dev/null
END
chmod +x "$work/button"
pace="--speed 20" # commands do not live in virtual time
exits 0 "enter by a command" run_with "$(profile command "$slots
enter: {usb: {vid: 0x1234, pid: 0x5678}, by: command, command: [./button]}
$boot")"
check "all boards pass" test "$(rows "$work/log.csv" result PASS)" -eq 3
exits 1 "a command that does nothing" run_with "$(profile idle "$slots
attempts: 1
enter: {usb: {vid: 0x1234, pid: 0x5678}, by: command, command: [\"true\"], within_s: 3}")"
check "ends in a bound time" tells A1 "its ROM bootloader did not appear within 3 s"
check "as no_device" is A1 error no_device
exits 1 "a command that fails" run_with "$(profile fails "$slots
attempts: 1
enter: {usb: {vid: 0x1234, pid: 0x5678}, by: command, command: [\"false\"]}")"
check "is told" tells A1 "command false: it failed"

pace=--virtual-time

# The descriptors of the application
exits 1 "another product" run_with "$(profile product "$slots
leave: true
boot: {usb: {vid: 0x1234, pid: 0x5678, product: Toaster}, within_s: 2}")"
check "is wrong_product" is A3 error wrong_product
check "and its row has what was seen" is A3 boot '1234:5678 "Controller"'
exits 1 "an application that does not show" run_with "$(profile nothing "$slots
boot: {usb: {vid: 0x1234, pid: 0x9999}, within_s: 2}")"
check "is wrong_product if another one does" is A3 error wrong_product
sed 's/, application: {vid: 0x1234.*}}$/, application: {vid: 0x1234, pid: 0x5678, start_ms: 9000}}/; s/^  application:.*/  boot0_high: false/' \
	"$work/fleet.yaml" | grep -v 'name: a[13]\|other' >"$work/slow.yaml"
sed -i 's/contents: {file.*/contents: blank/' "$work/slow.yaml"
rm -f "$work"/log.csv*
exits 1 "an application that comes too late" "$sim" --fleet "$work/slow.yaml" --virtual-time -- \
	"$h7gang" run --profile "$(profile late "$slots
boot: {usb: {vid: 0x1234, pid: 0x5678}, within_s: 2}")" --audit "$work/log.csv" --quiet
check "is no_boot" is A2 error no_boot

# The serial number of the board
cat >"$work/serial.fleet" <<'END'
hubs: [{path: 1-1, ports: 7}]
defaults: {powers_up: application}
targets:
  - {path: 1-1.1, application: {vid: 0x1234, pid: 0x5678, serial_at: 0x081FFF00}}
  - {path: 1-1.2, application: {vid: 0x1234, pid: 0x5678}}
END
rm -f "$work"/log.csv*
exits 1 "the serial number in USB" "$sim" --fleet "$work/serial.fleet" --virtual-time -- \
	"$h7gang" run --profile "$(profile serial "$slots
serial:
  source: {counter: {file: sn.state, start: 7, end: 11, format: \"A7-{:06d}\"}}
  patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0x00}]
boot: {usb: {vid: 0x1234, pid: 0x5678, serial: \"{serial}\"}, within_s: 2}")" --audit "$work/log.csv" --quiet
check "is compared with the board's" is A1 boot "1234:5678 $(cell A1 unit_serial)"
check "and passes" is A1 result PASS
check "a board that shows none is wrong_product" is A2 error wrong_product

# A station
rm -f "$work"/log.csv*
watch=$(profile watch "$slots
enter: {usb: {vid: 0x1234, pid: 0x5678}, by: detach}
$boot")
hand() { "$sim" ctl "$work/hands" "$@" >/dev/null; }
: >"$work/out" >"$work/err" # those of the run before are no answers
"$sim" --fleet "$work/fleet.yaml" --speed 20 --control "$work/hands" -- \
	"$h7gang" run --watch --profile "$watch" --audit "$work/log.csv" --slot A1 >"$work/out" 2>"$work/err" &
station=$!
passes() { [ "$(grep -c '^PASS' "$work/out")" -eq "$1" ]; }
check "a station programs the board" wait_for 30 passes 1
sleep 1 # 20 s of the fleet's: looks at the bus would have found the application
check "it does not ask the application of a board that passed" passes 1
check "the slot is not free while the application shows" test "$(grep -c 'A1: ready for the next board' "$work/err")" -eq 0
hand unplug a1
check "it is free once the application is gone" wait_for 20 says "$work/err" "A1: ready for the next board"
sleep 0.5
hand unplug other; hand plug other 1-1.1
check "the next board that runs its application is asked" wait_for 30 passes 2
kill -INT "$station"
wait "$station" 2>/dev/null
finish
