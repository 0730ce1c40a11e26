#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Foreign DFU devices with the USB ids of ST's ROM bootloader, each under profiles of every series: refused as
# wrong_part, and neither an erase nor a write is sent to any of them. tests/kernel/26-foreign.sh does the same
# on a real kernel.
# limit: 300
. "$(dirname "$0")/../lib.sh"

fleet=tests/e2e/fleets/foreign.yaml
devices=$(grep -c '^  - {name:' $fleet)
check "the table has at least 20 devices" test "$devices" -ge 20
tests/firmware/bytes code 5000 >"$work/app.bin"

# harm FOLDER: a line for each device: its name, and the erases and writes that it took or was sent.
harm() {
	jq -r '[(input_filename | split("/")[-1] | rtrimstr(".json")), (.counters | {erases_sent, writes_sent, sector_erases,
		mass_erases, words_programmed, left} | with_entries(select(.value != 0)) | tojson)] | join(" ")' "$1"/*.json
}

# Programs in flash that answer the registers of the chip they run on.
no_version() { # LOG SAVED
	local name path
	for name in mboot-h743 mboot-two cherryusb standalone-h723 openmotion tuned named; do
		path=$(jq -r .path "$2/$name.json")
		scripts/log-columns "$1" usb_path bootloader bootloader_id | grep -qxP "$path\t\t" || return 1
	done
}

# try NAME PART KEYS: the whole table under one profile.
try() {
	local name=$1 saved=$work/$1 log=$work/$1.csv device harmed
	cat >"$work/$name.yaml" <<-END
	profile: 1
	name: $name
	target: {part: $2}
	firmware: [{file: app.bin, address: 0x08000000}]
	leave: false
	$3
	END
	exits 1 "$name" "$sim" --fleet $fleet --virtual-time --save "$saved" -- \
		"$h7gang" run --profile "$work/$name.yaml" --audit "$log" --count "$devices" --quiet
	check "$name: every device is a wrong part" test "$(rows "$log" error wrong_part)" -eq "$devices"
	[ "$(rows "$log" error wrong_part)" -eq "$devices" ] ||
		scripts/log-columns "$log" usb_path result error detail | grep -v wrong_part
	check "$name: one attempt each" test "$(rows "$log" attempt 1)" -eq "$devices"
	check "$name: no version is claimed of a program in flash" no_version "$log" "$saved"
	while read -r device harmed; do
		check "$name, $device: no erase, no write" test "$harmed" = "{}"
		[ "$harmed" = "{}" ] || echo "# $harmed"
	done < <(harm "$saved")
	check "$name: each device was looked at" test "$(harm "$saved" | wc -l)" -eq "$devices"
}

try h743 stm32h743xi ""
try h723 stm32h723xg "erase: mass"
try h7a3 stm32h7a3xi "verify: image"
# At the first address of a read-only sector, even if other sectors are erased.
try h750 stm32h750xb "erase: touched"
finish
