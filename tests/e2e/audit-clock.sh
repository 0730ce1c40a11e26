#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The computer's clock: behind the last row or the program's build, set during a run. A run does not start on such a
# clock unless a person confirms it; a step leaves a row.
. "$(dirname "$0")/../lib.sh"

shim=$top/build/tests/clockback.so
log=$work/log.csv
p=$(profile clock "leave: false")
year=$((365 * 24 * 3600))

# run SECONDS_BACK FROM_READING [OPTIONS]: on a clock that is behind from that reading on.
run() {
	local by=$1 at=$2
	shift 2
	"$sim" --targets 2 --speed 50 -- env LD_PRELOAD_LATER="$shim" CLOCK_BACK_S="$by" CLOCK_BACK_AT="$at" \
		sh -c 'LD_PRELOAD="$LD_PRELOAD $LD_PRELOAD_LATER" exec "$0" "$@"' \
		"$h7gang" run --profile "$p" --audit "$log" --count 2 --quiet "$@"
}

exits 4 "47 years before the build" run $((47 * year)) 1
check "it says so" says "$work/err" "but this program was built later. No board was touched. Set the clock, or confirm it with --clock-ok"
exits 0 "the right clock" run 0 1
cp "$log" "$work/good.csv"
for back in 3600 86400 $((47 * year)); do
	exits 4 "$back s behind the last row" run "$back" 1
	check "it says what to do" says "$work/err" "Set the clock, or confirm it with --clock-ok"
	check "no row was written" cmp "$log" "$work/good.csv"
done
exits 4 "verify, likewise" "$sim" --targets 2 --speed 50 -- env LD_PRELOAD_LATER="$shim" CLOCK_BACK_S=3600 CLOCK_BACK_AT=1 \
	sh -c 'LD_PRELOAD="$LD_PRELOAD $LD_PRELOAD_LATER" exec "$0" "$@"' \
	"$h7gang" verify --profile "$p" --audit "$log" --quiet
exits 0 "a second behind is waited for" run 1 1
check "no row says clock" [ "$(rows "$log" overrides clock)" -eq 0 ]
exits 0 "confirmed" run 3600 1 --clock-ok
check "its rows say so" [ "$(rows "$log" overrides clock)" -eq 2 ]
exits 0 "the right clock again" run 0 1 --clock-ok
check "nothing had to be confirmed" [ "$(rows "$log" overrides clock)" -eq 2 ]
exits 0 "a clock of yesterday is right again" run 0 1

# A row of a wrong clock that was far ahead, and a file that was copied since.
sed -E '$s/,20[0-9]{2}-/,2090-/g' "$log" >"$work/ahead.csv"
build/tests/make_log rehash "$work/ahead.csv"
cp "$work/ahead.csv" "$log"
exits 4 "a last row of 2090" run 0 1
check "it names the row" says "$work/err" "was written at 2090-"
exits 0 "confirmed" run 0 1 --clock-ok
exits 0 "then the clock is right" run 0 1

# A step during a run.
rm -f "$log"*
exits 0 "set back by an hour during a run" run 3600 20
check "a note says so" [ "$(column "$log" detail | grep -c 'the clock of this computer was set back by 3[56][0-9][0-9]\.')" -eq 1 ]
check "it is a note" [ "$(rows "$log" command note)" -eq 1 ]
check "it is shown" grep -q "set back by" "$work/err"
log_state 0 "the log" "$log" "intact: 3 rows"
exits 0 "a report" "$h7gang" audit report "$log"
check "a note is no unit" grep -qE "passed or failed +2$" "$work/out"
finish
