#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# --trace: a file for each failed attempt, named in its row, that tshark takes apart as USB DFU.
. "$(dirname "$0")/../lib.sh"

cat >"$work/fleet.yaml" <<-END
targets:
  - {path: 1-1.1}
  - {path: 1-1.2, rdp: 1}
  - path: 1-1.3
    contents: random
    faults: [{fault: stall, on: write, nth: 60, count: forever}]
  - path: 1-1.4
    faults: [{fault: stuck, on: op_program, value: 0, bit: 3, address: 0x08000100}]
END
p=$(profile trace)
log=$work/log.csv
mkdir "$work/traces"
exits 1 "four boards, three with trouble" "$sim" --fleet "$work/fleet.yaml" --speed 20 -- \
	"$h7gang" run --profile "$p" --audit "$log" --count 4 --trace "$work/traces"
failed=$(rows "$log" result FAIL)
check "a trace for each failed attempt and no other" test "$(find "$work/traces" -type f | wc -l)" -eq "$failed"
check "of which there are some" test "$failed" -ge 4
named=$(column "$log" detail | sed -n 's/.*; trace \(.*\.pcapng\)$/\1/p' | sort)
check "each is named in its row" test "$named" = "$(cd "$work/traces" && ls)"
check "nobody else may read them" test "$(stat -c %a "$work"/traces/* | sort -u)" = 640
log_state 0 "the log" "$log" intact

exits 2 "a folder that is not there" "$sim" --targets 1 -- \
	"$h7gang" run --profile "$p" --audit "$work/none.csv" --trace "$work/nowhere"
check "nothing was begun" test ! -e "$work/none.csv"
touch "$work/file"
exits 2 "a file" "$h7gang" run --profile "$p" --audit "$work/none.csv" --trace "$work/file"
check "it says so" says "$work/err" "Not a directory"
exits 2 "list has no --trace" "$h7gang" list --trace "$work/traces"

# The profile's secrets are in no trace: neither as written nor as read back.
printf 'sn,key\nS1,5ec2e7aa0badc0de\nS2,5ec2e7bb0badc0de\n' >"$work/units.csv"
p=$(profile secret "attempts: 1
serial:
  source: {list: {file: units.csv, column: sn}}
  patch: [{address: 0x081ff010, encode: bytes, value: \"{key}\", length: 8, secret: true}]")
cat >"$work/worn.yaml" <<-END
targets:
  - path: 1-1.1
    faults: [{fault: stuck, on: op_program, value: 0, bit: 3, address: 0x081ff100}]
END
mkdir "$work/secret"
exits 1 "a board with a secret and a worn word beside it" "$sim" --fleet "$work/worn.yaml" --speed 20 --save "$work/flash" -- \
	"$h7gang" run --profile "$p" --audit "$work/secret.csv" --trace "$work/secret"
hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }
check "the secret is in the board's flash" test "$(tail -c +$((0x1ff011)) "$work"/flash/*.bin | head -c 8 | hex)" = 5ec2e7aa0badc0de
check "a trace was kept" test "$(find "$work/secret" -type f | wc -l)" -eq 1
check "without the secret, which was hidden" test "$(hex "$work"/secret/* | grep -c "5ec2e7aa\|0badc0de")" -eq 0 -a "$(hex "$work"/secret/* | grep -c 2a2a2a2a2a2a2a2a)" -eq 1

if ! command -v tshark >/dev/null; then
	checks=$((checks + 1))
	echo "ok $checks - tshark reads them # SKIP no tshark"
	finish
fi
read_trace() { tshark -d usb.product==0x0483df11,usbdfu "$@" 2>/dev/null; }
for trace in "$work"/traces/*; do
	name=$(basename "$trace")
	read_trace -r "$trace" >"$work/shown"
	check "$name: DFU requests show" says "$work/shown" "Get Status"
	check "$name: nothing in it is malformed" test -z "$(read_trace -r "$trace" -Y _ws.malformed)"
	check "$name: at most 256 transfers and two descriptors" test "$(wc -l <"$work/shown")" -le $((4 + 512))
done
# The row tells the same end of the story as the trace does.
stalled=$(column "$log" detail | sed -n '/DNLOAD stalled/s/.*trace //p' | head -n 1)
read_trace -r "$work/traces/$stalled" -Y 'usb.urb_status == -32' -E occurrence=f -T fields -e usbdfu.response >"$work/shown"
check "a stalled DNLOAD is in its trace" grep -qx 1 "$work/shown"
protected=$(scripts/log-columns "$log" error detail | sed -n '/^read_protected/s/.*trace //p')
read_trace -r "$work/traces/$protected" -E occurrence=f -T fields -e usbdfu.status >"$work/shown"
check "errVENDOR is in the protected board's" grep -qx '0x0b\|11' "$work/shown"
# Data are those that were on the wire: the first block of the firmware.
wrong=$(scripts/log-columns "$log" error detail | sed -n '/^verify_mismatch/s/.*trace //p' | head -n 1)
check "the read-back's blocks are there" test -n "$(read_trace -r "$work/traces/$wrong" -Y usbdfu.data -T fields -e usbdfu.data)"
finish
