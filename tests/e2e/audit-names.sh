#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Logs, profiles and slots whose names contain terminal control sequences: no command prints them raw.
. "$(dirname "$0")/../lib.sh"

nasty=$'\e]0;x\a\u202e\u2028\u061c\xff'
log="$work/log$nasty.csv"
p=$(profile names "leave: false")
cp "$p" "$work/p$nasty.yaml"
tame() { # WHAT: neither output holds a control, format or invalid character
	check "$1: nothing raw on a terminal" [ -z "$(cat "$work/out" "$work/err" | LC_ALL=C tr -d '\n -~')" ]
}
exits 0 "a run" "$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$p" --audit "$log" --count 1
tame "run"
for words in verify report "find --result PASS" "export --json" "verify --each"; do
	# shellcheck disable=SC2086 # words
	exits 0 "audit $words" "$h7gang" audit $words "$log"
	tame "audit $words"
done
cp "$log" "$log.broken"
sed -i 2s/PASS/FAIL/ "$log.broken"
exits 1 "audit verify, a broken log" "$h7gang" audit verify "$log.broken"
tame "audit verify, a broken log"
exits 4 "audit report, likewise" "$h7gang" audit report "$log.broken"
tame "audit report, a broken log"
echo "no row" >>"$log.broken"
exits 4 "audit find, likewise" "$h7gang" audit find --result PASS "$log.broken"
tame "audit find, a broken log"
echo mark >"$log.begun"
exits 0 "audit verify, a mark that is none" "$h7gang" audit verify "$log"
tame "audit verify, a mark that is none"
exits 4 "no such log" "$h7gang" audit verify "$log.none"
tame "no such log"
exits 2 "a profile that is none" "$h7gang" check --profile "$log"
tame "a profile that is none"
exits 2 "no such profile" "$h7gang" run --profile "$work/p$nasty.none" --audit "$log"
tame "no such profile"
exits 2 "an unknown option" "$h7gang" run "--$nasty"
tame "an unknown option"
exits 2 "an unknown command" "$h7gang" "$nasty"
tame "an unknown command"
exits 0 "check" "$h7gang" check --profile "$work/p$nasty.yaml"
tame "check"
exits 0 "check --json" "$h7gang" check --profile "$work/p$nasty.yaml" --json
tame "check --json"
check "JSON is read back" jq -e . "$work/out"
exits 2 "keygen into no folder" "$h7gang" audit keygen --output "$work/none/$nasty"
tame "keygen"
exits 0 "JSON of a run" "$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$p" --audit "$log" --count 1 --json \
	--operator "$nasty"
check "JSON of a run: nothing raw on a terminal" [ -z "$(LC_ALL=C grep -aP '\x1b|\x07|\xe2\x80\xae|\xe2\x80\xa8|\xd8\x9c|\xff' "$work/out")" ]
"$h7gang" doctor --audit "$log" >"$work/out" 2>"$work/err"
tame "doctor"
exits 0 "a page" "$h7gang" audit report --html "$work/page.html" "$log"
check "the page holds nothing raw" [ -z "$(LC_ALL=C grep -aP '\x1b|\x07|\xe2\x80\xae|\xe2\x80\xa8|\xd8\x9c|\xff' "$work/page.html")" ]
finish
