#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boards that cannot be used at once: another program has them claimed for a moment, or for good; the kernel has not
# authorized them. Waiting uses up no attempt, and the row says what to do.
# limit: 120
. "$(dirname "$0")/../lib.sh"

# tray NAME PROFILE TARGET...
tray() {
	local name=$1 profile=$2 target
	shift 2
	{
		echo "targets:"
		for target; do echo "  - {$target}"; done
	} >"$work/$name.fleet"
	"$sim" --virtual-time --fleet "$work/$name.fleet" --save "$work/$name" -- \
		"$h7gang" run --profile "$profile" --audit "$work/$name.csv" --count $# >"$work/out" 2>"$work/err"
}

tray moment "$(profile moment)" "name: a, claimed_ms: 1500" "name: b"
check "a board that is claimed for 1.5 s passes" test "$(rows "$work/moment.csv" result PASS)" -eq 2
check "at its first attempt" test "$(column "$work/moment.csv" attempt | sort -u)" = 1
tray longer "$(profile longer "timeouts: {claim_ms: 8000}")" "name: a, claimed_ms: 6000"
check "claim_ms: it is waited for longer" test "$(rows "$work/longer.csv" result PASS)" -eq 1
check "at the first attempt" test "$(column "$work/longer.csv" attempt)" = 1
tray good "$(profile good)" "name: a, claimed_ms: forever" "name: b"
check "a board that is claimed for good fails" test "$(rows "$work/good.csv" error usb_error)" -eq 2
check "it says why" says "$work/good.csv" "another program uses it"
check "its neighbour passes" test "$(rows "$work/good.csv" result PASS)" -eq 1
tray denied "$(profile denied)" "name: a, unauthorized: true"
check "a board that is not authorized fails" test "$(rows "$work/denied.csv" result FAIL)" -ge 1
check "it is named so" says "$work/denied.csv" "the kernel has not authorized it"
tray weak "$(profile weak)" "name: a, unconfigured: true" "name: b"
check "a board that is not configured fails" test "$(rows "$work/weak.csv" error "$(column "$work/denied.csv" error | tail -n 1)")" -ge 1
check "it is named so" says "$work/weak.csv" "it is not configured; insert it again, or look for power limits of its hub"
check "its neighbour passes" test "$(rows "$work/weak.csv" result PASS)" -eq 1
"$sim" --fleet "$work/weak.fleet" -- "$h7gang" doctor --profile "$work/weak.yaml" >"$work/out" 2>&1
check "doctor names it" says "$work/out" "1-1.1: it is not configured"
"$sim" --fleet "$work/weak.fleet" -- "$h7gang" list >"$work/out" 2>&1
check "list names it" says "$work/out" "it is not configured"
exits 2 "claim_ms has a range" "$h7gang" check --profile "$(profile range "timeouts: {claim_ms: 60001}")"
finish
