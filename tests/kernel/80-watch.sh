#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A watching station on the kernel's own hotplug events: two boards, each taken out when it is done and
# followed by another one in the same port.
. "$(dirname "$0")/lib.sh"

hand() {
	"$tree/build/h7gang-sim" ctl "$PWD/hands" "$@"
}

rows_of() { # SLOT
	[ -e log.csv ] && column log.csv slot | grep -cx "$1" || true
}

inside() {
	local status=0 name pid

	profile bench.yaml 'erase: touched' 'leave: false' 'audit: {file: log.csv}'
	"$h7gang" run --watch --count 4 --profile bench.yaml --quiet &
	pid=$!
	for name in left right; do
		until [ "$(rows_of $name)" -ge 1 ]; do sleep 1; done
		hand unplug $name
		sleep 2
		hand renew $name
	done
	wait $pid || status=$?
	same "status of the run" 0 "$status"
}
enter "$@"

bench --fleet "$fleets/watch.yaml" --speed 4 --control "$PWD/hands" --save saved

"$h7gang" audit verify log.csv
same "rows" 4 "$(column log.csv slot | grep -c .)"
for name in left right; do
	same "rows of $name" 2 "$(rows_of $name)"
	same "verdict of $name" PASS "$(row log.csv $name result)"
	same "boards of $name" 2 "$(paste -d ' ' <(column log.csv slot) <(column log.csv uid) | grep "^$name " | sort -u | wc -l)"
done
