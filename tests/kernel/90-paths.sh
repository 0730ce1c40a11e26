#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Slots by udev's boot-stable path: udev itself reports the same path for the port, `slots --learn` writes it, and a
# profile binds a slot to it. And `doctor` on a complete system.
. "$(dirname "$0")/lib.sh"

id_path() { # PORT: as udev tells
	udevadm test-builtin path_id "/sys/bus/usb/devices/$1" 2>/dev/null | sed -n 's/^ID_PATH=//p'
}

inside() {
	local left right
	left=$(port_of left)
	right=$(port_of right)

	udevadm settle --timeout=20
	"$h7gang" list --json >list.json
	for port in $left $right; do
		[ -n "$(id_path "$port")" ] || fail "udev tells no path of $port"
		grep -qF "\"path\":\"$port\",\"id_path\":\"$(id_path "$port")\"" list.json ||
			fail "h7gang says other than $(id_path "$port"): $(cat list.json)"
	done
	udevadm info -q property "$(udevadm info -q name "/sys/bus/usb/devices/$left" | sed 's,^,/dev/,')" |
		grep "^ID_PATH=$(id_path "$left")\$" || fail "README's way to find the path"

	# The bench keeps its slots by that path.
	profile bench.yaml 'erase: touched' 'leave: false' 'audit: {file: log.csv}'
	sed -i '/^slots:/,$d' bench.yaml
	printf 'slots:\n  - {name: L, path: "%s"}\n  - {name: R, path: "%s"}\n' \
		"$(id_path "$left")" "$(id_path "$right")" >>bench.yaml
	"$h7gang" list --profile bench.yaml | tee list.log
	grep -q "^L  *$left " list.log || fail "slot L is not beside $left"
	"$h7gang" run --profile bench.yaml --all-slots --quiet
	same "port of L" "$left" "$(row log.csv L usb_path)"
	same "port of R" "$right" "$(row log.csv R usb_path)"

	"$tree/build/h7gang-sim" ctl "$PWD/hands" unplug right
	"$h7gang" slots --learn --count 1 --wait 60 --output learnt.yaml &
	sleep 3
	"$tree/build/h7gang-sim" ctl "$PWD/hands" plug right
	wait $!
	cat learnt.yaml
	grep -qF "path: \"$(id_path "$right")\"" learnt.yaml || fail "slots --learn has no $(id_path "$right")"

	"$h7gang" doctor --audit log.csv | tee doctor.log || true
	! grep -q '^WRONG.*/dev/bus/usb' doctor.log || fail "doctor finds no access for root"
	grep -q '^note   2 boards are in ROM DFU' doctor.log || fail "doctor does not see two boards"
}
enter "$@"

images
bench --fleet "$fleets/watch.yaml" --speed 4 --control "$PWD/hands"
"$h7gang" audit verify log.csv
