#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Foreign DFU devices with the USB ids of ST's ROM bootloader, through the USB core of a real kernel: each is a
# wrong part under profiles of three series, and is sent neither an erase nor a write.
. "$(dirname "$0")/lib.sh"
parts="stm32h743xi stm32h723xg stm32h7a3xi"

inside() {
	local part
	for part in $parts; do
		profile all.yaml 'timeouts: {transfer_ms: 2000}' "audit: {file: $part.csv}"
		sed -e "s/part: stm32h743xi/part: $part/" -e '/bank2\.bin/d' all.yaml >"$part.yaml"
		"$h7gang" run --profile "$part.yaml" --all-slots --wait 30 --quiet || echo "exit $?" >"$part.exit"
	done
	cp "$H7GANG_SIM_PORTS" ports
}
enter "$@"

bench --fleet "$tree/tests/e2e/fleets/foreign.yaml" --save saved
devices=$(wc -l <ports)
[ "$devices" -ge 20 ] || fail "only $devices devices"
for part in $parts; do
	same "$part: exit status" "exit 1" "$(cat "$part.exit")"
	same "$part: wrong parts" "$devices" "$(column "$part.csv" error | grep -cx wrong_part)"
	same "$part: rows" "$devices" "$(column "$part.csv" error | wc -l)"
done
for counters in saved/*.json; do
	for name in erases_sent writes_sent sector_erases mass_erases words_programmed left; do
		grep -q "\"$name\": 0,*\$" "$counters" || fail "$counters: $(grep "\"$name\"" "$counters")"
	done
done
