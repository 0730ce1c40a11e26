#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every part that `h7gang help parts` lists, on virtual time: a dirty board is programmed in the first and the last
# sector of each bank, and its flash is what dd puts together. Ordering codes select their part; parts that do not
# exist are refused, and so is flash beyond a value-line part.
. "$(dirname "$0")/../lib.sh"

put() { # FILE INTO OFFSET
	dd if="$1" of="$2" bs=65536 seek="$3" oflag=seek_bytes conv=notrunc status=none
}

exits 0 "help parts" "$h7gang" help parts
awk '$1 ~ /^stm32h7/ { print $1, $2, $4, $5, $7 }' "$work/out" >"$work/parts"
check "the parts of the market are among them" test -z "$(sort "$work/parts" | comm -13 - <(sort <<'END'
stm32h723xg 1024 1 8 128
stm32h723xe 512 1 4 128
stm32h725xg 1024 1 8 128
stm32h725xe 512 1 4 128
stm32h730xb 128 1 1 128
stm32h733xg 1024 1 8 128
stm32h735xg 1024 1 8 128
stm32h742xi 2048 2 8 128
stm32h742xg 1024 2 4 128
stm32h743xi 2048 2 8 128
stm32h743xg 1024 2 4 128
stm32h745xi 2048 2 8 128
stm32h745xg 1024 2 4 128
stm32h747xi 2048 2 8 128
stm32h747xg 1024 2 4 128
stm32h750xb 128 1 1 128
stm32h753xi 2048 2 8 128
stm32h755xi 2048 2 8 128
stm32h757xi 2048 2 8 128
stm32h7a3xi 2048 2 128 8
stm32h7a3xg 1024 2 64 8
stm32h7b0xb 128 1 16 8
stm32h7b3xi 2048 2 128 8
END
))"

# A stack pointer at the end of DTCM, a reset handler behind it, then some code.
printf '\0\0\2\040\011\0\0\010\376\347' >"$work/app.bin"
head -c 400 /dev/urandom >"$work/end.bin"

part_passes() { # PART KIB BANKS SECTORS SECTOR-KIB
	local part=$1 bank bytes=$(($4 * $5 * 1024)) saved=$work/saved entries="" last
	head -c $(($2 * 1024)) /dev/zero | tr '\0' '\377' >"$work/flash"
	put "$work/app.bin" "$work/flash" 0
	for ((bank = 0; bank < $3; bank++)); do
		last=$((bytes - 400))
		put "$work/end.bin" "$work/flash" $((bank * bytes + last))
		entries+="
  - {file: end.bin, address: $((0x08000000 + bank * 0x100000 + last))}"
	done
	cat >"$work/part.yaml" <<-END
	profile: 1
	name: parts
	target: {part: $part}
	firmware:
	  - {file: app.bin, address: 0x08000000}$entries
	END
	echo "targets: [{name: board, part: $part, contents: random}]" >"$work/fleet.yaml"
	rm -rf "$saved" "$work/part.csv"
	"$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$saved" -- \
		"$h7gang" run --profile "$work/part.yaml" --audit "$work/part.csv" --quiet >"$work/out" 2>&1 </dev/null ||
		{ sed 's/^/# /' "$work/out"; return 1; }
	cmp "$saved/board.bin" "$work/flash" && counters_good "$saved/board.json"
}

while read -r part kib banks sectors sector; do
	check "$part passes" part_passes "$part" "$kib" "$banks" "$sectors" "$sector"
done <"$work/parts"

selects() { # CODE PART
	sed -i "s/part: .*}/part: $1}/" "$work/code.yaml"
	"$h7gang" check --profile "$work/code.yaml" --json 2>&1 | jq -e --arg part "$2" '.part == $part' >/dev/null
}
cat >"$work/code.yaml" <<-END
profile: 1
name: code
target: {part: x}
firmware: [{file: app.bin, address: 0x08000000}]
END
for pair in STM32H743ZIT6=stm32h743xi stm32h723ve=stm32h723xe STM32H750VBT6=stm32h750xb STM32H7A3ZITxQ=stm32h7a3xi \
	STM32H7B0VBT6TR=stm32h7b0xb STM32H730IBK6Q=stm32h730xb STM32H745XIH6=stm32h745xi; do
	check "${pair%=*} is ${pair#*=}" selects "${pair%=*}" "${pair#*=}"
done

refused() { # PART TEXT
	sed -i "s/part: .*}/part: $1}/" "$work/code.yaml"
	exits 2 "$1" "$h7gang" check --profile "$work/code.yaml"
	check "$1: says why" says "$work/err" "$2"
}
for part in stm32h753xg stm32h755xg stm32h757xg stm32h733xe stm32h735xe stm32h7b3xg stm32h743; do
	! grep -q "^$part " "$work/parts" || continue # it was added
	refused "$part" "did you mean '${part:0:9}x"
done
refused STM32H7S3V8T6 "STM32H7R and STM32H7S are not supported yet"
refused stm32f407vg "h7gang programs STM32H7 parts"

for part in stm32h750xb stm32h730xb stm32h7b0xb; do
	cat >"$work/beyond.yaml" <<-END
	profile: 1
	name: beyond
	target: {part: $part}
	firmware: [{file: app.bin, address: 0x08000000}, {file: end.bin, address: 0x08020000}]
	END
	exits 2 "$part beyond 128 KiB" "$h7gang" check --profile "$work/beyond.yaml"
	check "$part: names the reason" says "$work/err" "0x08020000 is not flash of the $part but flash beyond the 128 KiB"
done
finish
