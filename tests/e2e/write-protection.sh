#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sectors that the option bytes protect are known before anything is erased, and lose their protection where the
# profile says so. A watchdog that runs in hardware makes sector erase preferred.
# limit: 150
. "$(dirname "$0")/../lib.sh"

# one NAME KEYS FLEET-KEYS: a run of one board; log and flash by that name.
one() {
	printf 'targets:\n  - {name: %s, option_write: %s, %s}\n' "$1" "${4:-takes}" "$3" >"$work/$1.fleet"
	"$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/saved" -- \
		"$h7gang" run --profile "$(profile "$1" "leave: false
$2")" --audit "$work/$1.csv"
}

untouched() {
	jq -e '.counters | .words_programmed == 0 and .sector_erases == 0 and .mass_erases == 0' "$work/saved/$1.json" >/dev/null
}


while read -r name erase bytes told; do
	bytes=${bytes//:[/: [}
	exits 1 "$name" one "$name" "erase: $erase" "contents: random, $bytes"
	check "$name: the row says write_protected" test "$(rows "$work/$name.csv" error write_protected)" -eq 1
	check "$name: and names the sectors" says "$work/$name.csv" "the option bytes protect ${told//_/ } against"
	check "$name: in one attempt" test "$(column "$work/$name.csv" attempt | wc -l)" -eq 1
	check "$name: nothing is touched" untouched "$name"
done <<-END
	auto auto write_protect:[0x08000000,0x08040000] sectors_0,_2
	bank2 auto write_protect:[0x08120000] sector_9
	range auto write_protect:[0x08000000,0x08020000,0x08040000,0x081E0000] sectors_0_to_2,_15
	touched touched write_protect:[0x08000000] sector_0
	mass mass write_protect:[0x081E0000] sector_15
END
sed 's/h743xi/h7a3xi/; s/: unused/: h7a3/' "$(profile h7a3)" >"$work/h7a3xi.yaml"
echo 'targets: [{name: h7a3, part: stm32h7a3xi, contents: random, write_protect: [0x08000000]}]' >"$work/h7a3.fleet"
exits 1 "H7A3: one bit for four sectors" "$sim" --virtual-time --fleet "$work/h7a3.fleet" --save "$work/saved" -- \
	"$h7gang" run --profile "$work/h7a3xi.yaml" --audit "$work/h7a3.csv"
check "h7a3: they are named" says "$work/h7a3.csv" "the option bytes protect sectors 0 to 3 against"
check "h7a3: nothing is touched" untouched h7a3
exits 0 "a protected sector that is blank and not used" one unused "" "write_protect: [0x081E0000]"
check "unused: flash is right" flash_is "$work/saved/unused.bin"
exits 0 "a protected sector, unused, beside a full one" one beside "" \
	"write_protect: [0x081E0000], contents: random, contents_start: 0x08000000, contents_bytes: 0x1C0000"
check "beside: no mass erase" test "$(column "$work/beside.csv" erase_method)" = sectors
exits 1 "erase: none, and a sector to be written is protected" one none "erase: none" "write_protect: [0x08000000]"
check "none: write_protected" test "$(rows "$work/none.csv" error write_protected)" -eq 1
exits 1 "bank 2 cannot be asked" one far "attempts: 1" "write_protect: [0x08120000], contents: random, faults: [{fault: stall, on: read, address: 0x52002138, count: forever}]"
check "far: a read-back still shows it" test "$(rows "$work/far.csv" error erase_failed)" -eq 1

take='option_bytes: {unprotect: [wrp], expect: {wrp: []}}'
exits 0 "the protection is taken off" one off "$take" "contents: random, write_protect: [0x08000000, 0x08120000]"
check "off: one row" test "$(column "$work/off.csv" attempt | wc -l)" -eq 1
check "off: the row names the sectors" says "$work/off.csv" "the write protection of sectors 0, 9 was taken off"
check "off: flash is right" flash_is "$work/saved/off.bin"
exits 0 "only sectors that the job erases lose it" one some "option_bytes: {unprotect: [wrp]}" \
	"write_protect: [0x08000000, 0x081E0000], contents: random, contents_start: 0x08000000, contents_bytes: 0x20000"
check "some: by name" says "$work/some.csv" "the write protection of sector 0 was taken off"
exits 1 "what stays protected fails the expectation" one rest "$take" \
	"write_protect: [0x08000000, 0x081E0000], contents: random, contents_start: 0x08000000, contents_bytes: 0x20000"
check "rest: in sectors" says "$work/rest.csv" "wrp: expected no sector to be write-protected, read that sector 15 is"
check "rest: it is not tried again" test "$(column "$work/rest.csv" attempt | wc -l)" -eq 1
exits 1 "bank 2 cannot be read, so none is taken off" one blind "option_bytes: {unprotect: [wrp]}" \
	"contents: random, write_protect: [0x08000000], faults: [{fault: stall, on: read, address: 0x52002138, count: forever}]"
check "blind: it says so" says "$work/blind.csv" "the write protection of bank 2 cannot be read, so none is taken off"
check "blind: nothing is touched" untouched blind
exits 1 "a ROM that does not write option bytes" one keeps "attempts: 1
option_bytes: {unprotect: [wrp]}" "contents: random, write_protect: [0x08000000]" ignores
check "keeps: the read-back shows it" says "$work/keeps.csv" "sector 0 is still write-protected"
check "keeps: nothing is erased" untouched keeps
exits 1 "unprotect: true is rdp alone" one plain "option_bytes: {unprotect: true}" "contents: random, write_protect: [0x08000000]"
check "plain: write_protected" test "$(rows "$work/plain.csv" error write_protected)" -eq 1
exits 0 "rdp and wrp" one both "option_bytes: {unprotect: [rdp, wrp]}" "rdp: 1, contents: random, write_protect: [0x08000000]"
check "both: flash is right" flash_is "$work/saved/both.bin"
exits 1 "verify takes nothing off" one verified "$take" "write_protect: [0x081E0000]"
exits 2 "an unknown word" "$h7gang" check --profile "$(profile word 'option_bytes: {unprotect: [rdp, pcrop]}')"
check "it says which there are" says "$work/err" "must be one of rdp, wrp"
exits 2 "a word twice" "$h7gang" check --profile "$(profile twice 'option_bytes: {unprotect: [wrp, wrp]}')"

exits 1 "an expectation that no retry mends" one expects "option_bytes: {expect: {bor: 2}}" "bootloader: V9.2"
check "expects: one attempt" test "$(column "$work/expects.csv" attempt | wc -l)" -eq 1

exits 0 "a watchdog runs in hardware" one watchdog "" "watchdog: true, contents: random"
check "watchdog: sectors are erased" test "$(column "$work/watchdog.csv" erase_method)" = sectors
check "watchdog: at the first attempt" test "$(column "$work/watchdog.csv" attempt | wc -l)" -eq 1
exits 0 "no watchdog" one quiet "" "contents: random"
check "quiet: a mass erase is cheaper" test "$(column "$work/quiet.csv" erase_method)" = mass
finish
