#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Eight boards of all five ROM versions are programmed and verified at once; dfu-util, an independent
# program, then reads every flash and finds both the image and the ROM's saved flash.
. "$(dirname "$0")/lib.sh"

inside() {
	local status=0 name port reader readers=()

	profile bench.yaml 'erase: touched' 'leave: false' 'audit: {file: log.csv}'
	"$h7gang" run --profile bench.yaml --count 8 --all-slots || status=$?
	same "status of the run" 0 "$status"
	for name in A1 A2 A3 A4 A5 A6 A7 A8; do
		port=$(port_of "$name")
		if [ -n "${H7GANG_SHORT-}" ]; then
			read_back "$port" 0x08000000 8192 "$name-1.bin"
			read_back "$port" 0x08100000 8192 "$name-2.bin"
		else
			read_back "$port" 0x08000000 2097152 "$name.bin" &
			readers+=($!)
		fi
	done
	for reader in "${readers[@]}"; do
		wait "$reader"
	done
}
enter "$@"

bench --fleet "$fleets/versions.yaml" --speed 4 --save saved

"$h7gang" audit verify log.csv
same "rows" 8 "$(column log.csv result | wc -l)"
same "verdicts" PASS "$(column log.csv result | sort -u)"
same "serials" 1 "$(column log.csv dfu_serial | sort -u | wc -l)"
same "UIDs" 8 "$(column log.csv uid | sort -u | wc -l)"
same "bootloaders" "V13.2 V13.3 V9.0 V9.1 V9.2" "$(column log.csv bootloader | sort -u | xargs)"
case $(row log.csv A3 erase_method) in *+unwedge*) ;; *) fail "V9.0 was not unwedged" ;; esac
case $(row log.csv A4 erase_method) in *+settle*) ;; *) fail "V9.1 was not given time to settle" ;; esac
for name in A6 A7 A8; do
	same "erase of $name" blank "$(row log.csv "$name" erase_method)"
done

whole 1 >whole-1.bin
whole 2 >whole-2.bin
for name in A1 A2 A3 A4 A5 A6 A7 A8; do
	for bank in 1 2; do
		at=$(((bank - 1) * 1048576))
		# --ignore-initial has the offsets of the two files
		if [ -f "$name.bin" ]; then
			cmp -n 131072 -i 0:$at whole-$bank.bin "$name.bin"
		else
			cmp -n 8192 whole-$bank.bin "$name-$bank.bin"
		fi
		cmp -n 131072 -i 0:$at whole-$bank.bin "saved/$name.bin"
	done
	[ ! -f "$name.bin" ] || cmp "$name.bin" "saved/$name.bin"
	counters_clean "saved/$name.json"
done
