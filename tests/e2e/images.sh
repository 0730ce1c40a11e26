#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Firmware files that outside tools made end as the flash that an independent reader expects (tests/images/good.py);
# wrong ones are refused with a message that names file, place, reason and remedy (tests/images/wrong.py).
# limit: 600
. "$(dirname "$0")/../lib.sh"

export PYTHONDONTWRITEBYTECODE=1
mkdir "$work/good" "$work/wrong"
(cd "$work/good" && python3 "$top/tests/images/good.py") >"$work/names" 2>"$work/tools" || { cat "$work/tools"; exit 1; }
(cd "$work/wrong" && python3 "$top/tests/images/wrong.py") >"$work/wrongs" 2>"$work/tools" || { cat "$work/tools"; exit 1; }
check "at least 40 good files" test "$(wc -l <"$work/names")" -ge 40
check "at least 40 wrong files" test "$(wc -l <"$work/wrongs")" -ge 40

plans() { # NAME: the flash that check predicts
	local got
	got=$("$h7gang" check --profile "$work/good/$1.yaml" --json 2>&1 | jq -r '.image_sha256 // .problems[].what')
	[ "$got" = "$(sha256sum <"$work/good/$1.want" | cut -d ' ' -f 1)" ] || { echo "# $got"; return 1; }
}

programs() { # NAME: the flash of a board afterwards
	local part contents=random
	part=$(sed -n 's/^target: {part: \(.*\)}/\1/p' "$work/good/$1.yaml")
	! grep -q "^erase: touched" "$work/good/$1.yaml" || contents="{file: good/old.bin}"
	echo "targets: [{name: board, part: $part, contents: $contents}]" >"$work/fleet.yaml"
	rm -rf "$work/saved" "$work/log.csv"
	"$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$work/saved" -- \
		"$h7gang" run --profile "$work/good/$1.yaml" --audit "$work/log.csv" --quiet >"$work/out" 2>&1 </dev/null ||
		{ sed 's/^/# /' "$work/out"; return 1; }
	cmp "$work/saved/board.bin" "$work/good/$1.want" && counters_good "$work/saved/board.json"
}

while read -r name; do
	case $name in
	*headers-in*) ;; # erase: touched; check does not tell all of the flash
	*) check "$name: check" plans "$name" ;;
	esac
	case $name in
	*headers-in* | elf-lld* | elf-axf | elf-two-cores | hex-keil | hex-merged* | srec-iar | dfuse-alternate | uf2 | \
		raw-archive-as-data | start-elsewhere | value-line) check "$name: a board" programs "$name" ;;
	esac
done <"$work/names"

refused() { # NAME
	local status text
	"$h7gang" check --profile "$work/wrong/$1.yaml" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	[ "$status" -eq 2 ] || { echo "# exit status $status"; return 1; }
	while read -r text; do
		says "$work/err" "$text" || { sed 's/^/# /' "$work/err"; return 1; }
	done <"$work/wrong/$1.says"
}
refuses_data() { # NAME
	"$h7gang" check --profile "$work/wrong/$1.yaml" 2>&1 | grep -qF 'belong into flash as data, say format: raw'
}
while read -r name; do
	check "$name: refused" refused "$name"
done <"$work/wrongs"

# Text may be data for flash; text that stands for other bytes is none.
for name in json html xml script pem; do
	check "$name: format: raw is named" refuses_data "$name"
done
for name in apj px4 lfs titxt utf16 hex-behind-lines srec-behind-lines; do
	"$h7gang" check --profile "$work/wrong/$name.yaml" >"$work/out" 2>&1
	check "$name: format: raw is not suggested" test -z "$(grep -F 'format: raw' "$work/out")"
done

# A refused profile touches no board; verify warns, and compares.
exits 2 "run" "$sim" --targets 1 --virtual-time --save "$work/none" -- "$h7gang" run --profile "$work/wrong/stack-outside.yaml" \
	--audit "$work/none.csv"
check "nothing was written" test "$(tr -d '\377' <"$work/none/1-1.1.bin" | wc -c)" -eq 0
exits 1 "verify" "$sim" --targets 1 --virtual-time -- "$h7gang" verify --profile "$work/wrong/stack-outside.yaml" \
	--audit "$work/verify.csv"
check "verify: a warning" says "$work/err" "warning: no application starts at 0x08000000"
check "verify: it compared" test "$(rows "$work/verify.csv" error verify_mismatch)" -ge 1
exits 0 "start: {check: off}" "$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$work/good/raw-unchecked.yaml" \
	--audit "$work/off.csv"
check "the row says so" test "$(rows "$work/off.csv" overrides start_check)" -eq 1

# The application starts where the profile says.
exits 0 "start elsewhere" "$sim" --targets 1 --virtual-time --save "$work/elsewhere" -- "$h7gang" run \
	--profile "$work/good/start-elsewhere.yaml" --audit "$work/elsewhere.csv"
check "check warns of the erased boot loader" says "$work/err" "0x08000000, where the part starts from power-on, and this job erases"
check "it left" test "$(rows "$work/elsewhere.csv" leave ok)" -eq 1
check "it started there" jq -e ".counters.started_at == $((0x08020000))" "$work/elsewhere/1-1.1.json"

# The output of check for an image.
exits 0 "the map" "$h7gang" check --profile "$work/good/elf-two-cores.yaml"
check "map: a range with its file" says "$work/out" "map         0x08000000 to 0x080002bd  702 bytes of app.elf"
check "map: a gap" says "$work/out" "gap of "
check "map: the start" says "$work/out" "start       0x08000000: stack pointer 0x20020000 (end of DTCM), reset handler 0x08000299"
check "map: the second core" says "$work/out" "second core 0x08100000: stack pointer 0x10048000"
check "map: the margin of old bootloaders" says "$work/out" "V9.0, V9.1, V9.2 may not start"
exits 0 "the map of data alone" "$h7gang" check --profile "$work/good/raw-update-behind-a-boot-loader.yaml"
check "data alone: a warning" says "$work/out" "warning: no firmware file states the bytes at 0x08000000"
exits 0 "merged" "$h7gang" check --profile "$work/good/hex-merged-with-equal-bytes.yaml" --json
check "merged: a note" jq -e '[.remarks[] | select(.kind == "note") | .text | test("states 64 bytes twice")] | any' "$work/out"
finish
