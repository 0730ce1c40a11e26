#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# Option bytes expected, set, refused; swapped banks by their names; a part at RDP level 1.
. "$(dirname "$0")/../lib.sh"

export h7gang work
# one NAME KEYS FLEET-KEYS: a run of one board; log and flash by that name.
one() {
	local p
	p=$(profile "$1" "leave: false
$2")
	printf 'targets:\n  - {name: %s, %s}\n' "$1" "$3" >"$work/$1.fleet"
	"$sim" --fleet "$work/$1.fleet" --speed 50 --save "$work/saved" -- \
		"$h7gang" run --profile "$p" --audit "$work/$1.csv"
}

expect='option_bytes: {expect: {rdp: 0, bor: 0, iwdg1_sw: true, swap_bank: false, security: false, boot_add0: 0x0800, boot_add1: 0x1FF0, wrp: []}}'
exits 0 "as delivered" one expect "$expect" "bootloader: V9.2"
check "the row has the registers" says "$work/expect.csv" \
	"OPTSR_CUR=0x1bc6aaf0;BOOT_CUR=0x1ff00800;WPSN_CUR1=0x000000ff;WPSN_CUR2=0x000000ff"
exits 1 "other values" one differs "$(sed 's/bor: 0/bor: 2/; s/wrp: \[\]/wrp: [0, 9]/' <<<"$expect")" "bootloader: V9.2"
check "each is told" grep -q 'bor: expected 0x2, read 0x0; wrp: expected sectors 0, 9 to be write-protected, read that no sector is' "$work/differs.csv"
check "by name" test "$(rows "$work/differs.csv" error option_bytes)" -ge 1
check "nothing was touched" jq -e '.counters | .words_programmed == 0 and .sector_erases == 0' "$work/saved/differs.json"
exits 1 "a protected sector" one wrp "$expect" "bootloader: V9.2, write_protect: [0x08100000]"
check "it says which" says "$work/wrp.csv" "wrp: expected no sector to be write-protected, read that sector 8 is"
exits 1 "unreadable" one unreadable "$expect" "refuse: option_bytes"
check "it says so" test "$(rows "$work/unreadable.csv" error option_bytes)" -ge 1

# Each field alone, with a value that the part has not: it is compared, told by name, and nothing is touched.
while read -r field wrong told; do
	exits 1 "$field" one "field_$field" "attempts: 1
start: {address: 0x08000000, check: off}
option_bytes: {expect: {$field: $wrong}}" "bootloader: V9.2"
	check "$field: told" says "$work/field_$field.csv" "$told"
	check "$field: nothing was touched" jq -e '.counters | .words_programmed == 0 and .sector_erases == 0' \
		"$work/saved/field_$field.json"
done <<-END
	bor 3 bor: expected 0x3, read 0x0
	iwdg1_sw false iwdg1_sw: expected 0x0, read 0x1
	security true security: expected 0x1, read 0x0
	swap_bank true swap_bank: expected 0x1, read 0x0
	boot_add0 0x0801 boot_add0: expected 0x801, read 0x800
	boot_add1 0x1FF1 boot_add1: expected 0x1ff1, read 0x1ff0
	wrp [15] wrp: expected sector 15 to be write-protected, read that no sector is
END
exits 2 "boot_add0 says where the application starts" "$h7gang" check --profile "$(profile starts \
	"option_bytes: {expect: {boot_add0: 0x0802}}")"
check "boot_add0: the address is told" says "$work/err" "no application starts at 0x08020000"
exits 2 "boot_add0 of a blank sector, with start" "$h7gang" check --profile "$(profile starts_blank \
	"start: 0x08000000
option_bytes: {set: {boot_add0: 0x0818}}")"
check "it says so" says "$work/err" "0x08180000, where the part starts from power-on, and this job erases them"
exits 2 "another level cannot be expected" one level1_expected "option_bytes: {expect: {rdp: 1}}" "bootloader: V9.2"

set='option_bytes: {set: {bor: 2, iwdg1_sw: false}}'
exits 0 "set" one set "$set" "option_write: takes"
exits 0 "set, on a ROM that resets the part" one set_resets "$set" "option_write: takes, option_reset: true"
check "they are set" test "$(jq -r .optsr "$work/saved/set_resets.json")" = 0x1bc6aae8
check "they are set" test "$(jq -r .optsr "$work/saved/set.json")" = 0x1bc6aae8
check "the row has what was found" says "$work/set.csv" "OPTSR_CUR=0x1bc6aaf0;"
check "and what was read back" says "$work/set.csv" ";set:OPTSR_CUR=0x1bc6aae8"
check "flash is right" flash_is "$work/saved/set.bin"
check "flash was read back again after the last write" \
	jq -e --argjson once "$(jq .counters.uploads "$work/saved/expect.json")" '.counters.uploads > $once + 1500' \
	"$work/saved/set.json"
exits 1 "flash that differs after option bytes were set" one after "attempts: 1
$set" "option_write: takes, faults: [{fault: upload_wrong_data, on: read, nth: 4600, count: forever}]"
check "it is a mismatch" test "$(rows "$work/after.csv" error verify_mismatch)" -eq 1

# RDP level 1 locks reading: all else is set and proved before it.
level='option_bytes: {set: {rdp: 1, bor: 2}}'
exits 0 "RDP level 1 is set" one locks "$level" "option_write: takes"
check "it is in force" test "$(jq -r .optsr "$work/saved/locks.json" | cut -c 7-8)" != aa
check "the row says protected" grep -q ';protected' "$work/locks.csv"
check "the row says what else was set" grep -q ';set:OPTSR_CUR=0x1bc6aaf8' "$work/locks.csv"
exits 1 "flash differs before the lock" one unlocked "attempts: 1
$level" "option_write: takes, faults: [{fault: upload_wrong_data, on: read, nth: 4600, count: forever}]"
check "the part is not locked" test "$(jq -r .optsr "$work/saved/unlocked.json" | cut -c 7-8)" = aa
exits 1 "a board that the profile protects comes back" one back "$level" "rdp: 1, contents: random"
check "it is already_protected" test "$(rows "$work/back.csv" error already_protected)" -eq 1
check "it is not tried again" test "$(column "$work/back.csv" seq | wc -l)" -eq 1

exits 0 "set, of a part with a protected sector" one keeps "$set" "option_write: takes, write_protect: [0x080A0000]"
check "the rest of the block is as it was" says "$work/keeps.csv" \
	";set:OPTSR_CUR=0x1bc6aae8;BOOT_CUR=0x1ff00800;WPSN_CUR1=0x000000df"
# A wrong bit on the way, in RDP's byte, when the block is read to be written back.
misread='{fault: upload_wrong_data, on: read, address: 0x5200201d, bit: 1'
exits 0 "read wrong once" one misread "$set" "option_write: takes, faults: [$misread, nth: 2}]"
check "what is written was read twice" test "$(jq -r .optsr "$work/saved/misread.json")" = 0x1bc6aae8
exits 1 "read wrong each time" one misreads "attempts: 1
$set" "option_write: takes, faults: [$misread, nth: 2}, {fault: upload_wrong_data, on: read, address: 0x5200201d, bit: 2, nth: 3}, {fault: upload_wrong_data, on: read, address: 0x5200201d, bit: 3, nth: 4}]"
check "it says so" says "$work/misreads.csv" "read differently each time, so none is set"
check "nothing is set" test "$(jq -r .optsr "$work/saved/misreads.json")" = 0x1bc6aaf0
exits 0 "not asked for" one unasked "" "option_write: takes"
check "nothing is set" test "$(jq -r .optsr "$work/saved/unasked.json")" = 0x1bc6aaf0
exits 1 "a board whose flash is wrong" one worn "$set" \
	"option_write: takes, faults: [{fault: stuck, address: 0x08000002, bit: 2, value: 0}, {fault: stuck, address: 0x08000002, bit: 3, value: 0}]"
check "its option bytes are left alone" test "$(jq -r .optsr "$work/saved/worn.json")" = 0x1bc6aaf0
printf 'targets: [{name: verified, option_write: takes, contents: {file: %s}}]\n' "$PWD/build/firmware/demo.flash" >"$work/verified.fleet"
exits 1 "verify compares what the profile sets" "$sim" --fleet "$work/verified.fleet" --speed 50 --save "$work/saved" -- \
	"$h7gang" verify --profile "$(profile verified "$set")" --audit "$work/verified.csv"
check "it says so" test "$(rows "$work/verified.csv" error option_bytes)" -ge 1
check "it sets nothing" test "$(jq -r .optsr "$work/saved/verified.json")" = 0x1bc6aaf0
exits 1 "a ROM that refuses" one refuses "$set" "option_write: refuses"
check "it says so" test "$(rows "$work/refuses.csv" error option_bytes)" -ge 1
exits 1 "a ROM that does nothing" one ignores "$set" "option_write: ignores"
check "the read-back shows it" says "$work/ignores.csv" "bor: expected 0x2, read 0x0 after it was set"
exits 2 "level 2" one level2 "option_bytes: {set: {rdp: 2}}" "bootloader: V9.2"
check "it is refused in the profile" says "$work/err" "level 2 is never set"
exits 2 "an option of another part" one cores "option_bytes: {expect: {boot_cm4: true}}" "bootloader: V9.2"
"$h7gang" check --profile "$work/set.yaml" >"$work/plan"
check "check warns" says "$work/plan" "is not documented for every version"

exits 1 "RDP level 1" one level1 "" "rdp: 1, contents: random"
check "it is read_protected" test "$(rows "$work/level1.csv" error read_protected)" -ge 1
exits 0 "RDP level 1, unprotect" one unprotect "option_bytes: {unprotect: true}
limits: {once_per_lot: true}
serial: {source: {counter: {file: sn.state}}, unique_by: uid}" "rdp: 1, contents: random, write_protect: [0x08000000]"
check "one unit in one attempt" test "$(rows "$work/unprotect.csv" attempt 1)" -eq 1
check "the row says so" says "$work/unprotect.csv" "RDP level 1 was taken off"
check "with its UID" test "$(column "$work/unprotect.csv" uid)" = "$(jq -r .uid "$work/saved/unprotect.json")"
check "flash is right" flash_is "$work/saved/unprotect.bin"
exits 0 "the same, on a ROM that resets the part" one resets "option_bytes: {unprotect: true}" \
	"rdp: 1, option_reset: true, contents: random"
check "flash is right" flash_is "$work/saved/resets.bin"
exits 1 "it does not come back" one stays "option_bytes: {unprotect: true}" "rdp: 1, option_reset: true, return_ms: forever"
check "no_device" test "$(rows "$work/stays.csv" error no_device)" -ge 1

# With banks swapped, the bank at 0x08100000 is physical bank 1.
exits 1 "swapped banks" one swapped "attempts: 1" \
	"swap_bank: true, faults: [{fault: stuck, address: 0x08100002, bit: 2, value: 0}]"
check "the difference is in bank 1" says "$work/swapped.csv" "bank 1 at 0x08100002"
check "its column too" test "$(column "$work/swapped.csv" "bank1_result bank2_result")" = "FAIL	PASS"
check "the row says so" says "$work/swapped.csv" "addresses from 0x08000000 are physical bank 2"
finish
