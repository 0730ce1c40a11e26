#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# waits
# run --watch: the fleet inserts and removes boards, on virtual time. The same board is not programmed
# twice, another one is.
. "$(dirname "$0")/../lib.sh"

ctl() { "$sim" ctl "$socket" "$@" >/dev/null; }
has() { grep -qF -- "$1" "$log.err"; }
units() { [ "$(grep -cE '^(PASS|FAIL|ABORTED) ' "$log.out")" -ge "$1" ]; }
said() { [ "$(grep -cxF -- "$2" "$log.err")" -ge "$1" ]; } # TIMES LINE

# begin PROFILE OPTIONS...: a watch in the background, its log in $log.
begin() {
	: >"$log.out" >"$log.err" # the shell in the background may empty them late
	"$h7gang" run --watch --profile "$1" --audit "$log" "${@:2}" >"$log.out" 2>"$log.err" </dev/null &
	run=$!
}

# end: by SIGTERM; its status.
end() {
	kill -TERM $run
	wait $run
}
export -f ctl has units said begin end wait_for
export sim h7gang work

# play STATUS WHAT FLEET FUNCTION: a session at the fixture.
play() {
	log=$work/$4.csv socket=$work/$4.ctl
	export log socket
	export -f "${4?}"
	exits "$1" "$2" "$sim" --virtual-time --fleet "$3" --control "$socket" --save "$work/$4" -- bash -c "$4"
	[ "$bad" -eq 0 ] || tail -n 20 "$log.err" | sed 's/^/# /'
}

quick=$(profile quick $'erase: touched\nverify: image')
stays=$(profile stays $'erase: touched\nverify: image\nleave: false')
export quick stays
cat >"$work/four.yaml" <<-END
targets: [{name: board, path: 1-1.1, repeat: 4}]
END
cat >"$work/one.yaml" <<-END
targets: [{name: board, path: 1-1.1}]
END
cat >"$work/held.yaml" <<-END
targets: [{name: board, path: 1-1.1, boot0_high: true}]
END
cat >"$work/nameless.yaml" <<-END
targets: [{name: board, path: 1-1.1, refuse: [uid], boot0_high: true}]
END

belt() {
	begin "$quick" --count 20
	ctl belt 16 1000
	wait $run
}
play 0 "twenty boards over four slots" "$work/four.yaml" belt
check "it ends after 20" test "$(rows "$work/belt.csv" result PASS)" -eq 20
check "they are twenty boards" test "$(column "$work/belt.csv" uid | sort -u | wc -l)" -eq 20
check "each slot was used" test "$(column "$work/belt.csv" slot | sort -u | wc -l)" -eq 4
log_state 0 "the belt's log" "$work/belt.csv" "intact: 20 rows"
for saved in "$work"/belt/*.json; do
	check "counters are 0" counters_good "$saved"
done

# BOOT0 held: it leaves, is back, and is not done again; then it is taken out and put in again.
held() {
	begin "$quick"
	wait_for 30 has ": take out" && ctl bounce board 200 && sleep 0.3 && units 1 && ! units 2 &&
		ctl bounce board 60000 && wait_for 30 units 2
	echo "$?" >"$work/held.met"
	end
}
play 0 "a board that comes back into the ROM" "$work/held.yaml" held
check "all came as it should" says "$work/held.met" 0
check "one row a visit" test "$(rows "$work/held.csv" result PASS)" -eq 2
check "its slot was free between" said 1 "1-1.1: ready for the next board" 

# A slot whose board left is not free; the next board is recognized by its UID.
same() {
	begin "$quick"
	wait_for 30 has ": take out" && ctl plug board && sleep 0.3 && ! units 2 &&
		ctl unplug board && wait_for 30 has ": ready" && ctl renew board && wait_for 30 units 2
	echo "$?" >"$work/same.met"
	end
}
play 0 "the board that left is reset, then another one comes" "$work/one.yaml" same
check "all came as it should" says "$work/same.met" 0
check "two boards, two rows" test "$(column "$work/same.csv" uid | sort -u | wc -l)" -eq 2
check "no third row" test "$(rows "$work/same.csv" result PASS)" -eq 2

# A plug that bounces.
bounces() {
	begin "$stays"
	wait_for 30 has ": take out" && ctl bounce board 100 && ctl bounce board 2000 && sleep 0.3 &&
		! units 2 && ctl bounce board 20000 && wait_for 30 units 2
	echo "$?" >"$work/bounces.met"
	end
}
play 0 "a plug that bounces" "$work/one.yaml" bounces
check "all came as it should" says "$work/bounces.met" 0
check "a row a visit" test "$(rows "$work/bounces.csv" result PASS)" -eq 2

# No UID, BOOT0 held: a board that is back within 5 s of its start waits for its removal, without a verdict; after any other
# removal the next board is a new unit.
nameless() {
	begin "$quick"
	wait_for 30 has "no UID shows" &&
		! units 2 && ctl bounce board 150 && sleep 1 && ! units 2 &&
		ctl bounce board 3000 && wait_for 30 units 2 &&
		ctl bounce board 60000 && wait_for 30 units 3
	echo "$?" >"$work/nameless.met"
	end
}
play 0 "boards without a UID" "$work/nameless.yaml" nameless
check "all came as it should" says "$work/nameless.met" 0
check "a row a visit" test "$(rows "$work/nameless.csv" result PASS)" -eq 3

# The next board follows within 1.2 s: it does not inherit the verdict of the board before it.
nameless_stays() {
	begin "$stays"
	wait_for 30 has ": take out" && ctl unplug board && ctl renew board && ctl bounce board 1200 && wait_for 30 units 2
	echo "$?" >"$work/nameless_stays.met"
	end
}
play 0 "boards without a UID that stay in their bootloader" "$work/nameless.yaml" nameless_stays
check "all came as it should" says "$work/nameless_stays.met" 0
check "each board has its row" test "$(rows "$work/nameless_stays.csv" result PASS)" -eq 2

# Ends: no board came; a signal in the middle; failures count.
none() {
	ctl unplug board
	begin "$quick"
	wait_for 30 has "profile quick" && sleep 0.2
	end
}
play 3 "a watch that saw no board" "$work/one.yaml" none

middle() {
	begin "$quick"
	wait_for 30 has ": program" && kill -TERM $run && wait $run
}
play 0 "a signal in the middle" "$work/four.yaml" middle
check "what ran is finished" test "$(rows "$work/middle.csv" result PASS)" -eq 4

cat >"$work/protected.yaml" <<-END
targets: [{name: board, path: 1-1.1, rdp: 1}, {name: good, path: 1-1.2}]
END
failing() {
	begin "$quick" --json
	wait_for 30 grep -q '"take_out".*1-1.1' "$log.out" && wait_for 30 grep -q '"take_out".*1-1.2' "$log.out" &&
		ctl unplug board && wait_for 30 grep -q '"free"' "$log.out"
	echo "$?" >"$work/failing.met"
	end
}
play 1 "a unit that fails" "$work/protected.yaml" failing
check "all came as it should" says "$work/failing.met" 0
check "it is told once" test "$(rows "$work/failing.csv" error read_protected)" -eq 1
finish
