#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Every series and bootloader version with each single answer about its identity refused in turn: each board
# still passes, and its row tells the evidence. Then answers that must not be believed, the overrides, and the
# ways in which a part says that it is protected.
# limit: 300
# usage: [ERASE=auto VERIFY=full] identity.sh [PART]...
. "$(dirname "$0")/../lib.sh"
tests/firmware/bytes code 3000 >"$work/app.bin"

versions() { # PART
	write_profile versions "$1" auto full
	"$h7gang" check --profile "$work/versions.yaml" --json | jq -r '.bootloaders[].version | select(startswith("V"))'
}

# A profile for PART; erase, verify and further keys as given.
write_profile() { # NAME PART ERASE VERIFY TARGET-KEYS
	cat >"$work/$1.yaml" <<-END
	profile: 1
	name: $1
	target: {part: $2${5:-}}
	firmware: [{file: app.bin, address: 0x08000000}]
	erase: $3
	verify: $4
	timeouts: {unit_s: 1000}
	END
}

refusals="nothing id uid size option_bytes layout other_layouts serial"
each_refused() { # PART
	local part=$1 version refusal boards=0
	{
		echo "seed: 7"
		echo "defaults: {part: $part, contents: random, contents_start: 0x08000000, contents_bytes: 8192}"
		echo "targets:"
		for version in $(versions "$part"); do
			for refusal in $refusals; do
				[ $refusal != nothing ] || refusal=
				echo "  - {bootloader: $version, refuse: [$refusal]}"
				echo "  - {bootloader: $version, refuse: [$refusal], contents: blank}"
			done
		done
	} >"$work/$part-fleet.yaml"
	boards=$(grep -c '^  - {boot' "$work/$part-fleet.yaml")
	write_profile "$part" "$part" "${ERASE:-touched}" "${VERIFY:-image}"
	exits 0 "$part: $boards boards, each refuses one answer or none" \
		"$sim" --fleet "$work/$part-fleet.yaml" --virtual-time --save "$work/$part" -- \
		"$h7gang" run --profile "$work/$part.yaml" --audit "$work/$part.csv" --count "$boards" --quiet
	check "$part: all pass" test "$(rows "$work/$part.csv" result PASS)" -eq "$boards"
	check "$part: each row tells its evidence" test "$(rows "$work/$part.csv" identity "")" -eq 0
	check "$part: no override was needed" test "$(rows "$work/$part.csv" overrides "")" -eq "$boards"
	scripts/log-columns "$work/$part.csv" result bootloader error detail | grep -v ^PASS | head -n 20
}

# tests/long/identity.sh takes every part.
if [ $# -eq 0 ]; then set -- stm32h743xi stm32h750xb stm32h723xg stm32h7a3xi; fi
for part; do each_refused "$part"; done

# --- questions to a board, and its answers ---
# one NAME STATUS WHAT FLEET-KEYS [TARGET-KEYS]: one board under stm32h743xi.
one() {
	printf 'targets:\n  - {name: %s, %s}\n' "$1" "$4" >"$work/$1-fleet.yaml"
	write_profile "$1" "${6:-stm32h743xi}" touched image "${5:-}"
	exits "$2" "$3" "$sim" --fleet "$work/$1-fleet.yaml" --virtual-time --save "$work/saved" -- \
		"$h7gang" run --profile "$work/$1.yaml" --audit "$work/$1.csv" --quiet
}
is() { # NAME COLUMN VALUE
	local got
	got=$(column "$work/$1.csv" "$2" | tail -n 1)
	[ "$got" = "$3" ] || { echo "# $1: $2 is '$got', not '$3'"; return 1; }
}
untouched() { # NAME
	jq -e '.counters | .erases_sent == 0 and .writes_sent == 0' "$work/saved/$1.json" >/dev/null
}

one full 0 "a healthy board" ""
check "its evidence" is full identity layout+id+uid+size+serial
one shifted 0 "strings that are shifted by one" 'manufacturer: "", product: STMicroelectronics, serial: "DFU in FS Mode", layout: ["200364500000", "@Internal Flash   /0x08000000/16*128Kg"]'
one empty 0 "strings that are empty" 'manufacturer: "", product: "", layout: ["", ""]'
one nameless 0 "all strings refused" 'refuse: [strings]'
check "the evidence is the registers" is nameless identity id+uid+size
one other 1 "strings of another series" 'part: stm32h723xg'
check "it is a wrong part" is other error wrong_part
check "its UID is in the row" test -n "$(column "$work/other.csv" uid)"
check "it is left alone" untouched other

# A UID that is none.
for how in 'system_echo: true, contents: pattern' 'uid_unstable: true' 'memory: [{address: 0x1FF1E800, bytes: "000000000000000000000000"}]' \
	'uid: "ffffffffffffffffffffffff"'; do
	one uid 0 "a UID that is none ($how)" "$how"
	check "the row has no UID" is uid uid ""
	rm "$work/uid.csv"
done
printf '\000\000\002\040\301\001\000\010\125\002\000\010' | cat - /dev/zero | head -c 4096 >"$work/table.bin"
one vector 0 "a UID that is what flash begins with" \
	'uid: "00000220c101000855020008", contents: {file: table.bin}'
check "the row has no UID" is vector uid ""

# --- overrides ---
shy='refuse: [strings, id, uid, size, option_bytes]'
one shy 1 "a board that tells nothing" "$shy"
check "it is a wrong part" is shy error wrong_part
check "the detail lists what was asked" grep -q 'bootloader ID unknown, UID unknown, flash size unknown' "$work/shy.csv"
check "it is left alone" untouched shy
one accepted 0 "the same, accepted" "$shy" ", unidentified: accept"
check "the row says so" is accepted overrides unidentified
one foreign 1 "another chip is refused all the same" \
	'refuse: [id, uid, size], layout: ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", ""]' ", unidentified: accept"
check "it is a wrong part" is foreign error wrong_part
mboot='manufacturer: MicroPython, product: MBoot, bcd_device: 0x0300, transfer_size: 2048, layout: ["@Internal Flash  /0x08000000/01*128Ka,15*128Kg"]'
one resident 1 "a program in flash" "$mboot"
check "it is a wrong part" is resident error wrong_part
check "it is left alone" untouched resident
one allowed 1 "the same, allowed: its own sector is read-only" "$mboot, real_transfer_size: 2048" ", resident: allow"
check "the sector is named" grep -q 'sector at 0x08000000 is not announced as erasable' "$work/allowed.csv"
check "it is left alone" untouched allowed
open=${mboot/01\*128Ka,15/16}
one open 0 "the same without a protected sector" "$open, real_transfer_size: 2048, contents: random" ", resident: allow"
check "the row says so" is open overrides resident
check "no bootloader version is claimed" is open bootloader ""
check "it gets the most careful treatment" grep -q sectors "$work/open.csv"
exits 0 "check" "$h7gang" check --profile "$work/accepted.yaml"
check "check shows the override" says "$work/out" "override    unidentified"
exits 0 "check --json" "$h7gang" check --profile "$work/open.yaml" --json
check "so does its JSON" test "$(jq -r .overrides "$work/out")" = resident
# Other USB IDs in the profile select the boards.
one ids 0 "a program in flash with USB ids of its own" "$open, real_transfer_size: 2048, vid: 0x1209, pid: 0xabd1" \
	", usb: {vid: 0x1209, pid: 0xabd1}"
check "no override is in use" is ids overrides ""

# Internal flash is where the address says, not where alternate setting 0 is.
one moved 0 "flash behind the second alternate setting" \
	'layout: ["@Option Bytes   /0x5200201C/01*128 e", "@Internal Flash   /0x08000000/16*128Kg"]'

# --- read protection ---
for protect in errs stalls empty; do
	one "rdp-$protect" 1 "RDP level 1, refused by: $protect" "rdp: 1, contents: random, protect: $protect"
	check "it is read-protected" is "rdp-$protect" error read_protected
	check "it is left alone" untouched "rdp-$protect"
done
one rdp-a3 1 "an H7A3 at RDP level 1" "part: stm32h7a3xi, bootloader: V9.0, rdp: 1" "" stm32h7a3xi
check "it is read-protected" is rdp-a3 error read_protected
one rdp-750 1 "a part with one sector at RDP level 1" "part: stm32h750xb, rdp: 1" "" stm32h750xb
check "it is read-protected" is rdp-750 error read_protected
# The first STM32H7A3 do not tell their flash size.
one small 1 "a smaller part that does not tell its size" "part: stm32h7a3xg, bootloader: V9.0, contents: random" "" stm32h7a3xi
check "it is a wrong part" is small error wrong_part
check "nothing was erased or written" untouched small
one smallest 1 "a value-line part that does not tell its size" "part: stm32h7b0xb, bootloader: V9.0" "" stm32h7a3xg
check "it is a wrong part" is smallest error wrong_part
one told-nothing 0 "the right part that does not tell its size" "part: stm32h7a3xg, bootloader: V9.0, contents: random" "" stm32h7a3xg
one broken 0 "option bytes refused and a broken word at the start of flash" \
	"refuse: [option_bytes], broken_at: [0x08000000]"

# --- list ---
exits 0 "list --identity" "$sim" --fleet "$work/shy-fleet.yaml" -- "$h7gang" list --identity
check "it shows what a board may be" says "$work/out" "not proved: may be STM32H74x/75x or STM32H72x/73x or"
echo 'targets: [{total_length: 9}]' >"$work/closed-fleet.yaml"
exits 0 "list --identity of a board without a DFU interface" "$sim" --fleet "$work/closed-fleet.yaml" -- "$h7gang" list --identity
check "it says that it was not asked" says "$work/out" "1-1.1: could not be asked"
exits 0 "list --identity of a healthy board" "$sim" --targets 1 -- "$h7gang" list --identity
check "it shows the evidence" says "$work/out" "STM32H74x/75x, proved by layout+id+uid+size+serial"
finish
