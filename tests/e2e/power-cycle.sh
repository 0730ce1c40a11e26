#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# A run cycles the power of ports: boards that hang, option bytes, a start from cold. A cycle that did not take
# effect is found; ports are on again at the end, and after a run that was killed; a port in use is not switched.
. "$(dirname "$0")/../lib.sh"

slot() { # NAME PATH
	echo "  - {name: $1, path: $2, power: true}"
}
run_on() { # FLEET PROFILE [ARGUMENT...]: a run on virtual time, its log in $work/log.csv
	local fleet=$1 profile=$2
	shift 2
	rm -f "$work"/log.csv*
	"$sim" --fleet "$fleet" --virtual-time --save "$work/saved" -- \
		"$h7gang" run --profile "$profile" --audit "$work/log.csv" --quiet "$@"
}
cell() { # SLOT COLUMN
	paste -d '\t' <(column "$work/log.csv" slot) <(column "$work/log.csv" "$2") | sed -n "s/^$1\t//p"
}
is() { # SLOT COLUMN VALUE
	[ "$(cell "$1" "$2")" = "$3" ] || { echo "# $1 $2: $(cell "$1" "$2")"; return 1; }
}
tells() { # SLOT TEXT
	cell "$1" detail | grep -qF -- "$2" || { echo "# $1: $(cell "$1" detail)"; return 1; }
}

# Boards that hang
cat >"$work/hang.fleet" <<'END'
hubs:
  - {path: 1-1, ports: 4, power: port}
  - {path: 1-2, ports: 4, power: claimed}
  - {path: 1-3, ports: 4, power: logical}
  - {path: 1-4, ports: 4, power: port, disable: false}
  - {path: 1-5, ports: 4, power: port, usb3: 2-5}
targets:
  - {path: 1-1.1, faults: [{fault: hang, on: getstatus, nth: 40}]}
  - {path: 1-1.2, faults: [{fault: hang, on: descriptor, nth: 8}]}
  - {path: 1-1.3, faults: [{fault: hang, on: getstatus, nth: 40}]}
  - {path: 1-1.4, own_supply: true, faults: [{fault: hang, on: getstatus, nth: 40}]}
  - {path: 1-2.1, faults: [{fault: hang, on: getstatus, nth: 40}]}
  - {path: 1-3.1, faults: [{fault: hang, on: getstatus, nth: 40}]}
  - {path: 1-4.1, faults: [{fault: hang, on: write, nth: 3}]}
  - {path: 1-5.1, faults: [{fault: hang, on: write, nth: 3}]}
END
hang=$(profile hang "attempts: 1
slots:
$(slot A1 1-1.1; slot A2 1-1.2)
  - {name: A3, path: 1-1.3}
$(slot A4 1-1.4; slot B1 1-2.1; slot C1 1-3.1; slot D1 1-4.1; slot E1 1-5.1)
power: {cycle: [recover], off_ms: 500}")
exits 1 "boards that hang" run_on "$work/hang.fleet" "$hang"
for slot in A1 A2 D1 E1; do # E1: only if both halves of its USB 3 hub are switched
	check "$slot is power-cycled and passes" is $slot result PASS
	check "$slot: its row says so" tells $slot "power-cycled"
done
check "a slot without power: true is not" is A3 error usb_timeout
for slot in A4 B1 C1; do
	check "$slot keeps its power, which is found" is $slot error power_ineffective
done
check "each has one row" test "$(column "$work/log.csv" slot | tail -n +1 | sort | uniq -d | wc -l)" -eq 0

# Profiles that cannot be
sed 's/power: claimed/power: ganged/' "$work/hang.fleet" >"$work/ganged.fleet"
exits 2 "power: true on a ganged hub" run_on "$work/ganged.fleet" "$hang"
check "is said of the slot" says "$work/err" "slot B1 (1-2.1) has 'power: true', but hub 1-2 switches all its ports together"
check "and nothing is touched" test "$(wc -l <"$work/log.csv")" -le 1

# Option bytes, and a board that powers up in its application
cat >"$work/options.fleet" <<'END'
hubs: [{path: 1-1, ports: 4, power: port}]
defaults: {option_write: takes, application: {vid: 0x1234, pid: 0x5678, product: Controller}}
targets:
  - {path: 1-1.1}
  - {path: 1-1.2, powers_up: application}
END
options=$(profile options "option_bytes: {set: {iwdg1_sw: false}}
slots:
$(slot A1 1-1.1; slot A2 1-1.2)
power: {cycle: [option_bytes], off_ms: 500}
leave: false")
exits 1 "option bytes" run_on "$work/options.fleet" "$options"
check "are read again from cold" is A1 result PASS
check "a board that powers up in its application is told" tells A2 \
	'it powered up in its application (1234:5678 "Controller"), not in the ROM bootloader: keep BOOT0 high'

# A start from cold
cat >"$work/cold.fleet" <<'END'
hubs: [{path: 1-1, ports: 4, power: port}]
defaults: {application: {vid: 0x1234, pid: 0x5678, product: Controller}}
targets:
  - {path: 1-1.1, powers_up: application}
  - {path: 1-1.2, powers_up: rom}
END
cold=$(profile cold "leave: required
slots:
$(slot A1 1-1.1; slot A2 1-1.2)
power: {cycle: [after_pass], off_ms: 500}")
exits 1 "a start from cold" run_on "$work/cold.fleet" "$cold"
check "starts the application" is A1 leave ok
check "the bootloader was not asked to" test "$(jq .counters.left "$work/saved/1-1.1.json")" -eq 0
check "a board that powers up in the bootloader fails" is A2 error leave_failed
check "and is told" tells A2 "it powered up in the ROM bootloader, not in its application: BOOT0 must be low"

# Its start from cold is at boot_add0
exits 1 "boot_add0 names blank flash" run_on "$work/options.fleet" "$(profile boot_add0 "attempts: 1
start: {address: 0x08000000, check: off}
option_bytes: {set: {boot_add0: 0x0802}}
boot: {usb: {vid: 0x1234, pid: 0x5678}}
slots:
$(slot A1 1-1.1; slot A2 1-1.2)
power: {cycle: [after_pass], off_ms: 500}")" --slot A2
check "no application starts" is A2 error no_boot

# Ports that are off
state() { # the ports that are off
	"$h7gang" list | grep -c "power is off"
}
export -f state
export h7gang
exits 1 "ports that were left off" "$sim" --fleet "$work/hang.fleet" --virtual-time -- bash -c '
	"$h7gang" power 1-1.1 off >/dev/null; "$h7gang" power 1-1.3 off >/dev/null; state
	"$h7gang" run --profile "$0" --audit "$1" --quiet >/dev/null; status=$?; state; exit $status' "$hang" "$work/off.csv"
check "are switched on, if the profile allows it" test "$(xargs <"$work/out")" = "2 1"
check "and told" says "$work/err" "A1: the power of its port was off: switched on"

# Killed while a port is off
long=$(profile long "attempts: 1
slots:
$(slot A1 1-1.1)
power: {cycle: [recover], off_ms: 30000}
timeouts: {transfer_ms: 500}")
exits 0 "a run is killed while a port is off" "$sim" --fleet "$work/hang.fleet" --speed 3 -- bash -c '
	"$h7gang" run --profile "$0" --audit "$2" --quiet >/dev/null 2>&1 & run=$!
	off=$H7GANG_SIM_SYSFS/1-1:1.0/1-1-port1/disable
	for ((i = 0; i < 3000; i++)); do
		[ "$(cat "$off")" = 1 ] && break
		sleep 0.01
	done
	"$h7gang" power 1-1.1 on; echo "in use: $?"
	kill -9 $run; wait $run 2>/dev/null
	echo "off: $(cat "$off")"
	"$h7gang" run --profile "$1" --audit "$2" --quiet >/dev/null 2>&1
	echo "off: $(cat "$off")"' "$long" "$long" "$work/killed.csv"
check "the port was in use, off, and is on after the next run" \
	test "$(xargs <"$work/out")" = "in use: 2 off: 1 off: 0"
check "which is said" says "$work/err" "1-1.1: h7gang works on this port"
finish
