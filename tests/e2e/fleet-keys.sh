#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# profiles/fleets/README.md names the source and the mark of every key of a fleet file.
. "$(dirname "$0")/../lib.sh"

marks='doc|bench|class|inferred|fleet'
# unsourced FILE: the keys of its tables whose last column has no mark.
unsourced() {
	grep '^| `' "$1" |
		awk -F ' *[|] *' -v marks="(^|[^a-z])($marks)([^a-z]|$)" '$(NF - 1) !~ marks {print $2}'
}
# unknown FILE: the keys of the program that no row of the file names.
unknown() {
	local key
	"$sim" keys | while read -r key; do
		grep -qE "^\| ([^|]*[ ,])?\`$key\`[, |]" "$1" || echo "$key"
	done
}

readme=profiles/fleets/README.md
check "there are keys" test "$("$sim" keys | wc -l)" -gt 80
check "every key has a row" test -z "$(unknown $readme)"
unknown $readme | sed 's/^/# without a row: /'
check "every row has a mark" test -z "$(unsourced $readme)"
unsourced $readme | sed 's/^/# without a mark: /'
check "every personality has a mark at each point" test -z "$(sed -n '/^## Personalities/,/^## Faults/p' $readme |
	grep '^| ' | grep -vE "^\| point|($marks|as above)[^|]*\|\$")"

# The test can fail.
sed '/^| `start_ms`/s/| [^|]*|$/| |/' $readme >"$work/no-mark"
check "a key without a mark is found" test "$(unsourced "$work/no-mark")" = '`start_ms`'
sed '/^| `start_ms`/d' $readme >"$work/no-row"
check "a key without a row is found" test "$(unknown "$work/no-row")" = start_ms
finish
