#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Every mutant applies to the tree and names its test; make mutants then shows that each turns its test red.
. "$(dirname "$0")/../lib.sh"

for patch in tests/mutants/*.patch; do
	name=$(basename "$patch" .patch)
	patch -p1 --dry-run --force <"$patch" >"$work/out" 2>&1 || { stale="${stale-} $name"; sed 's/^/# /' "$work/out"; }
	test=$(sed -n '1s/^# test: //p' "$patch")
	case $test in
	"unit "*) [ -f "tests/unit/${test#unit }.c" ] || [ -f "tests/sim/${test#unit sim_}.c" ] || untested="${untested-} $name" ;;
	*) [ -f "${test%% *}" ] || [ -f "scripts/${test%% *}" ] || untested="${untested-} $name" ;;
	esac
done
check "every mutant applies" test -z "${stale-}"
check "every mutant names a test" test -z "${untested-}"
[ -z "${stale-}${untested-}" ] || echo "# stale:${stale-} untested:${untested-}"
finish
