#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# Seals: by the run, by hand, checked by h7gang and by the lines that docs/quality.md and h7gang-audit(5) show; a cut
# tail, a forged seal, a seal of another log, another key.
. "$(dirname "$0")/../lib.sh"

sed -n '/tests\/e2e\/audit-seal.sh runs this/,/^```$/p' docs/quality.md | sed '1,2d;$d' >"$work/readme"
sed -n '/tests\/e2e\/audit-seal.sh runs this/,/^\.fi$/p' docs/man/h7gang-audit.5 | sed '1,2d;$d;s/\\e/\\/g;s/\\-/-/g' \
	>"$work/man"
check "docs/quality.md and h7gang-audit(5) show a check" grep -q pkeyutl "$work/readme" "$work/man"
check "the same one" cmp "$work/readme" "$work/man"
check "they set LOG and PUB" grep -qx 'LOG=audit/LOT.csv PUB=station.key.pub' "$work/readme"
sed -i '/^LOG=/d' "$work/readme"

key=$work/station.key
exits 0 "keygen" "$h7gang" audit keygen --output "$key"
id=$(sed -n 's/^key \([0-9a-f]*\):.*/\1/p' "$work/out")
check "the private key is its owner's alone" test "$(stat -c %a "$key")" = 600
check "openssl reads it" openssl pkey -in "$key" -noout
check "the public one is its" test "$(openssl pkey -in "$key" -pubout)" = "$(cat "$key.pub")"
sum=$(sha256sum "$key")
exits 2 "keygen over a key" "$h7gang" audit keygen --output "$key"
check "has changed nothing" test "$(sha256sum "$key")" = "$sum"
"$h7gang" audit keygen --output "$work/other.key" >"$work/out"

p=$(profile keyless "audit: {file: keyless.csv, key: none.key}")
exits 0 "check of a profile whose key is not here" "$h7gang" check --profile "$p"
check "it warns, and says what makes one" says "$work/err" "none.key is not here: a run does not start without it; h7gang audit keygen makes one"
exits 2 "a run without it" "$sim" --virtual-time -- "$h7gang" run --profile "$p"
check "says so, too" says "$work/err" "none.key: no such key: h7gang audit keygen makes one"
check "and has made no log" test ! -e "$work/keyless.csv"

p=$(profile sealed "audit: {file: log.csv, key: station.key, seal_every: 2}")
export LOG=$work/log.csv PUB=$key.pub
# Boards that end one after the other: rows that wait together share a seal.
run() { # BOARDS
	local i
	echo "targets:" >"$work/fleet.yaml"
	for ((i = 1; i <= $1; i++)); do echo "  - {wire_block_ms: $i}"; done >>"$work/fleet.yaml"
	"$sim" --fleet "$work/fleet.yaml" --virtual-time -- "$h7gang" run --profile "$p" --count "$1"
}
exits 0 "a sealed run" run 3
exits 0 "another" run 2
check "sealed every 2 rows and at the end of each" test "$(cut -d ' ' -f 2 "$LOG.seal" | tr '\n' ' ')" = "2 3 5 "
check "no key in the output" test "$(grep -c PRIVATE "$work/out" "$work/err" "$LOG" "$LOG.seal" | grep -vc ':0$')" -eq 0

# both WANTED SAYS: the answers of h7gang and of the shell
both() { # STATUS TEXT SHELL_TEXT
	exits "$1" "$4: audit verify --key" "$h7gang" audit verify --key "$PUB" "$LOG"
	check "it says \"$2\"" says "$(cat "$work/out" "$work/err" >"$work/all"; echo "$work/all")" "$2"
	for shell in bash sh; do
		exits "$1" "$4: the shown lines, $shell" $shell "$work/readme"
		[ -z "$3" ] || check "they say \"$3\"" says "$work/out" "$3"
	done
}
both 0 "intact: 5 rows" "sealed to row 5" "as written"
check "all of it is sealed" says "$work/all" ", sealed to row 5"

# FILE.seal goes on over the files of a rotated log.
head -n 3 "$LOG" >"$LOG.0001"
sed -i 2,3d "$LOG"
exits 0 "the seals of a rotated log" "$h7gang" audit verify --key "$PUB" "$LOG.0001" "$LOG"
for shell in bash sh; do
	exits 0 "the shown lines over a rotated log, $shell" $shell "$work/readme"
	check "they say so" says "$work/out" "sealed to row 5"
done
sed 1d "$LOG" | cat "$LOG.0001" - >"$work/joined"
rm "$LOG.0001"
mv "$work/joined" "$LOG"

cp "$LOG" "$work/whole.csv"
cp "$LOG.seal" "$work/whole.seal"
back() {
	cp "$work/whole.csv" "$LOG"
	cp "$work/whole.seal" "$LOG.seal"
}

sed -i '$d' "$LOG"
exits 1 "a cut tail, without the key" "$h7gang" audit verify "$LOG"
check "it says so" says "$work/err" "log.csv.seal:3: the log is cut: it ends with row 4, but row 5 was sealed at"
exits 1 "a report says so" "$h7gang" audit report "$LOG"
mv "$LOG.seal" "$work/away.seal"
exits 0 "a cut tail, without seals" "$h7gang" audit verify "$LOG"
mv "$work/away.seal" "$LOG.seal"
both 1 "the log is cut: it ends with row 4, but row 5 was sealed at" "row 5 is gone" "a cut tail"
exits 4 "a run does not go on behind it" run 1
check "nor without the key's seal does it end well" says "$work/err" "the log is cut"
# A profile that names no key, or another one, hides no gap either.
sed 's/, key.*}/}/' "$p" >"$work/unsealed.yaml"
sed 's/station.key/other.key/' "$p" >"$work/other.yaml"
for other in unsealed other; do
	sum=$(sha256sum "$LOG" "$LOG.seal")
	exits 4 "$other: a run does not go on behind a cut" "$sim" --virtual-time --save "$work/$other" -- \
		"$h7gang" run --profile "$work/$other.yaml" --count 1
	check "$other: it says why" says "$work/err" "the log is cut: it ends with row 4, but row 5 was sealed"
	check "$other: it says what to do" says "$work/err" "Put the rows back from a copy"
	check "$other: no board was touched" test "$(cat "$work/$other"/*.json | jq -s 'map(.counters.dnloads) | add')" -eq 0
	check "$other: the files are as they were" test "$(sha256sum "$LOG" "$LOG.seal")" = "$sum"
done
cp "$work/whole.csv" "$LOG"
rm "$LOG"
exits 4 "a run does not begin a log anew beside its seals" "$sim" --virtual-time -- \
	"$h7gang" run --profile "$work/unsealed.yaml" --count 1
cp "$work/whole.csv" "$LOG"
exits 0 "a whole log goes on under a profile without the key" "$sim" --virtual-time -- \
	"$h7gang" run --profile "$work/unsealed.yaml" --count 1

back
exits 0 "a whole log, without the key" "$h7gang" audit verify "$LOG"
check "it says that there are seals" says "$work/out" "sealed to row 5, signatures not checked (no --key)"
sed -i 's/$/\r/' "$LOG.seal"
exits 1 "seals in lines that end in CR LF" "$h7gang" audit verify "$LOG"
check "it says that they are none" says "$work/err" "3 lines are no seals"

back
sed -i '2s/^h7gang-seal-1 3/h7gang-seal-1 4/' "$LOG.seal"
both 1 "log.csv.seal:2: a forged seal" "forged" "a seal made to fit"
back
signature=$(sed -n '1s/.* //p' "$LOG.seal")
sed -i "3s| [^ ]*\$| $signature|" "$LOG.seal"
both 1 "log.csv.seal:3: a forged seal" "forged" "another seal's signature"

back
exits 0 "another log" "$sim" --targets 5 --speed 50 -- "$h7gang" run --profile "$work/unsealed.yaml" \
	--audit "$work/another.csv" --count 5
cp "$work/another.csv" "$LOG" # in its place
both 1 "was sealed at" "or another" "the seals of another log"

back
sed -i 's/ [^ ]*$/ QUJD/' "$LOG.seal"
exits 1 "no seal at all" "$h7gang" audit verify --key "$PUB" "$LOG"
check "says how many lines are none" says "$work/err" "3 lines are no seals"
rm "$LOG.seal"
both 1 "no seal by the key $id" "" "no seals"

# A line that a power cut has left half written costs nothing.
back
truncate -s -20 "$LOG.seal"
exits 0 "a torn seal" "$h7gang" audit verify --key "$PUB" "$LOG"
check "rows behind the last whole one are told" says "$work/out" "sealed to row 3 (2 rows after it)"
exits 0 "sealed by hand" "$h7gang" audit seal --key "$key" "$LOG"
both 0 "sealed to row 5" "sealed to row 5" "behind a torn seal"

# By hand, and another key's seals beside ours.
back
rm "$LOG.seal"
exits 0 "sealed by another key" "$h7gang" audit seal --key "$work/other.key" "$LOG"
both 1 "no seal by the key $id" "" "another key's seal"
check "and it is told" says "$work/all" "1 seals are by other keys"
exits 0 "sealed by ours too" "$h7gang" audit seal --key "$key" "$LOG"
both 0 "sealed to row 5" "sealed to row 5" "two keys' seals"
head -n 2 "$work/whole.seal" | cat - <(head -n 1 "$LOG.seal") >"$work/mixed.seal"
cp "$work/mixed.seal" "$LOG.seal"
exits 0 "ours to row 3, another key's to row 5" "$h7gang" audit verify --key "$PUB" "$LOG"
check "only ours count" says "$work/out" "sealed to row 3 (2 rows after it)"
sed -i '$d' "$LOG"
exits 1 "a log cut below another key's seal" "$h7gang" audit verify --key "$PUB" "$LOG"
check "it says so" says "$work/err" "the log is cut: it ends with row 4, but row 5 was sealed"
back

sed '3s/PASS/PASs/' "$LOG" >"$work/changed.csv"
exits 1 "a changed log is not sealed" "$h7gang" audit seal --key "$key" "$work/changed.csv"
check "nothing was written" test ! -e "$work/changed.csv.seal"
exits 2 "seal without a key" "$h7gang" audit seal "$LOG"
exits 2 "a key that is none" "$h7gang" audit verify --key "$LOG" "$LOG"
exits 2 "the public key does not sign" "$h7gang" audit seal --key "$PUB" "$LOG"
chmod 640 "$key"
exits 2 "a key that others may read" run 1
check "is told" says "$work/err" "others may read this private key"
chmod 600 "$key"

# Seals that cannot be written end the run loudly.
mkdir "$work/full"
p=$(profile full "audit: {file: full/log.csv, key: station.key}")
mkdir "$work/full/log.csv.seal"
exits 4 "no place for seals" run 1
finish
