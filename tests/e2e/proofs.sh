#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# What a PASS rests on: RDP level 1 that flash itself shows, swapped banks that are in effect, blocks that lie where
# they belong, sectors that are blank as a whole, a UID that one board alone has; and each attempt that touched a board
# has its row. The saved flash of the virtual boards is the judge.
. "$(dirname "$0")/../lib.sh"

tests/firmware/bytes code 40000 >"$work/app.bin"
# board NAME KEYS [LINES]: a fleet of boards with these keys (a line each), and a profile.
board() {
	printf 'targets:\n' >"$work/$1.fleet"
	while read -r keys; do printf '  - {%s}\n' "$keys"; done <<<"$2" >>"$work/$1.fleet"
	cat >"$work/$1.yaml" <<-END
	profile: 1
	name: $1
	target: {part: ${part:-stm32h743xi}}
	firmware: [{file: app.bin, address: 0x08000000}]
	leave: false
	${3-}
	END
}
# run NAME [COMMAND]: its output is in $work/NAME.out, its flash in $work/NAME.
run() {
	rm -rf "$work/$1" "$work/$1.csv"*
	"$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/$1" -- "$h7gang" "${2:-run}" --profile "$work/$1.yaml" \
		--audit "$work/$1.csv" >"$work/$1.out" 2>"$work/$1.err" </dev/null
	echo $? >"$work/$1.exit"
}
results() { column "$work/$1.csv" result | xargs; }
errors() { column "$work/$1.csv" error | xargs; }
detail() { column "$work/$1.csv" detail >"$work/$1.detail"; says "$work/$1.detail" "$2"; }
holds() { cmp -s -n "$(wc -c <"$work/app.bin")" "$work/app.bin" "$1"; } # FLASH

# --- RDP level 1 is proved by flash that refuses, not by any read that fails ---
board locked 'name: a, option_write: takes' $'erase: touched\nattempts: 1\noption_bytes: {set: {rdp: 1}}'
run locked
check "RDP level 1 that works passes" [ "$(results locked)" = PASS ]
uploads=$(jq .counters.uploads "$work/locked/a.json")
level_1() { [ "$(jq -r '.optsr' "$1" | cut -c 7-8)" != aa ]; }
check "the fleet shows it" level_1 "$work/locked/a.json"
false_pass=0 tried=0
for kind in stall stall_error silent hang short_upload; do
	for ((nth = uploads - 7; nth <= uploads + 1; nth++)); do
		board open "name: a, option_write: ignores, faults: [{fault: $kind, on: read, nth: $nth}]" \
			$'erase: touched\nattempts: 1\noption_bytes: {set: {rdp: 1}}'
		run open
		tried=$((tried + 1))
		[ "$(results open)" != PASS ] || { false_pass=$((false_pass + 1)); echo "# $kind, read $nth: PASS"; }
	done
done
check "no disturbed read passes for RDP level 1 ($tried tried)" [ $false_pass -eq 0 ]

# ST's USB device library stalls instead of telling errVENDOR: nothing is erased, and unprotect works.
for way in errs stalls empty; do
	for clear in idles errunknown; do
		[ $clear = idles ] && key=', clrstatus: idles' || key=', personality: st-dfu-class'
		board class "name: a$key, option_write: takes, rdp: 1, contents: random, protect: $way" 'erase: touched'
		run class
		check "protected, $way, $clear: it is named" [ "$(errors class)" = read_protected ]
		check "protected, $way, $clear: nothing is erased" [ "$(jq .counters.erases_sent "$work/class/a.json")" -eq 0 ]
		board class "name: a$key, option_write: takes, rdp: 1, contents: random, protect: $way" \
			$'erase: touched\noption_bytes: {unprotect: true}'
		run class
		if [ $clear = idles ]; then
			check "protected, $way: unprotect makes it" [ "$(results class)" = PASS ]
			check "protected, $way: it holds the image" holds "$work/class/a.bin"
		else # the library has no read unprotect
			check "protected, $way: the message says that unprotect did nothing" detail class "as before after read unprotect"
		fi
	done
done

# One disturbed bit of the RDP byte is no protection.
for count in 1 2 3; do
	board bit "name: a, contents: random, faults: [{fault: upload_wrong_data, on: read, address: 0x5200201d, length: 1, bit: 0, count: $count}]" \
		$'erase: touched\nattempts: 1\noption_bytes: {unprotect: true}'
	run bit
	check "an RDP byte read wrong $count times does not unprotect" [ "$(jq .counters.mass_erases "$work/bit/a.json")" -eq 0 ]
	check "nor is it told" [ "$(column "$work/bit.csv" detail | grep -c 'taken off')" -eq 0 ]
done

# --- swapped banks ---
export h7gang sim work
power='hubs: [{path: 1-1, ports: 4, power: port}]'
for was in false true; do
	[ $was = true ] && wanted=false || wanted=true
	board swap "name: a, path: 1-1.1, option_write: takes, swap_bank: $was" "option_bytes: {set: {swap_bank: $wanted}}
attempts: 3"
	run swap
	check "swap_bank $wanted without a power cycle: no PASS" [ "$(results swap)" = FAIL ]
	check "swap_bank $wanted: the message gives the next step" detail swap "switch the board off and on"
	check "swap_bank $wanted: nothing was set or erased" [ "$(jq '.counters.erases_sent + .counters.writes_sent' "$work/swap/a.json")" -eq 0 ]
	board swap "name: a, path: 1-1.1, option_write: takes, boot0_high: true, swap_bank: $was" "option_bytes: {expect: {swap_bank: $was}, set: {swap_bank: $wanted}}
power: {cycle: [option_bytes]}
slots: [{name: A, path: 1-1.1, power: true}]"
	sed -i "1i $power" "$work/swap.fleet"
	rm -rf "$work/swap" "$work/swap.csv"*
	exits 0 "swap_bank $wanted with a power cycle" "$sim" --speed 50 --fleet "$work/swap.fleet" --control "$work/hands" -- \
		bash -c '"$h7gang" run --profile "$work/swap.yaml" --audit "$work/swap.csv" --quiet &&
			"$sim" ctl "$work/hands" unplug a && "$sim" ctl "$work/hands" plug a && sleep 1 &&
			"$h7gang" verify --profile "$work/swap.yaml" --audit "$work/swap.csv" --quiet'
	check "swap_bank $wanted with a power cycle: one attempt" [ "$(results swap)" = "PASS PASS" ]
	for uid in '' ', refuse: uid'; do
		board again "name: a, path: 1-1.1, option_write: takes, boot0_high: true, swap_bank: $was$uid" "option_bytes: {set: {swap_bank: $wanted}}
power: {cycle: [option_bytes]}
slots: [{name: A, path: 1-1.1, power: true}]"
		sed -i "1i $power" "$work/again.fleet"
		run again
		check "swap_bank $wanted${uid:+, no UID}: it passes" [ "$(results again)" = PASS ]
	done
done

# --- a bootloader that counts blocks in another size than it announces ---
for keys in 'functional_descriptor: false, real_transfer_size: 2048' 'functional_length: 3, real_transfer_size: 2048' \
	'transfer_size: 1024, real_transfer_size: 2048' 'transfer_size: 2048, real_transfer_size: 1024'; do
	board stride "name: a, $keys, stride: constant" $'erase: touched\nverify: image'
	run stride
	if [ "$(results stride)" = PASS ]; then
		check "$keys: what passes holds the image" holds "$work/stride/a.bin"
	else
		check "$keys: it fails" [ "$(cat "$work/stride.exit")" -eq 1 ]
	fi
done

# --- sectors that no read-back covers are blank as a whole ---
{ head -c 2048 /dev/zero | tr '\0' '\377'; head -c 129024 /dev/zero; } >"$work/sector"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat "$work/sector"; done >"$work/old.bin"
head -c 2097152 /dev/zero | tr '\0' '\377' >"$work/blank.bin"
for keys in 'mass_erase: partial' 'secure_start: 0x081c0800, secure_bytes: 100000'; do
	board left "name: a, contents: {file: old.bin}, $keys" $'erase: auto\nverify: image'
	run left
	if [ "$(results left)" = PASS ]; then
		check "$keys: what passes is blank behind the image" cmp -i 131072 -n 1966080 "$work/blank.bin" "$work/left/a.bin"
	else
		check "$keys: it fails" [ "$(errors left | tr ' ' '\n' | sort -u)" = erase_failed ]
	fi
done

# --- a larger part of the series behind a bootloader that does not tell its flash size ---
part=stm32h7a3xg
board larger 'name: a, part: stm32h7a3xi, bootloader: V9.0, contents: random'
run larger
check "the row names the larger part" detail larger "it may be a larger part than stm32h7a3xg"
board right 'name: a, part: stm32h7a3xg, bootloader: V9.0, contents: random'
run right
check "the right part is not" [ -z "$(column "$work/right.csv" detail)" ]
part=

# --- each attempt that touched a board has its row ---
number='serial:
  source: {counter: {file: sn.state, start: 1, end: 9999, format: "S{:06d}"}}
  patch: [{address: 0x08004000, encode: ascii, value: "{serial}", length: 8}]'
board lost 'name: a, refuse: uid, faults: [{fault: fail, on: op_program, nth: 5}, {fault: vanish, on: op_program, nth: 20, away_ms: 500}]' \
	"erase: touched
attempts: 3
$number"
run lost
check "an attempt whose board came back without a UID has its row" [ "$(errors lost)" = "program_failed no_device" ]
check "its unit ends with it, and the board is a new unit" [ "$(results lost)" = "FAIL FAIL PASS" ]
check "no begin mark is left" "$h7gang" audit verify "$work/lost.csv"
check "and audit verify reports none" [ "$("$h7gang" audit verify "$work/lost.csv" | grep -c 'without a row')" -eq 0 ]

# A board that was verified and protected keeps its verdict, also if it powers up in its bootloader again.
board cold 'name: a, path: 1-1.1, option_write: takes' "erase: touched
option_bytes: {set: {rdp: 1}}
power: {cycle: [after_pass]}
slots: [{name: A, path: 1-1.1, power: true}]
$number"
sed -i "1i $power" "$work/cold.fleet"
sed -i '/^leave/d; s/sn.state/sn2.state/' "$work/cold.yaml"
run cold
check "protected, verified, powered up in the bootloader: PASS" [ "$(results cold)" = PASS ]
check "its row has number and UID" [ "$(column "$work/cold.csv" unit_serial)$(column "$work/cold.csv" uid | wc -c)" = S00000125 ]

# --- a number that belongs to a UID goes to one board ---
for rule in 'unique_by: uid' 'on_fail: keep'; do
	rm -f "$work"/sn.state*
	board twins $'name: a, uid: 3a000d000c36323337303939\nname: b, uid: 3a000d000c36323337303939' "erase: touched
parallel: 1
$number
  $rule"
	run twins
	check "$rule: two boards with one UID: one passes" [ "$(results twins | tr ' ' '\n' | sort | xargs)" = "FAIL PASS" ]
	check "$rule: the other is a duplicate" [ "$(errors twins)" = duplicate ]
done
finish
