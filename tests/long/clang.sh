#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clang builds everything without a warning, and the programs run.
# limit: 900
. "$(dirname "$0")/../lib.sh"
command -v clang >/dev/null || {
	echo "clang: skipped: it needs clang"
	exit 77
}
exits 0 "clang builds program, fleet and units" env -u KEEP_FLAGS make -s -j2 CC=clang WERROR=-Werror B=build/clang all units
for test in build/clang/tests/test_image_text build/clang/tests/test_gang_slot build/clang/tests/sim_test_rom; do
	exits 0 "$test" "$test"
done
exits 0 "a tray" build/clang/h7gang-sim --targets 3 --speed 50 -- build/clang/h7gang run --profile "$(profile clang)" \
	--audit "$work/clang.csv" --count 3
check "passes" test "$(rows "$work/clang.csv" result PASS)" -eq 3
finish
