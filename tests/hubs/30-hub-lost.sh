#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hub is unplugged in the middle of a run and comes back. Each of its boards has a row of its own that is
# no PASS, the boards of the other hubs pass, and afterwards every board passes.
. "$(dirname "$0")/lib.sh"

wait_boards 12 60
hub_profile bench.yaml 'attempts: 1'
sed -i '/{name: C4,/d' bench.yaml # it has a bad flash
"$h7gang" run --profile bench.yaml --count 11 --all-slots --json >events.json 2>messages.txt &
run=$!
end=$((SECONDS + 60))
until grep -q '"phase":"blank"' events.json; do
	[ $SECONDS -lt $end ] || fail "no board has started after 60 s"
	sleep 0.1
done
hands "device_del id=b1" "device_del id=b2" "device_del id=b3" "device_del id=b4" "device_del id=hubb"
status=0
wait $run || status=$?
cat messages.txt
same "status of the run" 1 "$status"
"$h7gang" audit verify log.csv
for slot in A1 A2 A3 A4 C1 C2 C3; do
	same "verdict of $slot" PASS "$(row log.csv $slot result)"
done
for slot in B1 B2 B3 B4; do
	same "verdict of $slot" "FAIL no_device" "$(row log.csv $slot result) $(row log.csv $slot error)"
done

boards=()
for n in 1 2 3 4; do
	socket='{"type":"unix","data":{"path":"'$(cat "$out/boards")/b$n'"}}'
	boards+=("chardev-add id=cb$n backend={\"type\":\"socket\",\"data\":{\"addr\":$socket,\"server\":false}}"
		"device_add driver=usb-redir id=b$n chardev=cb$n bus=xhci.0 port=2.$n")
done
hands "device_add driver=usb-hub id=hubb bus=xhci.0 port=2 port-power=on" "${boards[@]}"
wait_boards 12 60
"$h7gang" run --profile bench.yaml --count 11 --all-slots
same "boards that passed in both runs" $((7 + 11)) "$(column log.csv result | grep -cx PASS)"
