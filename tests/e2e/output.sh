#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An output that takes nothing holds up no board and costs no row; hostile strings stay strings.
. "$(dirname "$0")/../lib.sh"

p=$(profile output)
export h7gang p work
mkfifo "$work/pipe"

blocked() {
	exec 9<>"$work/pipe" # a reader that never reads
	"$h7gang" run --profile "$p" --audit "$work/blocked.csv" --count 16 --json --log-level debug >"$work/pipe"
}
export -f blocked
exits 0 "a pipe that nobody reads" "$sim" --targets 16 --speed 20 -- bash -c blocked
check "the warning says so" says "$work/err" "not all output could be written"
check "every row is there" test "$(rows "$work/blocked.csv" result PASS)" -eq 16
log_state 0 "the log" "$work/blocked.csv" "intact: 16 rows"

exits 0 "a full disk under standard output" "$sim" --targets 2 --speed 20 -- \
	bash -c '"$h7gang" run --profile "$p" --audit "$work/full.csv" --count 2 >/dev/full'
check "one warning" test "$(grep -c 'warning: standard output: No space left' "$work/err")" -eq 1
check "every row is there" test "$(rows "$work/full.csv" result PASS)" -eq 2

exits 0 "a reader that goes away" "$sim" --targets 2 --speed 20 -- \
	bash -c 'set -o pipefail; "$h7gang" run --profile "$p" --audit "$work/gone.csv" --count 2 | true'
check "every row is there" test "$(rows "$work/gone.csv" result PASS)" -eq 2
# The log must not be opened in the place of a descriptor that is closed.
closed() {
	exec "$h7gang" run --profile "$p" --audit "$work/closed.csv" --count 2 <&- >&- 2>&-
}
export -f closed
exits 0 "no standard input, output and error" "$sim" --targets 2 --virtual-time -- bash -c closed
log_state 0 "the log" "$work/closed.csv" "intact: 2 rows"
exits 0 "nor of the fleet itself" bash -c '"$@" <&- >&- 2>&-' - \
	"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$p" --audit "$work/closed.csv" --count 2
log_state 0 "the log" "$work/closed.csv" "intact: 4 rows"

exits 5 "check onto a full disk" bash -c '"$h7gang" check --profile "$p" >/dev/full'

# A log that cannot be written: a unit without a row is NOT RECORDED, never PASS.
limited() {
	ulimit -f 2 # KiB: the header and one row
	exec "$h7gang" run --profile "$p" --audit "$work/limited.csv" --count 2 --quiet
}
export -f limited
exits 4 "a log that is full" "$sim" --targets 2 --speed 20 -- bash -c limited
sed 's/^/# /' "$work/out"
check "as many lines as rows say PASS" \
	test "$(grep -c '^PASS ' "$work/out")" -eq "$(rows "$work/limited.csv" result PASS)"
check "not every board has a row" test "$(rows "$work/limited.csv" result PASS)" -lt 2
check "the summary says NOT RECORDED" grep -q ', [12] NOT RECORDED  seq=' "$work/out"

cat >"$work/fleet.yaml" <<-'END'
targets:
  - {serial: "a\e[2J\nPASS,\"b\" =1+1"}
  - {layout: "@\e]0;x\a\u202eFlash /0x08000000/16*128Kg"}
END
exits 0 "hostile strings, run" "$sim" --fleet "$work/fleet.yaml" --speed 20 -- \
	bash -c '"$h7gang" run --profile "$p" --audit "$work/hostile.csv" --count 2; true'
check "no escape on the terminal" test "$(cat "$work/out" "$work/err" | tr -d -c '\033' | wc -c)" -eq 0
log_state 0 "the log" "$work/hostile.csv" intact
exits 0 "hostile strings, run --json" "$sim" --fleet "$work/fleet.yaml" --speed 20 -- \
	bash -c '"$h7gang" run --profile "$p" --audit "$work/hostile.csv" --count 2 --json; true'
check "every line is JSON" jq -es 'length > 2' "$work/out"
exits 0 "hostile strings, list" "$sim" --fleet "$work/fleet.yaml" -- "$h7gang" list
check "no escape on the terminal" test "$(tr -d -c '\033' <"$work/out" | wc -c)" -eq 0
check "two boards, hostile strings or not" test "$(grep -c "^1-1\.[12] " "$work/out")" -eq 2
exits 0 "hostile strings, list --json" "$sim" --fleet "$work/fleet.yaml" -- "$h7gang" list --json
check "JSON" jq -e '.targets[0].serial | contains("[2J")' "$work/out"
finish
