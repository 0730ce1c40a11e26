#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang-sim ctl: each command is in --help, a wrong one is refused with the expected syntax.
. "$(dirname "$0")/../lib.sh"
export sim work

"$sim" --help >"$work/help"
# A line for each case: exit status, words, the last line of the answer.
cat >"$work/cases" <<'E2'
0|list|ok
1||error no such command (h7gang-sim --help lists them)
1|frobnicate|error no such command (h7gang-sim --help lists them): frobnicate
1|unplug|error expected: unplug NAME
1|unplug a b|error expected: unplug NAME
1|unplug x|error no such target: x
0|unplug a|ok
1|plug a 1-x|error not a port path: 1-x
1|plug a 1-1.2|error port taken: 1-1.2
0|plug a 1-1.9|ok
1|plug a|error already plugged: a
1|renew a|error already plugged: a
1|swap a x|error no such target: x
1|swap a a|error one board cannot be swapped with itself: a
0|swap a b|ok
1|bounce a soon|error not a number of at most nine digits: soon
1|belt 1 1234567890|error not a number of at most nine digits: 1234567890
1|boot0 a up|error neither high nor low: up
0|boot0 a high|ok
1|enter a|error no application runs: a
1|unplug-hub 1-7|error no such hub: 1-7
1|suspend 5|error only on virtual time can the clocks be moved
1|suspend 5 gone|error not lost, kept or exchanged: gone
1|save FOLDER all|error expected "pages" or nothing: all
0|save FOLDER pages|ok
E2
sed -i "s,FOLDER,$work/saved," "$work/cases"
each() {
	local status words answer got bad=0
	while IFS='|' read -r status words answer; do
		# shellcheck disable=SC2086 # a list of words
		got=$("$sim" ctl "$work/hands" ${words:-''} </dev/null)
		[ $? -eq "$status" ] && [ "$(tail -n 1 <<<"$got")" = "$answer" ] && continue
		echo "# \"$words\": $got" >&2
		bad=1
	done <"$work/cases"
	"$sim" ctl "$work/hands" list >"$work/list"
	return $bad
}
export -f each
exits 0 "right and wrong commands" "$sim" --fleet <(printf 'targets: [{name: a, path: 1-1.1}, {name: b, path: 1-1.2}]\n') \
	--control "$work/hands" -- bash -c each
check "the boards are where they were put" \
	diff "$work/list" <(printf '%s\n' "a 1-1.2 plugged" "b 1-1.9 plugged" ok)
check "the boards were saved" test -f "$work/saved/a.pages"
known=$(sed '1,/^ctl sends/d' "$work/help" | awk '{print $1}' | sort)
check "each command of --help was tried" test -z \
	"$(comm -23 <(printf '%s\n' "$known") <(cut -d'|' -f2 "$work/cases" | awk '{print $1}' | sort -u) |
		grep -vxE 'plug-hub|usbfs-taken')"
finish
