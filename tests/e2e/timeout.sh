#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An attempt that takes longer than unit_s ends; one that hangs in a call to the USB system is given up by the
# supervisor, and the worker that comes back late writes no second row.
# limit: 120
. "$(dirname "$0")/../lib.sh"

make -s build/tests/nth.so build/tests/leaks.so || exit 1
p=$(profile timeout "attempts: 1
leave: false
timeouts: {unit_s: 40}")

cat >"$work/fleet.yaml" <<-END
	targets:
	  - {name: good, sector_ms: 10}
	  - {name: slow, sector_ms: 10, contents: pattern, faults: [{fault: slow, on: upload, ms: 3000, count: forever}]}
END
exits 1 "a board that is too slow" "$sim" --fleet "$work/fleet.yaml" --virtual-time -- \
	"$h7gang" run --profile "$p" --audit "$work/slow.csv" --count 2
check "one row says unit_timeout" test "$(rows "$work/slow.csv" error unit_timeout)" -eq 1
check "the other board passes" test "$(rows "$work/slow.csv" result PASS)" -eq 1

# One of three boards hangs in a call, for less than unit_s and 30 s, for longer, and for longer than the run. The other
# two keep the run going: each attempt of theirs takes all of unit_s.
sed -i 's/^attempts: 1/attempts: 3/' "$p"
{
	echo "targets:"
	for i in 1 2 3; do echo "  - {name: b$i, sector_ms: 10, contents: pattern, faults: [{fault: slow, on: upload, ms: 3000, count: forever}]}"; done
} >"$work/fleet.yaml"
for ms in 60000 100000 600000; do
	log=$work/hang$ms.csv
	exits 1 "a call that hangs for $ms ms" env LD_PRELOAD="$top/build/tests/nth.so $top/build/tests/leaks.so" \
		LEAKS_OF=h7gang LEAKS_FILE="$work/left$ms" NTH_OF=h7gang NTH_SLOW=libusb_open NTH_CALL=1 NTH_MS=$ms \
		"$sim" --fleet "$work/fleet.yaml" --virtual-time -- "$h7gang" run --profile "$p" --audit "$log" --count 3 --json
	check "$ms ms: every row says unit_timeout" test "$(rows "$log" error unit_timeout)" -eq "$(column "$log" seq | wc -l)"
	check "$ms ms: one row an attempt" test "$(scripts/log-columns "$log" unit_id attempt | sort | uniq -d | wc -l)" -eq 0
	check "$ms ms: each unit is told once" test "$(jq -r 'select(.event == "unit") | .unit_id' "$work/out" | sort | uniq -c |
		awk '$1 == 1' | wc -l)" -eq 3
	[ "$ms" = 60000 ] || check "$ms ms: the one that hung has one row, the others three" test \
		"$(column "$log" unit_id | sort | uniq -c | awk '{ print $1 }' | sort | tr '\n' ' ')" = "1 3 3 "
	exits 0 "$ms ms: nothing is open" "$h7gang" audit verify "$log"
	# What came back, even late, is cleaned up after; what has not cannot be.
	[ "$ms" = 600000 ] || check "$ms ms: nothing is left" says "$work/left$ms" "nothing left"
	check "$ms ms: none begun" test "$(grep -c 'begun without' "$work/out")" -eq 0
done
finish
