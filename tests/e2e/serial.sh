#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Data of each board's own: from a counter and from a list, with secrets, over failures, and found again.
. "$(dirname "$0")/../lib.sh"

export h7gang work
# bytes FLASH OFFSET LENGTH: in hexadecimal.
bytes() {
	xxd -p -s "$2" -l "$3" "$1" | tr -d '\n'
}

counter=$(profile counter "leave: false
serial:
  source: {counter: {file: sn.state, start: 7, end: 11, format: \"A7-{:06d}\"}}
  unique_by: uid
  patch:
    - {address: 0x081FFF00, encode: ascii, length: 16, pad: 0x00}
    - {address: 0x081FFF20, encode: mac48, base: \"02:00:00:00:00:00\"}
    - {address: 0x081FFF30, encode: u32le, value: \"{counter}\"}
    - {address: 0x081FFF40, encode: bytes, value: \"{uid}\"}
    - {address: 0x08000400, encode: u16le}")
export counter
twice() {
	"$h7gang" run --profile "$counter" --audit "$work/counter.csv" --count 4 &&
		"$h7gang" run --profile "$counter" --audit "$work/other.csv" --count 4 &&
		"$h7gang" verify --profile "$counter" --audit "$work/counter.csv"
}
export -f twice
exits 0 "four boards twice, then verify" "$sim" --targets 4 --speed 50 --save "$work/saved" -- bash -c twice
check "four numbers were taken" test "$(grep -c '^take' "$work/sn.state")" -eq 4
for flash in "$work"/saved/*.bin; do
	uid=$(jq -r .uid "${flash%.bin}.json")
	number=$(column "$work/counter.csv" "uid unit_serial" | awk -v uid="$uid" '$1 == uid {print $2}' | sort -u)
	count=$((10#${number#A7-}))
	check "$number: as text" test "$(bytes "$flash" 0x1fff00 16)" = "$(printf %s "$number" | xxd -p)00000000000000"
	check "$number: MAC" test "$(bytes "$flash" 0x1fff20 6)" = "$(printf 0200%08x $count)"
	check "$number: 32 bits" test "$(bytes "$flash" 0x1fff30 4)" = "$(printf %02x000000 $count)"
	check "$number: UID" test "$(bytes "$flash" 0x1fff40 12)" = "$uid"
	check "$number: over the firmware" test "$(bytes "$flash" 0x400 2)" = "$(printf %02x00 $count)"
	check "$number: the rest is the image" test "$(cmp -l "$flash" build/firmware/demo.flash | wc -l)" -le 40
	bank=$(head -c $((1 << 20)) "$flash" | sha256sum | cut -c 1-64)
	check "$number: the log has the hash of its bank" grep -qF "$bank" "$work/counter.csv"
	check "counters are 0" counters_good "${flash%.bin}.json"
done
check "image_sha256 is the shared image's" \
	test "$(column "$work/counter.csv" image_sha256 | sort -u)" = "$(sha256sum <build/firmware/demo.flash | cut -c 1-64)"

exits 1 "a new tray of four, one number left" "$sim" --fleet <(printf 'seed: 5\ndefaults: {}\ntargets: [{repeat: 4}]\n') \
	--speed 50 -- "$h7gang" run --profile "$counter" --audit "$work/counter.csv" --count 4
check "one passes" test "$(grep -c '^PASS ' "$work/out")" -eq 1
check "three go without" test "$(rows "$work/counter.csv" error serial_exhausted)" -eq 3
exits 1 "verify of boards nobody knows" "$sim" --fleet <(printf 'seed: 6\ntargets: [{}]\n') --speed 50 -- \
	"$h7gang" verify --profile "$counter" --audit "$work/counter.csv"
check "it says so" test "$(rows "$work/counter.csv" error serial_unknown)" -ge 1
exits 1 "a board without a UID" "$sim" --fleet <(printf 'targets: [{refuse: uid}]\n') --speed 50 -- \
	"$h7gang" run --profile "$counter" --audit "$work/counter.csv"
check "it says so" test "$(rows "$work/counter.csv" error uid_unknown)" -ge 1

# A lost state file: the log still has the number of each board.
rm "$work/sn.state"
sed -i 's/end: 11/end: 99/' "$work/counter.yaml"
exits 0 "the same four, state file lost" "$sim" --targets 4 --speed 50 -- \
	"$h7gang" run --profile "$counter" --audit "$work/counter.csv" --count 4
check "no number was taken" test "$(grep -c '^take' "$work/sn.state")" -eq 0

# verify says so when a board carries a number that was discarded: its flash is right, its last run was not.
printf '#!/bin/sh\n[ -e "%s/gated-$1" ] || ! : >"%s/gated-$1"\n' "$work" "$work" >"$work/once" # refuses the first time
chmod +x "$work/once"
for on_fail in burn keep; do
	p=$(profile "gated-$on_fail" "leave: false
hooks: {gate: {command: [$work/once, $on_fail], timeout_s: 600}}
serial:
  source: {counter: {file: gated-$on_fail.state, start: 1, end: 9}}
  on_fail: $on_fail
  patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0x00}]")
	export p on_fail
	carried() {
		"$h7gang" run --profile "$p" --audit "$work/gated-$on_fail.csv"
		"$h7gang" verify --profile "$p" --audit "$work/gated-$on_fail.csv"
	}
	export -f carried
	# Not on virtual time, which does not wait for the processes of hooks.
	"$sim" --targets 1 --speed 50 -- bash -c carried >"$work/out" 2>"$work/err"
	check "$on_fail: the run fails at the gate" test "$(column "$work/gated-$on_fail.csv" "command result unit_serial" | head -n 1 | tr "\t" " ")" = "run FAIL 1"
done
check "discarded: verify fails" test "$(column "$work/gated-burn.csv" "command result error" | tail -n 1 | tr "\t" " ")" = "verify FAIL serial_unknown"
check "it names the number" says "$work/gated-burn.csv" "the board carries number 1, which was discarded"
check "though the flash was compared" test "$(column "$work/gated-burn.csv" bank2_result | tail -n 1)" = PASS
check "kept: verify passes" test "$(column "$work/gated-keep.csv" "command result" | tail -n 1 | tr "\t" " ")" = "verify PASS"

# A list with a secret key, into a worn word.
cat >"$work/units.csv" <<-END
sn,mac,key
L-1,02:00:00:00:01:01,5ec2e75ec2e701
L-2,02:00:00:00:01:02,5ec2e75ec2e702
L-3,02:00:00:00:01:03,5ec2e75ec2e703
END
list=$(profile list "leave: false
attempts: 2
serial:
  source: {list: {file: units.csv, column: sn}}
  on_fail: keep
  patch:
    - {address: 0x08120000, encode: utf8, length: 8}
    - {address: 0x08140000, encode: mac48, value: \"{mac}\"}
    - {address: 0x08160004, encode: bytes, length: 7, value: \"{key}\", secret: true}")
export list
cat >"$work/worn.yaml" <<-END
targets:
  - {name: good}
  - {name: worn, faults: [{fault: stuck, address: 0x08160005, bit: 1, value: 0}]}
END
keep() {
	"$h7gang" run --profile "$list" --audit "$work/list.csv" --count 2 --json --log-level debug --trace "$work/trace"
	"$h7gang" run --profile "$list" --audit "$work/list.csv" --log-level debug --slot 1-1.2
}
export -f keep
mkdir -p "$work/trace"
exits 1 "a secret that does not take" "$sim" --fleet "$work/worn.yaml" --speed 50 --save "$work/list" -- bash -c keep
check "two attempts and two more" test "$(rows "$work/list.csv" error verify_mismatch)" -eq 4
check "all of them with one number" test \
	"$(column "$work/list.csv" "error unit_serial" | grep verify_mismatch | sort -u | wc -l)" -eq 1
check "the detail has the address" says "$work/list.csv" 0x08160005
cat "$work/out" "$work/err" "$work/list.csv" "$work/units.csv.state" >"$work/told"
check "there is a trace" ls "$work"/trace/*.pcapng
check "which does not tell it" test "$(cat "$work"/trace/* | xxd -p | tr -d '\n' | grep -ciE '5ec2e7|c2e75e|e75ec2')" -eq 0
check "nothing tells the key" test "$(grep -ciE '5ec2e7|c2e75e|e75ec2' "$work/told")" -eq 0
good=$(column "$work/list.csv" "result unit_serial" | awk '$1 == "PASS" {print $2}')
check "its number" test "$(bytes "$work/list/good.bin" 0x120000 8)" = "$(printf %s "$good" | xxd -p)0000000000"
check "its address" test "$(bytes "$work/list/good.bin" 0x140000 6)" = "02000000010${good#L-}"
check "its key" test "$(bytes "$work/list/good.bin" 0x160004 7)" = "5ec2e75ec2e70${good#L-}"

# touched: a second run finds everything as wanted; sectors that only a patch touches count.
sed 's/^leave/erase: touched\nleave/' "$counter" >"$work/touched.yaml"
again() {
	"$h7gang" run --profile "$work/touched.yaml" --audit "$work/touched.csv" &&
		"$h7gang" run --profile "$work/touched.yaml" --audit "$work/touched.csv"
}
export -f again
exits 0 "erase: touched, twice" "$sim" --targets 1 --speed 50 -- bash -c again
check "the second time it is the same" test "$(rows "$work/touched.csv" erase_method same)" -eq 1

echo "shopping" >"$work/sn.state"
exits 2 "a state file that is none" "$sim" --targets 1 -- "$h7gang" run --profile "$counter" --audit "$work/counter.csv"
check "it says so" says "$work/err" "no file of numbers"
log_state 0 "the log" "$work/counter.csv" intact
finish
