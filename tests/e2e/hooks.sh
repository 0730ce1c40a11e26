#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# Hooks: their input, the changes that they may make, and that a hanging one harms no other board.
. "$(dirname "$0")/../lib.sh"

# script NAME: a hook from standard input, which gets the unit in $work/NAME.<unit or run> and appends
# its name to $work/order.
script() {
	{
		printf '#!/bin/bash\nwork=%q\nname=%q\n' "$work" "$1"
		cat <<-'END'
		unit=$(cat)
		id=$(jq -r '.unit_id // .hook' <<<"$unit")
		printf '%s\n' "$unit" >"$work/$name.$id"
		echo "$name $id" >>"$work/order"
		END
		cat
	} >"$work/$1"
	chmod +x "$work/$1"
}

script start </dev/null
script end </dev/null
script gate <<'END'
[ "$(jq -r .slot <<<"$unit")" != 1-1.2 ] || { echo "label stock empty"; echo "call $1" >&2; exit 1; }
END
script after <<'END'
# The row is there before the hook is called, and nothing it does changes that.
cp "$work/log.csv" "$work/rows.$id"
exit 7
END
p=$(profile hooks "hooks:
  start: {command: [./start]}
  gate: {command: [./gate, 'a b; \$(touch $work/pwned)'], timeout_s: 20}
  after: {command: [./after], timeout_s: 20}
  end: {command: [./end]}")

exits 0 "check" "$h7gang" check --profile "$p"
check "the plan has the hooks" says "$work/out" "./gate"
exits 1 "three boards, one refused" "$sim" --targets 3 --speed 20 -- \
	"$h7gang" run --profile "$p" --audit "$work/log.csv" --count 3 --lot L1 --tag order=7 --tag "x=é" --operator Ann
log=$work/log.csv
check "two passed" test "$(rows "$log" result PASS)" -eq 2
check "one is hook_refused, and was not tried again" test "$(rows "$log" error hook_refused)" -eq 1
check "three rows" test "$(column "$log" seq | wc -l)" -eq 3
check "the detail has what the hook said last" grep -q 'gate hook refused: call a b; \$(touch' "$log"
check "no shell saw the arguments" test ! -e "$work/pwned"
check "start first, end last" test "$(sed -n '1p;$p' "$work/order" | tr '\n' ' ')" = "start start end end "
check "after came for every unit" test "$(grep -c '^after ' "$work/order")" -eq 3
check "gate before after" awk '$1 == "gate" {g[$2] = 1} $1 == "after" && !g[$2] {exit 1}' "$work/order"
check "after did not change the result: a note says how it ended" says "$work/err" "after hook exit status 7"
for unit in "$work"/after.*; do
	id=${unit##*/after.}
	check "the row was written before after was called" grep -q ",$id," "$work/rows.$id"
	check "gate saw PASS" jq -e '.v == 1 and .hook == "gate" and .result == "PASS" and .error == ""' "$work/gate.$id"
	check "after saw what the log says" test \
		"$(jq -r '[.result, .error, .uid, .slot, .bank1_readback_sha256, .total_ms] | join(" ")' "$unit")" = \
		"$(scripts/log-columns "$log" unit_id result error uid slot bank1_readback_sha256 total_ms | tr '\t' ' ' |
			sed -n "s/^$id //p")"
	check "and the run's own" jq -e '.lot == "L1" and .operator == "Ann" and .tags == {order: "7", x: "é"} and
		.command == "run" and .profile == "hooks" and .bootloader == "V9.2" and .attempt == 1' "$unit"
done
check "end has totals and the log's head" jq -e --arg hash "$(column "$log" row_hash | tail -n 1)" \
	'.passed == 2 and .failed == 1 and .aborted == 0 and .seq == 3 and .row_hash == $hash' "$work/end.end"
check "start has none" jq -e '.hook == "start" and .profile == "hooks" and has("passed") == false' "$work/start.start"
log_state 0 "the log" "$log" "intact: 3 rows"

# Hooks that do not answer. The other board has its row long before.
script slow <<'END'
[ "$(jq -r .slot <<<"$unit")" = 1-1.2 ] || exit 0
trap '' TERM
sleep 1000 &
echo $! >"$work/sleeper"
echo "waiting for the printer"
wait
END
p=$(profile slow "hooks: {gate: {command: [./slow], timeout_s: 3}}")
exits 1 "a gate that hangs" "$sim" --targets 2 --speed 20 -- \
	"$h7gang" run --profile "$p" --audit "$work/slow.csv" --count 2
check "it ends as hook_refused" test "$(rows "$work/slow.csv" error hook_refused)" -eq 1
check "the detail says why" grep -q 'gate hook not done within 3 s: waiting for the printer' "$work/slow.csv"
check "its neighbour did not wait" test "$(column "$work/slow.csv" result | head -n 1)" = PASS
gone() { ! kill -0 "$(cat "$work/sleeper")" 2>/dev/null || grep -q ') Z ' "/proc/$(cat "$work/sleeper")/stat"; }
check "its group is gone" wait_for 10 gone

printf '#!/bin/sh\nkill -9 $$\n' >"$work/dies"
printf 'not a program\n' >"$work/broken"
chmod +x "$work/dies" "$work/broken"
for hook in dies broken; do
	p=$(profile $hook "hooks: {gate: {command: [./$hook]}}")
	exits 1 "a gate that cannot answer: $hook" "$sim" --targets 1 --speed 20 -- \
		"$h7gang" run --profile "$p" --audit "$work/$hook.csv"
	check "it is hook_refused" test "$(rows "$work/$hook.csv" error hook_refused)" -eq 1
done
check "by a signal" grep -q 'gate hook ended by signal 9' "$work/dies.csv"
check "not started" grep -q 'gate hook not started: Exec format error' "$work/broken.csv"

printf '#!/bin/sh\necho no lot; exit 1\n' >"$work/no"
chmod +x "$work/no"
p=$(profile no "hooks: {start: {command: [./no]}, end: {command: [./end]}}")
rm -f "$work/order"
exits 2 "a start that refuses" "$sim" --targets 1 --speed 20 -- \
	"$h7gang" run --profile "$p" --audit "$work/no.csv" --json
check "it says so" jq -es 'any(.event == "note" and (.text | contains("start hook refused: no lot")))' "$work/out"
check "the summary is last" jq -es 'last.event == "summary" and last.passed == 0' "$work/out"
check "no row, no end hook" test "$(wc -l <"$work/no.csv")" -eq 1 -a ! -e "$work/order"

p=$(profile missing "hooks: {gate: {command: [./nobody]}}")
exits 2 "a hook that is not there" "$sim" --targets 1 -- "$h7gang" run --profile "$p" --audit "$work/missing.csv"
check "line and column" says "$work/err" "missing.yaml:6:26: "

p=$(profile verify "hooks: {gate: {command: [./no]}}")
stays=$(profile stays "leave: false")
exits 1 "verify has a gate too, for what would pass" "$sim" --targets 1 --speed 20 -- bash -c "
	'$h7gang' run --profile '$stays' --audit '$work/v1.csv' && '$h7gang' verify --profile '$p' --audit '$work/v2.csv'"
check "refused" grep -q 'gate hook refused: no lot' "$work/v2.csv"

# The second signal ends a gate; the board was not passed.
printf '#!/bin/sh\ntouch %s/waits\nsleep 1000\n' "$work" >"$work/waits.sh"
chmod +x "$work/waits.sh"
p=$(profile signal "hooks: {gate: {command: [./waits.sh], timeout_s: 300}}")
signals() {
	"$h7gang" run --profile "$p" --audit "$work/signal.csv" &
	for _ in $(seq 600); do [ -e "$work/waits" ] && break; sleep 0.1; done
	kill -TERM $!
	sleep 0.5
	kill -TERM $!
	wait $!
}
export -f signals
export h7gang p work
exits 1 "two signals while a gate runs" "$sim" --targets 1 --speed 20 -- bash -c signals
check "aborted" test "$(column "$work/signal.csv" result)" = ABORTED

# The label printer of the examples, with a printer of the test's own.
mkdir "$work/bin"
printf '#!/bin/sh\n{ echo "$*"; cat; } >>%s/label\n' "$work" >"$work/bin/lp"
chmod +x "$work/bin/lp"
p=$(profile label "hooks: {after: {command: [$top/profiles/hooks/print-label, Zebra_1]}}")
exits 0 "print-label" "$sim" --targets 1 --speed 20 -- \
	env PATH="$work/bin:$PATH" "$h7gang" run --profile "$p" --audit "$work/label.csv" --lot 'A^XZ~JR'
check "one label, to the printer that was named" test "$(head -n 1 "$work/label")" = "-s -d Zebra_1 -o raw"
check "with the board's UID" says "$work/label" "^FDQA,$(column "$work/label.csv" uid)^FS"
check "no command of the printer's from data" says "$work/label" "^FDA_XZ_JR "
check "nothing went wrong" test "$(grep -c 'after hook' "$work/err")" -eq 0
finish
