#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every text of the panel, and every phrase of the station that the panel knows, is in each catalog; every phrase is one
# that the station says; --language takes the languages that there are.
. "$(dirname "$0")/../lib.sh"
command -v xgettext >/dev/null || { echo "no xgettext"; exit 77; }

xgettext --from-code=UTF-8 -k_ -kN_ -o "$work/panel.pot" src/ui/*.c src/ui/*.h
h7_errors() { sed -n 's/^\t\t*{\{0,1\}"\([a-z_]*\)",$/\1/p; s/^.*= *{"\([a-z_]*\)",.*/\1/p' src/base/errors.c; }
untranslated() { # LANGUAGE: what its catalog lacks
	msgcmp "src/ui/po/$1.po" "$work/panel.pot" 2>&1 | grep -v "this message is not used" | grep -E "^[^:]+:[0-9]+:"
	for error in $(h7_errors); do
		grep -q "\"advice $error\"" "src/ui/po/$1.po" || echo "no advice: $error"
	done | grep -vE ": (internal|ok)$"
}
check "there are texts" test "$(grep -c '^msgid' "$work/panel.pot")" -gt 100
check "there are errors" test "$(h7_errors | wc -l)" -gt 25
for language in de es pl zh_CN; do
	check "$language has every text" test -z "$(untranslated $language)"
	untranslated $language | sed 's/^/# /'
	check "$language: none is empty or fuzzy" test -z "$(msgattrib --untranslated --fuzzy "src/ui/po/$language.po")"
done

# A phrase that no source says any more would be shown in English from then on.
find src -name '*.c' ! -path 'src/ui/*' ! -path 'src/sim/*' -exec perl -0pe 's/"\s*\n\s*"//g' {} + >"$work/sources"
cat include/h7gang/gang/events.h >>"$work/sources"
xgettext --from-code=UTF-8 -kN_ --no-wrap -o - src/ui/phrases.c | sed -n 's/^msgid "\(..*\)"$/\1/p' |
	sed 's/^h7gang: //' >"$work/phrases"
check "there are phrases" test "$(wc -l <"$work/phrases")" -gt 50
while IFS= read -r phrase; do
	grep -qF -- "\"$phrase\"" "$work/sources" || echo "$phrase"
done <"$work/phrases" >"$work/gone"
check "each phrase is said somewhere" test ! -s "$work/gone"
sed 's/^/# not said: /' "$work/gone"

for code in xx zh_TW deutsch; do
	exits 2 "--language $code" "$h7gang" run --profile none.yaml --language "$code"
	check "it says which there are" says "$work/err" "must be en, de, es, pl or zh_CN"
done
finish
