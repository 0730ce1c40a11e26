#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# A board that leaves three requests unanswered, whichever they are, is reset, opened anew and passes. Under
# AddressSanitizer: data of the handle from before the reset must not be used after it.
. "$(dirname "$0")/../lib.sh"

make -s build/asan/h7gang || exit 1
{
	echo "targets:"
	for first in {6..60}; do # those before are the operating system's own
		echo "  - {name: b$first, path: 1-$((first / 15 + 1)).$((first % 15 + 1)), contents: blank," \
			"faults: [{fault: mute, on: any, nth: $first, count: 3}]}"
	done
} >"$work/fleet.yaml"
exits 0 "55 boards that are silent for three requests" env ASAN_OPTIONS=verify_asan_link_order=0 \
	"$sim" --fleet "$work/fleet.yaml" --virtual-time -- \
	build/asan/h7gang run --profile "$(profile muted "attempts: 3")" --audit "$work/log.csv"
check "all pass" test "$(column "$work/log.csv" result | grep -c PASS)" -eq 55
finish
