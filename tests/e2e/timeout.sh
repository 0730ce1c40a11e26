#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# An attempt that takes longer than unit_s ends; one that hangs in a call to the USB system is given up by the
# supervisor, and the worker that comes back late writes no second row.
# limit: 120
. "$(dirname "$0")/../lib.sh"

# A call that never returns, and an operator who ends the run with two signals: the row is written 20 s later, not
# after unit_s. It runs beside the rest, since it takes real time.
shim=$top/build/tests/hangs.so
cut_short() {
	LD_PRELOAD=$shim HANGS_AT=1 HANGS_MARK=$work/hangs "$h7gang" run --profile "$(profile cut "timeouts: {unit_s: 3000}")" \
		--audit "$work/cut.csv" --json >"$work/cut.out" 2>&1 &
	local run=$!
	wait_for 30 test -e "$work/hangs" || return 99
	kill -TERM $run
	wait_for 30 grep -q '"ending' "$work/cut.out" || return 99
	kill -TERM $run
	wait_for 120 grep -q aborted "$work/cut.csv" || { kill -KILL $run; return 98; } # long before unit_s
	wait $run
}
export -f cut_short profile wait_for
export h7gang work shim top
"$sim" --targets 1 -- bash -c cut_short &
cut=$!

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
	# A call that came back, even late, is cleaned up after; one that never did cannot be.
	[ "$ms" = 600000 ] || check "$ms ms: nothing is left" says "$work/left$ms" "nothing left"
	check "$ms ms: none begun" test "$(grep -c 'begun without' "$work/out")" -eq 0
done

# A look at the bus that hangs in the kernel: no unit waits for it, and neither does the end of the run.
# looks NAME VARIABLE...: a run of two boards in that environment.
looks() {
	local name=$1
	shift
	env "$@" timeout 60 "$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$q" --audit "$work/$name.csv" --json
}
# seconds: how long the run took on its own clock
seconds() {
	jq -rs '[first, last] | map(.time | sub("\\.[0-9]*"; "") | fromdate) | last - first' "$work/out"
}
q=$(profile looks "leave: false")
exits 0 "the second look hangs" looks look LD_PRELOAD="$shim" LOOK_HANGS_AT=2
check "both boards pass" test "$(rows "$work/look.csv" result PASS)" -eq 2
check "it says that the kernel hangs" says "$work/out" "the kernel has not answered for 5 s"
check "the run does not wait for it" test "$(seconds)" -lt 200
exits 3 "the start of libusb hangs" looks start LD_PRELOAD="$top/build/tests/nth.so" NTH_OF=h7gang \
	NTH_SLOW=libusb_init NTH_CALL=1 NTH_MS=600000
check "it says that, too" says "$work/out" "the kernel has not answered for 5 s"
check "it waits no longer than told" test "$(seconds)" -lt 60

wait $cut
check "ended by signals while a call hangs: exit 1" [ $? -eq 1 ]
check "its row says aborted" [ "$(rows "$work/cut.csv" error aborted)" -eq 1 ]
check "the summary counts it so" says "$work/cut.out" '"aborted":1'
check "it says why" says "$work/cut.csv" "a call to the USB system did not return"
finish
