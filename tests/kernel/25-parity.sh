#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same fleets through the stand-in for libusb and through the kernel give the same rows: all columns
# but those that tell of a time, of a port, or of the run itself.
. "$(dirname "$0")/lib.sh"
columns="slot attempt attempts_allowed command profile image_sha256 uid dfu_serial part flash_kib layout
	bootloader_id bootloader erase_method verify_scope bank1_bytes bank1_expected_sha256
	bank1_readback_sha256 bank1_result bank2_bytes bank2_expected_sha256 bank2_readback_sha256
	bank2_result option_bytes leave result error detail"

inside() {
	profile kernel.yaml 'erase: touched' 'timeouts: {transfer_ms: 2000}' 'audit: {file: kernel.csv}'
	"$h7gang" run --profile kernel.yaml --all-slots || true
	cp "$H7GANG_SIM_PORTS" ports
}
enter "$@"

# In the order of slots: which board ends first is chance.
rows() {
	local name fields=()
	for name in $columns; do
		column "$1" "$name" >"column.$name"
		fields+=("column.$name")
	done
	# How far a read-back came before its target left the bus is not the same twice.
	paste -d '|' "${fields[@]}" | sed -E 's/\|[0-9]*(\|[0-9a-f]{64}\|\|FAIL\|)/|-\1/g' | sort
}

for fleet in versions unplug; do
	rm -f kernel.csv standin.csv
	bench --fleet "$fleets/$fleet.yaml" --speed 4
	sed '/^slots:/,$d; s/kernel\.csv/standin.csv/' kernel.yaml >standin.yaml
	echo 'slots:' >>standin.yaml
	awk '{ printf "  - {name: %s, path: %s}\n", $1, $2 }' ports >>standin.yaml
	timeout 100 "$tree/build/h7gang-sim" --fleet "$fleets/$fleet.yaml" --speed 4 -- \
		"$h7gang" run --profile standin.yaml --all-slots || true
	rows kernel.csv >kernel.rows
	rows standin.csv >standin.rows
	[ -s kernel.rows ] || fail "no rows"
	diff -u standin.rows kernel.rows || fail "$fleet: the rows differ"
done
