#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# The computer is suspended in the middle of a run, and resumed. Boards lose their power, keep it, or are exchanged
# meanwhile. An attempt that was under way ends as host_error; a board passes only in an attempt after the resume.
# limit: 240
. "$(dirname "$0")/../lib.sh"

plain=$(profile plain "leave: false")
once=$(profile once $'leave: false\nattempts: 1')
quick=$(profile quick)

# asleep NAME PROFILE SUSPEND [KEYS]: two boards, a suspend, and their results.
asleep() {
	cat >"$work/$1.fleet" <<-END
	host: {suspends: [{$3}]}
	targets:
	  - {name: a, path: 1-1.1, contents: random${4:+, $4}}
	  - {name: b, path: 1-1.2, contents: random${4:+, $4}}
	END
	"$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/$1" -- \
		"$h7gang" run --profile "$2" --audit "$work/$1.csv" --count 2
}
# honest NAME: each UID that passed is that of a board that is there at the end, and passed once.
honest() {
	scripts/log-columns "$work/$1.csv" uid result | awk '$2 == "PASS" { print $1 }' | sort >"$work/passed"
	jq -r .uid "$work/$1/a.json" "$work/$1/b.json" | sort | comm -13 - "$work/passed" >"$work/others"
	[ ! -s "$work/others" ] && [ -z "$(uniq -d "$work/passed")" ]
}

for boards in lost kept; do
	exits 0 "$boards" asleep $boards "$plain" "at_ms: 5000, for_s: 30, boards: $boards"
	check "$boards: a row for each attempt under way" test "$(rows "$work/$boards.csv" error host_error)" -eq 2
	check "$boards: it says for how long, and how to prevent it" grep -q \
		"suspended for 30 s during this attempt; keep it awake: systemd-inhibit" "$work/$boards.csv"
	check "$boards: both boards pass at their second attempt" test "$(scripts/log-columns "$work/$boards.csv" \
		attempt result | grep -c '^2.PASS$')" -eq 2
	check "$boards: the log has a note" test "$(column "$work/$boards.csv" detail |
		grep -c '^the computer was suspended for 30.000 s$')" -eq 1
	check "$boards: no clock was set" sh -c "! grep -q 'clock of this computer' '$work/$boards.csv'"
	check "$boards: the flash is right" flash_is "$work/$boards/a.bin"
	log_state 0 "$boards: the log" "$work/$boards.csv" intact
done

exits 1 "no further attempt" asleep once "$once" "at_ms: 5000, for_s: 30"
check "once: no board passes" test "$(rows "$work/once.csv" result PASS)" -eq 0
exits 1 "exchanged" asleep exchanged "$plain" "at_ms: 5000, for_s: 30, boards: exchanged"
check "exchanged: the boards that left have their rows" test "$(rows "$work/exchanged.csv" error host_error)" -eq 2
check "exchanged: the boards that came are units of their own" test "$(rows "$work/exchanged.csv" result PASS)" -eq 2
check "exchanged: no UID passes that is not there" honest exchanged

# Without a UID, nothing says that it is the board of the attempt before.
for boards in lost kept exchanged; do
	exits 1 "no UID, $boards" asleep nameless-$boards "$plain" "at_ms: 5000, for_s: 30, boards: $boards" "refuse: [uid]"
	check "no UID, $boards: no unit passes at a second attempt" test -z \
		"$(scripts/log-columns "$work/nameless-$boards.csv" attempt result | grep '^2.PASS$')"
done
check "no UID, kept: the row says why" grep -q "no UID shows whether the board was exchanged" "$work/nameless-kept.csv"

# At any moment: a row that passed began after the resume, or was over before the suspend.
# tests/long/suspend.sh has more moments.
for at in ${MOMENTS:-400 9000 14630}; do
	for boards in kept exchanged; do
		asleep at "$plain" "at_ms: $at, for_s: 100000, boards: $boards" >"$work/out" 2>"$work/err"
		scripts/log-columns "$work/at.csv" result total_ms started_at finished_at >"$work/at.rows"
		check "at $at, $boards: no row that passed spans the suspend" awk '
			$1 == "PASS" && substr($3, 1, 10) != substr($4, 1, 10) { bad = 1 }
			{ rows++ }
			END { exit bad || rows < 2 }' "$work/at.rows"
		check "at $at, $boards: every flash that passed is right" test "$boards" = exchanged -o \
			"$(cmp -s "$work/at/a.bin" build/firmware/demo.flash; echo $?)" -eq 0
		rm -rf "$work/at" "$work/at.csv"*
	done
done

# A watch.
ctl() { "$sim" ctl "$socket" "$@" >/dev/null; }
units() { [ "$(grep -cE '^(PASS|FAIL|ABORTED) ' "$log.out")" -ge "$1" ]; }
begin() {
	: >"$log.out" >"$log.err"
	"$h7gang" run --watch --profile "$1" --audit "$log" >"$log.out" 2>"$log.err" </dev/null &
	run=$!
}
end() { kill -TERM $run; wait $run; }
# play NAME KEYS FUNCTION: a session at a fixture with one board.
play() {
	log=$work/$1.csv socket=$work/$1.ctl
	echo "targets: [{name: board, path: 1-1.1, $2}]" >"$work/$1.fleet"
	export log socket
	export -f "${3?}"
	exits "${4:-0}" "$1" "$sim" --virtual-time --fleet "$work/$1.fleet" --control "$socket" -- bash -c "$3"
}
export -f ctl units begin end wait_for
export sim h7gang plain top

sleeps() {
	begin "$plain"
	wait_for 30 units 1
	ctl suspend 30 "$boards"
	"$sim" ctl "$socket" list >/dev/null
	"$top/build/tests/fleet-sleep" 12
	end
}
export boards
boards=kept play watch-kept "seed: 1" sleeps
check "watch-kept: the board that was done is not done twice" test "$(rows "$work/watch-kept.csv" result PASS)" -eq 1
boards=lost play watch-lost "seed: 1" sleeps
check "watch-lost: the board that was done is not done twice" test "$(rows "$work/watch-lost.csv" result PASS)" -eq 1
boards=exchanged play watch-exchanged "seed: 1" sleeps
check "watch-exchanged: the board that came is a unit" test "$(rows "$work/watch-exchanged.csv" result PASS)" -eq 2
boards=exchanged play watch-nameless "refuse: [uid]" sleeps
check "watch-nameless: the operator is asked" says "$work/watch-nameless.csv.err" \
	"no UID shows whether this is the same board as before"
boards=kept play watch-nameless-kept "refuse: [uid]" sleeps
check "watch-nameless-kept: the operator is asked" says "$work/watch-nameless-kept.csv.err" \
	"no UID shows whether this is the same board as before"

# A board that started its application before the suspend: the time that it is away counts with the suspend. The next
# board is back within 5 s of CLOCK_MONOTONIC and tells no UID.
cat >"$work/left.fleet" <<-END
host: {suspends: [{at_ms: 9500, for_s: 30, boards: exchanged}]}
targets: [{name: board, path: 1-1.1, refuse: [uid]}]
END
exits 0 "left before" timeout 60 "$sim" --virtual-time --fleet "$work/left.fleet" -- \
	"$h7gang" run --watch --count 2 --profile "$quick" --audit "$work/left.csv"
check "left before: the board that came is a unit" test "$(rows "$work/left.csv" result PASS)" -eq 2
check "left before: no attempt was under way" test "$(rows "$work/left.csv" error host_error)" -eq 0

"$sim" --targets 1 --control "$work/real.ctl" -- sh -c "sleep 0.2; '$sim' ctl '$work/real.ctl' suspend 5" >"$work/out" 2>&1
check "on real time the clocks cannot be moved" says "$work/out" "only on virtual time"
finish
