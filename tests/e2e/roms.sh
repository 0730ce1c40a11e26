#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# Every geometry and ROM version, on virtual time: blank, dirty from end to end, and with one dirty sector in bank 2,
# erased as the program likes (auto) and only where the image goes (touched), each at one pace of polling.
# tests/long/roms.sh takes every part, and each erase at either pace (ALL=1).
# dd builds the expected flash here, from the image's own files and the old contents.
# limit: 600
# usage: roms.sh [PART]...
. "$(dirname "$0")/../lib.sh"

# part                 KiB  sector KiB  bank 2's offset in the saved flash (0: none)
parts='stm32h743xi    2048  128  1048576
stm32h743xg           1024  128   524288
stm32h750xb            128  128        0
stm32h723xg           1024  128        0
stm32h7a3xi           2048    8  1048576'
# The same with a crypto processor.
alike='stm32h753xi    2048  128  1048576
stm32h733xg           1024  128        0
stm32h7b3xi           2048    8  1048576'
runs="auto:adaptive touched:spec"
if [ -n "${ALL-}" ]; then
	parts+=$'\n'$alike
	runs+=" auto:spec touched:adaptive"
fi

# The keys of a dirty board: all dirty with auto; one dirty sector in bank 2 with auto, or all dirty with touched.
# A blank one needs nothing. Then how it leaves.
# part        version  all of it     two sectors        leave
needs='
stm32h743xi   V13.2    mass          sectors            stayed
stm32h743xi   V13.3    sectors       sectors            ok
stm32h743xi   V9.0     mass          sectors+unwedge    ok
stm32h743xi   V9.1     mass+settle   sectors+settle     ok
stm32h743xi   V9.2     mass          sectors            ok
stm32h743xi   unknown  sectors+settle sectors+settle    ok
stm32h753xi   V13.2    mass          sectors            stayed
stm32h753xi   V13.3    sectors       sectors            ok
stm32h753xi   V9.0     mass          sectors+unwedge    ok
stm32h753xi   V9.1     mass+settle   sectors+settle     ok
stm32h753xi   V9.2     mass          sectors            ok
stm32h753xi   unknown  sectors+settle sectors+settle    ok
stm32h743xg   V13.2    sectors       sectors            stayed
stm32h743xg   V13.3    sectors       sectors            ok
stm32h743xg   V9.0     mass          sectors+unwedge    ok
stm32h743xg   V9.1     sectors+settle sectors+settle    ok
stm32h743xg   V9.2     sectors       sectors            ok
stm32h743xg   unknown  sectors+settle sectors+settle    ok
stm32h750xb   V13.2    sectors       sectors            stayed
stm32h750xb   V13.3    sectors       sectors            ok
stm32h750xb   V9.0     sectors       sectors            ok
stm32h750xb   V9.1     sectors       sectors            ok
stm32h750xb   V9.2     sectors       sectors            ok
stm32h750xb   unknown  sectors       sectors            ok
stm32h723xg   V9.1     sectors       sectors            ok
stm32h723xg   V9.2     sectors       sectors            ok
stm32h723xg   V9.3     sectors       sectors            ok
stm32h723xg   unknown  sectors       sectors            ok
stm32h733xg   V9.1     sectors       sectors            ok
stm32h733xg   V9.2     sectors       sectors            ok
stm32h733xg   V9.3     sectors       sectors            ok
stm32h733xg   unknown  sectors       sectors            ok
stm32h7a3xi   V9.0     mass          sectors            ok
stm32h7a3xi   V9.1     mass          sectors            ok
stm32h7a3xi   V9.2     mass          sectors            ok
stm32h7a3xi   unknown  sectors+settle sectors+settle    ok
stm32h7b3xi   V9.0     mass          sectors            ok
stm32h7b3xi   V9.1     mass          sectors            ok
stm32h7b3xi   V9.2     mass          sectors            ok
stm32h7b3xi   unknown  sectors+settle sectors+settle    ok'

only=$*
tests/firmware/bytes code 5001 >"$work/low.bin"         # odd lengths, and not at the border of a flash word
tests/firmware/bytes data 3333 300000 >"$work/high.bin"
high_at=1040 # within its sector
high_address=0x08100410

put() { # FILE INTO OFFSET
	dd if="$1" of="$2" bs=65536 seek="$3" oflag=seek_bytes conv=notrunc status=none
}

blank() { # FILE OFFSET BYTES: 0xFF there
	head -c "$3" /dev/zero | tr '\0' '\377' >"$work/ff"
	put "$work/ff" "$1" "$2"
}

# wanted FLASH SECTOR BANK2: turns the old contents into those expected after `erase: touched`.
wanted() {
	blank "$1" 0 "$2"
	put "$work/low.bin" "$1" 0
	if [ "$3" -gt 0 ]; then
		blank "$1" "$3" "$2"
		put "$work/high.bin" "$1" $(($3 + high_at))
	fi
}

write_profile() { # PART BANK2 ERASE POLL
	cat >"$work/profile.yaml" <<-END
	profile: 1
	name: roms
	target: {part: $1}
	firmware:
	  - {file: low.bin, address: 0x08000000}
	$([ "$2" -eq 0 ] || echo "  - {file: high.bin, address: $high_address}")
	erase: $3
	poll: $4
	timeouts: {unit_s: 1000}
	END
}

write_fleet() { # PART BANK2: three boards of each version, in the order of the table
	local part=$1 bank2=$2 version
	echo "seed: 3"
	echo "defaults: {part: $part}"
	echo "targets:"
	awk -v part="$part" '$1 == part { print $2 }' <<<"$needs" | while read -r version; do
		echo "  - {name: $version-blank, bootloader: $version}"
		echo "  - {name: $version-dirty, bootloader: $version, contents: random}"
		# The first sector of bank 2 alone.
		if [ "$bank2" -gt 0 ]; then
			echo "  - {name: $version-few, bootloader: $version, contents: pattern," \
				"contents_start: 0x08100000, contents_bytes: 4096}"
		fi
	done
}

# facts: in ${row[NAME]} what the log says of each board, in ${manners[NAME]} whether its ROM saw nothing that must not be.
declare -A row manners
facts() {
	local name path good result
	declare -A at=()
	while IFS=$'\t' read -r path result; do
		at[$path]+=${result//$'\t'/ }
	done < <(scripts/log-columns "$log" usb_path result erase_method leave)
	row=() manners=()
	while read -r name path good; do
		row[$name]=${at[$path]-}
		manners[$name]=$good
	done < <(jq -r "[(input_filename | split(\"/\")[-1] | rtrimstr(\".json\")), .path, (.counters | $counters_are_good)]
		| join(\" \")" "$saved"/*.json)
}

board() { # NAME METHOD LEAVE
	[ "${row[$1]-}" = "PASS $2 $3" ] || { echo "# $1: ${row[$1]-}, not PASS $2 $3"; return 1; }
	if [ "$erase" = auto ]; then
		cmp "$saved/$1.bin" "$work/flash" || return 1
	else
		[ -e "$before/$1.wanted" ] || { cp "$before/$1.bin" "$before/$1.wanted" && wanted "$before/$1.wanted" "$sector" "$bank2"; }
		cmp "$saved/$1.bin" "$before/$1.wanted" || return 1
	fi
	[ "${manners[$1]-}" = true ] || { echo "# $(tr -d '\n' <"$saved/$1.json")"; return 1; }
}

run_part() { # erase poll
	local erase=$1 poll=$2 saved=$work/saved log=$work/$part-$1-$2.csv all few leave version
	write_profile "$part" "$bank2" "$erase" "$poll"
	rm -rf "$saved"
	exits 0 "$part, $erase, $poll" "$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$saved" -- \
		"$h7gang" run --profile "$work/profile.yaml" --audit "$log" --count "$boards" --quiet
	log_state 0 "$part, $erase, $poll, the log" "$log" "intact: $boards rows"
	facts
	while read -r _ version all few leave; do
		[ "$erase" = auto ] || all=$few
		check "$part $version, blank, $erase, $poll: nothing is erased" board "$version-blank" blank "$leave"
		check "$part $version, dirty, $erase, $poll: $all" board "$version-dirty" "$all" "$leave"
		[ "$bank2" -eq 0 ] ||
			check "$part $version, dirt in bank 2, $erase, $poll: $few" board "$version-few" "$few" "$leave"
	done < <(grep "^$part " <<<"$needs")
}

while read -r part kib sector bank2; do
	[ -z "$only" ] || grep -qw "$part" <<<"$only" || continue
	sector=$((sector * 1024))
	# A new version has no row in the table above yet.
	check "$part: every version is in the table of this test" test \
		"$(awk -v part="$part" '$1 == part { print $2 }' <<<"$needs" | sort)" = "$({ versions_of "$(series_of "$part")"; echo unknown; } | sort)"
	boards=$(grep -c "^$part " <<<"$needs")
	boards=$((boards * (bank2 > 0 ? 3 : 2)))
	before=$work/before
	rm -rf "$before"
	write_fleet "$part" "$bank2" >"$work/fleet.yaml"
	"$sim" --fleet "$work/fleet.yaml" --save "$before" -- true
	rm -f "$work/flash"
	blank "$work/flash" 0 $((kib * 1024))
	wanted "$work/flash" "$sector" "$bank2"
	for each in $runs; do
		run_part "${each%:*}" "${each#*:}"
	done
done <<<"$parts"
finish
