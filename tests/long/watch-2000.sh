#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# 2,000 boards over 8 slots in one watch, on virtual time: 2,000 right rows, and in the end as many
# threads and files and as much memory as after the first 200.
. "$(dirname "$0")/../lib.sh"

log=$work/log.csv socket=$work/ctl fleet=$work/fleet.yaml
quick=$(profile quick $'erase: touched\nverify: image')
export h7gang sim log socket quick work
echo "targets: [{name: board, path: 1-1.1, repeat: 8}]" >"$fleet"

# How many files the run keeps open: the fewest of some looks, for it opens others for a moment, sysfs every 2 s.
files_kept() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		find "/proc/$run/fd" -mindepth 1 | wc -l
		sleep 0.05
	done | sort -n | head -n 1
}

# look NAME: threads, files, memory of the run while all slots wait.
look() {
	echo "$1 threads $(awk '/^Threads/ {print $2}' "/proc/$run/status")" \
		"files $(files_kept)" \
		"kib $(awk '/^VmRSS/ {print $2}' "/proc/$run/status")"
}

# cycles BOARDS ALL: so many more boards go over the belt; waits until all slots ask for removal.
cycles() {
	"$sim" ctl "$socket" belt "$1" 1000 >/dev/null
	wait_for 900 asked "$2"
}

asked() {
	[ "$(grep -c ': take out$' "$log.err")" -ge "$1" ]
}

station() {
	: >"$log.out" >"$log.err"
	"$h7gang" run --watch --profile "$quick" --audit "$log" >"$log.out" 2>"$log.err" </dev/null &
	run=$!
	cycles 192 200 && look early && cycles 1800 2000 && look late
	kill -TERM $run
	wait $run
}
export -f files_kept look cycles asked station wait_for

exits 0 "2,000 boards" "$sim" --virtual-time --fleet "$fleet" --control "$socket" --save "$work/saved" -- \
	bash -c station
sed 's/^/# /' "$work/out"
check "it was looked at after 200 and after 2000" test "$(grep -cE '^(early|late) threads [0-9]+ files [0-9]+ kib [0-9]+' \
	"$work/out")" -eq 2
read -r _ _ threads _ files _ kib <<<"$(grep '^early' "$work/out")"
read -r _ _ threads_late _ files_late _ kib_late <<<"$(grep '^late' "$work/out")"
check "2,000 rows say PASS" test "$(rows "$log" result PASS)" -eq 2000
check "2,000 lines say PASS" test "$(grep -c '^PASS ' "$log.out")" -eq 2000
check "every slot was used" test "$(column "$log" slot | sort -u | wc -l)" -eq 8
check "2,000 boards" test "$(column "$log" uid | sort -u | wc -l)" -eq 2000
check "one image" test "$(column "$log" bank1_readback_sha256 | sort -u | wc -l)" -eq 1
for bank in bank1 bank2; do
	check "which is the one expected, $bank" test "$(column "$log" ${bank}_readback_sha256 | sort -u)" = \
		"$(column "$log" ${bank}_expected_sha256 | sort -u)"
	check "each was compared, $bank" test "$(rows "$log" ${bank}_result PASS)" -eq 2000
done
log_state 0 "the log" "$log" "intact: 2000 rows"
check "as many threads" test "${threads:-0}" -eq "${threads_late:-1}"
check "as many files" test "${files:-0}" -eq "${files_late:-1}"
check "memory within 5 %" test $((${kib_late:-1} * 100)) -le $((${kib:-0} * 105))
for saved in "$work"/saved/*.json; do
	check "counters are 0" counters_good "$saved"
done
finish
