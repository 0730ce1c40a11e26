#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Rare cases, each with its outcome: option bytes that are right already, cannot be read, or reset the part;
# flash that cannot be read back, in one bank alone; a mass erase that is not trusted twice; a mark that cannot be
# written, for each way to erase; an erase that outlives its unit; a trace, or an end hook, that comes to nothing; parts
# that `list` and `read` know little of.
# limit: 300
. "$(dirname "$0")/../lib.sh"

# one NAME PROFILE-KEYS FLEET-KEYS [COMMAND...]: a run of one board (or another command); log and flash by that name.
# With full=TEXT: on a disk that has no room for files whose path holds TEXT. With pace=: not on virtual time, which
# does not wait for the processes of hooks.
full=
pace=--virtual-time
shim=$top/build/tests/failfs.so
one() {
	local name=$1 p disk=()
	p=$(profile "$name" "$2")
	printf 'targets:\n  - {name: %s, %s}\n' "$name" "$3" >"$work/$name.fleet"
	shift 3
	[ $# -gt 0 ] || set -- run
	[ -z "$full" ] || disk=(env LD_PRELOAD="$shim" FAILFS_MODE=enospc FAILFS_CALL=1 FAILFS_MATCH="$full")
	# shellcheck disable=SC2086 # an option, and maybe its value
	"${disk[@]}" "$sim" --fleet "$work/$name.fleet" $pace --save "$work/saved" -- \
		"$h7gang" "$@" --profile "$p" --audit "$work/$name.csv"
}
told() { # NAME: the last attempt's detail
	column "$work/$1.csv" detail | tail -n 1
}
counter() { # NAME COUNTER
	jq -r ".counters.$2" "$work/saved/$1.json"
}

# Option bytes.
exits 0 "set to what they are" one same "leave: false
option_bytes: {set: {bor: 0, iwdg1_sw: true}}" "option_write: refuses"
check "the row has them" says "$work/same.csv" ";set:OPTSR_CUR=0x1bc6aaf0"
exits 1 "unreadable, and to be set" one unreadable "attempts: 1
leave: false
option_bytes: {set: {bor: 2}}" "option_write: takes, refuse: option_bytes"
check "none is set" says "$work/unreadable.csv" "bor cannot be read, so none is set"
check "the flash was right" test "$(column "$work/unreadable.csv" "bank1_result bank2_result")" = "PASS	PASS"
set='leave: false
option_bytes: {set: {bor: 2}}'
exits 0 "set" one plain "$set" "option_write: takes"
# The pointer is set to them to identify, to read the write protection and then all of them surely, to write them, and to
# read them back.
back="on: set_pointer, address: 0x5200201C, nth: 5"
block="on: write, address: 0x5200201C"
exits 0 "the part resets before it is read back" one resets "$set" \
	"option_write: takes, faults: [{fault: vanish, $back}]"
check "it came back, in the same attempt" test "$(column "$work/resets.csv" "attempt result")" = "1	PASS"
check "and they are set" test "$(jq -r .optsr "$work/saved/resets.json")" = 0x1bc6aaf8
exits 1 "another board, which has them, is there instead" one swapped "$set" \
	"option_write: takes, faults: [{fault: swap, $back}]"
check "it is not the board that was verified" grep -q 'another board took its place' "$work/swapped.csv"
check "no_device, and the other one is a unit of its own" test \
	"$(column "$work/swapped.csv" "attempt result error" | tr '\t\n' '  ')" = "1 FAIL no_device 1 PASS  "
exits 1 "another board is there once they are written" one swapped2 "$set" \
	"option_write: takes, faults: [{fault: swap, $block}]"
check "nothing of it is judged as the first one's" test \
	"$(column "$work/swapped2.csv" "attempt result error" | tr '\t\n' '  ')" = "1 FAIL no_device 1 PASS  "
exits 0 "the part resets and has lost them" one loses "$set" \
	"option_write: takes, faults: [{fault: vanish, $block}]"
check "the read-back shows it, and they are set again" test \
	"$(column "$work/loses.csv" "attempt result error" | tr '\t\n' '  ')" = "1 FAIL option_bytes 2 PASS  "
check "they are" test "$(jq -r .optsr "$work/saved/loses.json")" = 0x1bc6aaf8
exits 1 "and does not come back" one leaves "$set" \
	"option_write: takes, return_ms: forever, faults: [{fault: vanish, $back, away_ms: forever}]"
check "no_device" test "$(rows "$work/leaves.csv" error no_device)" -eq 1
set='leave: false
option_bytes: {set: {rdp: 1}}'
exits 0 "level 1" one level1 "$set" "option_write: takes"
check "the row says that it is in force" says "$work/level1.csv" ";protected"
exits 1 "level 1 is not taken" one ignored "$set" "option_write: ignores"
check "it is not protected" test "$(rows "$work/ignored.csv" error option_bytes)" -ge 1

# Flash that cannot be read back, and a mass erase after which it was wrong.
exits 1 "verify, a broken word" one broken "" "contents: {file: $PWD/build/firmware/demo.flash}, broken_at: [0x08000400]" verify
check "the place is told" grep -q 'verify: 0x08000400 cannot be read' <<<"$(told broken)"
check "the other bank was compared" test "$(column "$work/broken.csv" "bank1_result bank2_result" | sort -u)" = "FAIL	PASS"
check "the first has no hash" test -z "$(column "$work/broken.csv" bank1_readback_sha256 | tr -d '\n')"
exits 0 "wrong after a mass erase" one mass "leave: false" \
	"bootloader: V9.2, contents: random, faults: [{fault: dropped_write, nth: 5}]"
check "the next attempt erases by sectors" test "$(column "$work/mass.csv" "erase_method error" | tr '\t\n' '  ')" = \
	"mass verify_mismatch sectors  "
check "flash is right" flash_is "$work/saved/mass.bin"

# No mark, no touch.
untouched() { # NAME
	jq -e '.counters | .words_programmed == 0 and .sector_erases == 0 and .mass_erases == 0' "$work/saved/$1.json" >/dev/null &&
		[ "$(jq -r .optsr "$work/saved/$1.json")" = 0x1bc6aaf0 ]
}
while read -r name board keys; do
	board=${board//#/ }
	full=$name.csv.begun
	exits 4 "no mark, $name" one "$name" "$(sed 's/;/\n/g' <<<"$keys")" "$(sed 's/;/, /g' <<<"$board")"
	full=
	check "$name: NOT RECORDED" grep -q '^NOT RECORDED' "$work/out"
	check "$name: the part is as it was" untouched "$name"
	check "$name: no row" test -z "$(column "$work/$name.csv" seq)"
done <<-END
	mark_auto contents:#random erase: auto
	mark_mass contents:#random erase: mass
	mark_touched contents:#random erase: touched
	mark_none contents:#blank erase: none
	mark_options contents:#{file:#$PWD/build/firmware/demo.flash};option_write:#takes erase: touched;verify: image;option_bytes: {set: {bor: 2}}
END
full=unprotect.csv.begun
exits 4 "no mark, unprotect" one unprotect "option_bytes: {unprotect: true}" "rdp: 1, contents: random"
full=
check "it is still protected" test "$(jq -r .optsr "$work/saved/unprotect.json" | cut -c 7,8)" != aa

# Secrets are not told either if flash is not blank.
exits 1 "not blank where a secret goes" one secret "erase: none
serial:
  source: {counter: {file: sn.state}}
  patch: [{address: 0x08160004, encode: bytes, length: 4, value: \"5EC2E7ff\", secret: true}]" \
	"contents: random, contents_start: 0x08160004, contents_bytes: 4"
check "not_blank" test "$(rows "$work/secret.csv" error not_blank)" -ge 1
check "the place and no more" grep -qE '^bank 2 at 0x0816000[4-7]: expected 0xff$' <<<"$(told secret)"

# Hooks and traces that come to nothing.
pace="--speed 50"
printf '#!/bin/sh\necho no printer >&2\nexit 3\n' >"$work/end"
chmod +x "$work/end"
exits 0 "an end hook that fails" one end "leave: false
hooks: {end: {command: [./end]}}" "bootloader: V9.2"
check "is told" says "$work/err" "end hook exit status 3: no printer"
mkdir "$work/traces"
exits 1 "a folder for traces that goes" one trace "attempts: 1
hooks: {start: {command: [/bin/rmdir, $work/traces]}}" "rdp: 1" run --trace "$work/traces"
check "the row says so" grep -q '; no trace: No such file or directory$' <<<"$(told trace)"

pace=--virtual-time

# A board that left, and came back unreadable, counts as the same unit.
exits 1 "gone for good" one gone "leave: false" "faults: [{fault: vanish, on: write, nth: 10, away_ms: forever}]"
exits 1 "back, and mute" one mute "leave: false" "faults: [{fault: vanish, on: write, nth: 10}, \
{fault: stall, on: getstatus, nth: $(($(counter gone getstatuses) + 1)), count: forever}]"
check "all its attempts are one unit's" test "$(column "$work/mute.csv" unit_id | sort -u | wc -l)" -eq 1
check "the first says that it came back" grep -q 'it came back$' <<<"$(column "$work/mute.csv" detail | head -n 1)"

# An erase that the ROM reports as done, but that fails at once: the next program must not find it running.
printf 'targets:\n  - {name: left, bootloader: V9.1, contents: pattern, faults: [%s]}\n' \
	"{fault: bad_state, on: getstatus, value: 10, address: 0x08140000, count: 4}" >"$work/left.fleet"
head -c 3000 /dev/zero | tr '\0' '\252' >"$work/left.bin"
p=$(profile left "erase: touched
attempts: 1")
sed -i "s|^firmware: .*|firmware: [{file: $work/left.bin, address: 0x08140000}]|" "$p"
export h7gang work p
exits 1 "verify after a run that failed in an erase" "$sim" --fleet "$work/left.fleet" --virtual-time --save "$work/saved" -- bash -c '
	"$h7gang" run --profile "$p" --audit "$work/left.csv"
	"$h7gang" verify --profile "$p" --audit "$work/left-verify.csv"'
check "the run failed there" test "$(column "$work/left.csv" error)" = dfu_status
check "it says why it stays" says "$work/err" "an erase of a board that failed may still run"
check "verify could read" test "$(column "$work/left-verify.csv" error)" = verify_mismatch
check "flash was left alone meanwhile" test "$(counter left busy_touches)" -eq 0

# Parts that are asked for their identity.
cat >"$work/odd.fleet" <<-END
	targets:
	  - {path: 1-1.1, part: stm32h7a3xi}
	  - {path: 1-1.2, initial_state: dfuDNLOAD-IDLE}
	  - {path: 1-1.3, refuse: size}
	  - {path: 1-1.4, part: stm32h723xg, bootloader: V9.1}
END
exits 0 "list" "$sim" --fleet "$work/odd.fleet" --virtual-time -- "$h7gang" list --json
check "another series" jq -e '.targets[0] | .part == "STM32H7A3/7B3" and .opened' "$work/out"
check "one in a download" jq -e '.targets[1] | .why == "in the middle of a download: left alone" and .state == "dfuDNLOAD-IDLE"' \
	"$work/out"
check "one that does not tell its size" jq -e '.targets[2] | .flash_kib == null and .uid != null' "$work/out"
check "one with the layout of another series" jq -e \
	'.targets[3] | .part == "STM32H72x/73x" and (.layout | contains("16*128Kg"))' "$work/out"
exits 1 "it is not that series" one other "attempts: 1" \
	"part: stm32h723xg, bootloader: V9.1, refuse: size, contents: random"
check "wrong_part" test "$(rows "$work/other.csv" error wrong_part)" -eq 1
check "nothing is erased" test "$(counter other sector_erases)" -eq 0
p=$(profile reverse "erase: touched
attempts: 1
firmware: [{file: $work/first.bin, address: 0x08000000}]")
sed -i 's/stm32h743xi/stm32h723xg/; /demo.hex/d' "$p"
tests/firmware/bytes code 3000 >"$work/first.bin"
printf 'targets:\n  - {name: h723, part: stm32h723xg, bootloader: V9.1}\n  - {name: h743, part: stm32h743xg, bootloader: V9.1}\n' \
	>"$work/reverse.fleet"
exits 1 "nor the other way round" "$sim" --fleet "$work/reverse.fleet" --virtual-time --save "$work/saved" -- \
	"$h7gang" run --profile "$p" --audit "$work/reverse.csv"
check "the right one passes" test "$(column "$work/reverse.csv" result | sort | tr '\n' ' ')" = "FAIL PASS "
check "the other is a wrong part" test "$(rows "$work/reverse.csv" error wrong_part)" -eq 1
check "nothing of it is written" test "$(counter h743 words_programmed)" -eq 0
exits 0 "read, its size unknown" "$sim" --fleet "$work/odd.fleet" --virtual-time -- \
	"$h7gang" read --path 1-1.3 --bank all --output "$work/all.bin"
check "as much as the series has" test "$(stat -c %s "$work/all.bin")" -eq 2097152
finish
