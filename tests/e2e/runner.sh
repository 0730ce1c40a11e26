#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run itself, on tests made for this: one that is cut off, or that misses a command, does not pass; a word that
# names no test is told.
. "$(dirname "$0")/../lib.sh"

tree=$work/tree
mkdir -p "$tree"/tests/{e2e,long,unit,sim,ui,firmware}
cp tests/run "$tree/tests"
printf '#!/bin/sh\n' >"$tree/tests/firmware/make"
chmod +x "$tree/tests/firmware/make"
printf 'test-tools:\n' >"$tree/Makefile"

script() { # NAME TEXT
	printf '#!/bin/bash\n%b\n' "$2" >"$tree/tests/e2e/$1.sh"
}
script whole 'echo "ok 1 - a"; echo "ok 2 - b # SKIP no x"; echo 1..2'
script planned-first 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"; echo "# ok - group"'
script two-plans 'for i in 1 2; do echo 1..1; echo "ok 1 - a"; done'
script silent 'exit 0'
script absent 'echo "no tool"; exit 77'
script cut 'echo "ok 1 - a"; exit 0; echo 1..1'
script lost 'echo "ok 1 - a"; echo "ok 2 - b" >/dev/null; echo 1..2'
script more 'echo "ok 1 - a"; echo "ok 2 - b"; echo 1..1'
script status 'echo "ok 1 - a"; echo 1..1; exit 3'
script failed 'echo "not ok 1 - a"; echo 1..1'
script command 'no-such-command x; echo "ok 1 - a"; echo 1..1'
script unfound 'no-such-command x; exit 0'
printf 'exit 0\n' >"$tree/tests/long/slow.sh"

run() { # WORD...
	(unset JOBS LIMIT_SCALE SKIP UNDER LONG; cd "$tree" && ./tests/run "$@")
}
for test in whole planned-first two-plans silent; do
	exits 0 "$test" run $test
done
exits 1 "only skipped" run absent
check "it is skipped" grep -q '^skipped  absent ' "$work/out"
for test in cut lost more status failed command unfound; do
	exits 1 "$test" run $test
	check "$test: is a failure" grep -q "^FAILED   $test " "$work/out"
done
run cut >"$work/out" 2>&1
check "a test that is cut off says so" says "$work/out" "not ok - cut off: 1 checks, but the plan says nothing"
run lost >"$work/out" 2>&1
check "so does one with a lost check" says "$work/out" "not ok - cut off: 1 checks, but the plan says 2"
run unfound >"$work/out" 2>&1
check "a missing command is told" says "$work/out" "not ok - a command was not found"

exits 2 "a word of no test" run whole nothing-of-this-name
check "it is told" says "$work/err" 'no test of these has a name with "nothing-of-this-name"'
exits 2 "a word of a long test" run whole slow
check "where it is is told" says "$work/err" '"slow" is found in --long: ./tests/run --long slow'
exits 0 "the long test" run --long slow
finish
