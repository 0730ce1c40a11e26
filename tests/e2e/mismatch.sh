#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One bit that does not take, in one board of four.
. "$(dirname "$0")/../lib.sh"

cat >"$work/fleet.yaml" <<-END
targets:
  - {name: one}
  - {name: bad, faults: [{fault: stuck, address: 0x08100002, bit: 2, value: 0}]}
  - {name: three}
  - {name: four}
END
log=$work/log.csv
exits 1 "four boards, one bad" "$sim" --fleet "$work/fleet.yaml" --speed 20 --save "$work/saved" -- \
	"$h7gang" run --profile "$(profile mismatch)" --audit "$log" --count 4
line=$(grep '^FAIL ' "$work/out")
echo "# $line"
check "one line says FAIL" test "$(grep -c '^FAIL ' "$work/out")" -eq 1
check "three say PASS" test "$(grep -c '^PASS ' "$work/out")" -eq 3
# The rhythm of the demonstration begins at 0x08100000 with 100, 100: 64 00 64 00.
for words in verify_mismatch "bank 2" 0x08100002 64 60; do
	check "the line names $words" grep -qiF -- "$words" <<<"$line"
done
check "both attempts have a row" test "$(rows "$log" error verify_mismatch)" -eq 2
check "bank 1 is right" test "$(rows "$log" bank1_result FAIL)" -eq 0
check "bank 2 is not" test "$(rows "$log" bank2_result FAIL)" -eq 2
check "three rows say PASS" test "$(rows "$log" result PASS)" -eq 3
log_state 0 "the log" "$log" "intact: 5 rows"
check "one byte differs in that flash" \
	test "$(cmp -l "$work/saved/bad.bin" build/firmware/demo.flash | wc -l)" -eq 1
for name in one three four; do
	check "$name is right" flash_is "$work/saved/$name.bin"
done
finish
