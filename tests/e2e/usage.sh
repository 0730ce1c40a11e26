#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Exit statuses and messages of errors before any board is touched.
. "$(dirname "$0")/../lib.sh"

good=$(profile good)
log=$work/log.csv

exits 2 "no command" "$h7gang"
exits 2 "a command that does not exist" "$h7gang" flash
exits 0 "help" "$h7gang" help
for command in run verify list check slots read audit doctor version help; do
	check "help names $command" says "$work/out" "  $command"
done
for command in run verify list check slots read audit doctor version help; do
	exits 0 "help $command" "$h7gang" help "$command"
	check "help $command tells how" says "$work/out" "h7gang $command"
done
exits 0 "help errors" "$h7gang" help errors
check "every error has advice" test "$(grep -cE '^[a-z_]+ +[A-Z].{10}' "$work/out")" -ge 20
exits 0 "version" "$h7gang" --version
check "version is the tree's" says "$work/out" "h7gang $(cat VERSION)"
exits 0 "check" "$h7gang" check --profile "$good"
check "check shows the flash's hash" says "$work/out" "$(sha256sum build/firmware/demo.flash | cut -c 1-64)"
exits 0 "check --json" "$h7gang" check --profile "$good" --json
check "its plan is JSON" jq -e '.ok and .banks[1].sectors_touched == 2' "$work/out"
check "with the map of its sectors" jq -e '[.banks[].touched[] | [.sector, .used]] as $map |
	($map | map(.[0])) == [0, 1, 0, 1] and ($map | map(.[1]) | add) == .bytes and .firmware[0].format == "ihex"' "$work/out"
sed 's/stm32h743xi/stm32h7a3xi/' "$good" >"$work/small.yaml"
exits 0 "check of a part with small sectors" "$h7gang" check --profile "$work/small.yaml"
check "its map has a line for sectors that are alike" says "$work/out" "sectors 0-18    0x08000000  8192 bytes each used"
check "and for the one that is not" grep -qE "sector 19 +0x08026000  [0-9]+ bytes used" "$work/out"
check "the format that was found is told" says "$work/out" "demo.hex  ihex, "

exits 0 "check of a log" "$h7gang" check --profile "$good"
check "no key, no new files" test "$(grep -A 2 '^log ' "$work/out" | tr -s ' \n' ' ')" = \
	"log --audit is required sealed no rotated no "
check "and says that option bytes are left alone" grep -q "^options  *neither compared nor set: no option_bytes" "$work/out"
exits 0 "a profile with option bytes" "$h7gang" check --profile "$(profile with 'option_bytes: {expect: {rdp: 0}}')"
check "does not" [ "$(grep -c "neither compared" "$work/out")" = 0 ]
exits 2 "audit without a command" "$h7gang" audit
check "names all of them" says "$work/err" "verify, find, export, report, record, keygen or seal"
exits 0 "the help of audit" "$h7gang" help audit
check "tells of both ends of a time" grep -q -- "--since includes it, --until does not" "$work/out"
"$h7gang" audit keygen --output "$work/k" >/dev/null
sealed=$(profile sealed "audit: {file: 'a/{lot}.csv', key: k, seal_every: 7, rotate_mb: 50, rotate_lot: true}")
exits 0 "check of a sealed log" "$h7gang" check --profile "$sealed"
check "where it is" says "$work/out" "$work/a/{lot}.csv"
check "what it is sealed with" says "$work/out" "with $work/k, every 7 rows"
check "when it is rotated" says "$work/out" "rotated   after 50 MB and for each new lot"
exits 0 "check --json of a sealed log" "$h7gang" check --profile "$sealed" --json
check "all of it" jq -e --arg work "$work" '.audit == {file: ($work + "/a/{lot}.csv"), key: ($work + "/k"),
	seal_every: 7, rotate_mb: 50, rotate_lot: true}' "$work/out"

mass=$(profile mass "erase: mass
leave: required")
exits 0 "check of erase: mass" "$h7gang" check --profile "$mass"
check "it warns of the ROM whose mass erase does not work" says "$work/out" "warning: bootloader V13.3: erase: mass"
check "and of none that can" test "$(grep -c '^warning: bootloader V9' "$work/out")" -eq 0
check "and of the one that does not leave" says "$work/out" "warning: bootloader V13.2: leave: required"

for option in --trac=x --prof=x --count=0 --count=x --tag=x --uid=12 --wait=-1 --log-level=x; do
	exits 2 "run $option" "$h7gang" run --profile "$good" --audit "$log" $option
done
for option in --once --wait=1 --all-slots; do
	exits 2 "run --watch $option" "$h7gang" run --profile "$good" --audit "$log" --watch $option
done
exits 2 "verify --watch" "$h7gang" verify --profile "$good" --audit "$log" --watch
exits 2 "verify --count" "$h7gang" verify --profile "$good" --audit "$log" --count 1
# tests/unit/test_cli_options.c tries each option with each command.
for words in "list --by-operator" "audit report x.csv --next 77" "numbers set-next --shifts 06:00" "store status --taken x"; do
	exits 2 "an option of another command: $words" "$h7gang" $words
	check "$words: is refused as such" says "$work/err" "other commands do"
done
for words in "report --next 1" "find --html x" "verify --uid x" "record --csv" "seal --output x" "keygen --key x"; do
	exits 2 "audit $words" "$h7gang" audit $words "$log"
done
check "and names the option" says "$work/err" "audit keygen does not know the option --"
for words in "init --yes" "push --uid 2F0030000F51353232363631" "status --json" "release --log 1"; do
	exits 2 "store $words" "$h7gang" store $words --store "sqlite:$work/none.db"
	check "store $words: names the option" says "$work/err" "store ${words%% *} does not know the option --"
done
exits 2 "list --profile of no file" "$h7gang" list --profile "$work/none.yaml"
exits 2 "run without a profile" "$h7gang" run --audit "$log"
exits 2 "run without a log" "$h7gang" run --profile "$good"
exits 2 "no such profile" "$h7gang" run --profile "$work/none.yaml" --audit "$log"
exits 2 "audit verify without a file" "$h7gang" audit verify
exits 4 "audit verify of no file" "$h7gang" audit verify "$work/none.csv"
exits 2 "audit verify --continues x" "$h7gang" audit verify --continues x "$log"

# Demands of the profile.
lot=$(profile lot "audit: {file: '{lot}.csv'}")
exits 2 "{lot} without --lot" "$h7gang" run --profile "$lot"
exits 2 "a lot that climbs" "$h7gang" run --profile "$lot" --lot ../x
exits 2 "a lot that is hidden" "$h7gang" run --profile "$lot" --lot .x
both=$(profile both "require: [lot, operator]")
exits 2 "lot and operator required" "$h7gang" run --profile "$both" --audit "$log" --lot ""
exits 2 "lot and operator required" "$h7gang" run --profile "$both" --audit "$log"
check "both are named" says "$work/err" --lot
check "both are named" says "$work/err" --operator
slots=$(profile slots "slots: [{name: A1, path: 1-1.1}]")
exits 2 "a slot that the profile has not" "$h7gang" run --profile "$slots" --audit "$log" --slot A2
exits 2 "a slot that is no port" "$h7gang" run --profile "$good" --audit "$log" --slot A2
exits 2 "--all-slots without slots" "$h7gang" run --profile "$good" --audit "$log" --all-slots
check "no log was made by any of these" test ! -e "$log"

# All errors of a profile in one run, each at its place.
cat >"$work/wrong.yaml" <<-END
profile: 1
name: wrong
target: {part: stm32f407}
firmware:
  - {file: none.hex}
erase: sometimes
colour: red
attempts: 0
END
exits 2 "a wrong profile" "$h7gang" run --profile "$work/wrong.yaml" --audit "$log"
for place in 3:16 5:12 6:8 7:1 8:11; do
	check "the error at $place is told" says "$work/err" "$work/wrong.yaml:$place: "
done
exits 2 "check of a wrong profile" "$h7gang" check --profile "$work/wrong.yaml" --json
check "its problems are JSON" jq -e '.ok == false and (.problems | length) >= 5' "$work/out"

# The log comes before the boards.
echo "not a log" >"$work/bad.csv"
exits 4 "a log with a wrong header" "$h7gang" run --profile "$good" --audit "$work/bad.csv"
check "it is left as it was" test "$(cat "$work/bad.csv")" = "not a log"
mkdir "$work/folder.csv"
exits 4 "a log that is a folder" "$h7gang" run --profile "$good" --audit "$work/folder.csv"

cat >"$work/patch.yaml" <<-END
	profile: 1
	name: patch
	target: {part: stm32h743xi}
	firmware: [{file: $top/build/firmware/demo.hex}]
	serial:
	  source: {counter: {file: sn.state, start: 1, end: 9, format: "A{:02d}"}}
	  patch: [{address: 0x080DFFFC, encode: ascii, length: 8}, {address: 0x081FFF00, encode: ascii, length: 16}]
END
exits 0 "a serial patch in sectors without firmware" "$h7gang" check --profile "$work/patch.yaml"
check "is named" grep -qE "sector 7 +0x081e0000  serial patch, 16 bytes" "$work/out"
check "over a boundary, too" grep -qE "sectors 6-7 +0x080c0000  serial patch, 8 bytes" "$work/out"
exits 3 "list without a board" "$sim" --virtual-time --targets 1 --fleet <(echo 'targets: [{name: a, path: 1-1, vid: 0x1234}]') -- "$h7gang" list
check "says what to do next" says "$work/err" "put BOOT0 high and reset the board, or run h7gang doctor"
finish
