#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A scanner that is an input device of the kernel (uinput): its layouts, that nothing it types reaches another program,
# that it is used again once it is back.
. "$(dirname "$0")/lib.sh"
keyboard=${tree:?}/build/hubs/keyboard
pids=
trap 'kill $pids 2>/dev/null' EXIT

# scanner LAYOUT: starts one; $node is its node, descriptor 9 its hands.
scanner() {
	local end=$((SECONDS + 30))
	rm -f hands node
	mkfifo hands
	"$keyboard" "$1" <hands >node 2>keyboard.err &
	typist=$!
	pids="$pids $typist"
	exec 9>hands
	while [ ! -s node ] || [ ! -e "$(tail -n 1 node)" ]; do
		[ $SECONDS -lt $end ] || fail "no scanner: $(cat keyboard.err)"
		sleep 0.2
	done
	node=$(tail -n 1 node)
}
until_says() { # FILE TEXT [SECONDS]
	local end=$((SECONDS + ${3:-60}))
	until grep -qF -- "$2" "$1" 2>/dev/null; do
		[ $SECONDS -lt $end ] || fail "$1 does not say '$2': $(tail -n 20 "$1")"
		sleep 0.2
	done
}

for layout in us de fr; do
	scanner $layout
	hub_profile scan-$layout.yaml "scan: {lot: 'LOT-(.*)', serial: 'SN([0-9]+)', layout: $layout}"
	timeout 100 "$h7gang" scan --test --profile scan-$layout.yaml --scanner "$node" >out 2>&1 &
	reader=$!
	pids="$pids $reader"
	sleep 2
	# This machine makes pauses that no scanner makes: then the scan is refused, and is done again.
	echo BEGIN >&9
	for _ in 1 2 3 4 5 6; do
		printf '%s\n' "SN1234567890" "LOT-QYZAWM" >&9
		sleep 2
		! grep -qF 'lot: "QYZAWM"' out || ! grep -qF 'serial: "1234567890"' out || break
	done
	kill $reader
	wait $reader || true
	cat out
	grep -qF 'serial: "1234567890"' out || fail "$layout: the number was not read"
	grep -qF 'lot: "QYZAWM"' out || fail "$layout: the lot was not read"
	[ -z "$(grep -E '^ *(serial|lot): ' out | grep -vE '"(1234567890|QYZAWM)"$')" ] || fail "$layout: a scan was read wrong"
	exec 9>&-
	wait $typist
done

# In a station: grabbed, so that no console gets the text; unplugged and back.
scanner us
sed -i '$d' scan-us.yaml # one slot stays free
"$h7gang" run --watch --profile scan-us.yaml --slot A1 --scanner "$node" --events events.json --json >out.json 2>err.txt </dev/null &
run=$!
pids="$pids $run"
until_says events.json '"event":"state"'
lot() { # NUMBER: scanned until it is there, and never another one
	for _ in 1 2 3 4 5 6; do
		echo "LOT-$1" >&9
		sleep 3
		! grep -qF "\"lot\":\"$1\"" events.json || return 0
	done
	fail "lot $1 was not read: $(tail -n 5 err.txt)"
}
sleep 1
lot 7712345
echo "!" >&9
until_says err.txt "is unplugged"
until_says err.txt "is back" 120
sleep 1
lot 7812345
[ -z "$(grep -oE '"lot":"[^"]*"' events.json | sort -u | grep -vE '"(|7712345|7812345)"')" ] || fail "a lot was read wrong"
kill -TERM $run
wait $run || true
