#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The programming record of one board: its shell lines, run as they are printed, accept the genuine page and refuse a
# changed page, a changed row, a missing seal and another board's.
. "$(dirname "$0")/../lib.sh"
key=$work/station.key
"$h7gang" audit keygen --output "$key" >/dev/null || exit 1
nasty='a<b>&amp;"c"'\''d'
run() { # NAME EVERY
	p=$(profile "$1" "audit: {file: $work/$1.csv, key: $key, seal_every: $2}")
	"$sim" --targets 4 --virtual-time -- "$h7gang" run --profile "$p" --count 4 --lot L1 --operator "$nasty" --quiet \
		>/dev/null 2>&1
}
run each 1 && run many 100 || exit 1
uid() { column "$work/$1.csv" uid | sed -n "$2p"; }
page="$work/a page's.html"
record() { "$h7gang" audit record --uid "$(uid "$1" "$2")" --key "$key" --html "$page" "$work/$1.csv"; }
# As it stands in the page, and as the program printed it.
printed() { sed -n '/^<pre id="check">$/,/^<\/pre>$/p' "$page" | sed '1d;$d;s/&lt;/</g;s/&gt;/>/g;s/&amp;/\&/g'; }
refute() { ! "$@" >/dev/null 2>&1; }
genuine() { sh "$work/check" >"$work/said" 2>&1 && [ "$(cat "$work/said")" = "genuine: page, rows and seal" ]; }
refused() { ! sh "$work/check" >"$work/said" 2>&1 && grep -q "^NOT GENUINE: $1" "$work/said"; }
# Signs a changed page anew: a forger with the key to pages alone.
resign() { openssl pkeyutl -sign -rawin -inkey "$key" -in "$page" -out "$page.sig"; }

exits 0 "a record, with a seal for each row" record each 2
cp "$work/out" "$work/check"
check "the page has the same lines" cmp -s "$work/check" <(printed)
check "they accept it" genuine
check "it shows that row alone" [ "$(sed -n '/^<pre id="rows">$/,/^<\/pre>$/p' "$page" | wc -l)" -eq 3 ]
for text in "$(uid each 2)" "$(column "$work/each.csv" bank1_readback_sha256 | sed -n 2p)" "as stated by the station" \
	"a&lt;b&gt;&amp;amp;&quot;c&quot;&#39;d"; do
	check "it says ${text:0:24}" says "$page" "$text"
done
check "nothing of another board" [ "$(grep -c "$(uid each 1)" "$page")" -eq 0 ]
cp "$page" "$work/genuine.html" && cp "$page.sig" "$work/genuine.sig"
sed -i 's/<h1>/<h1>Not /' "$page"
check "a changed page is refused" refused "the page's signature"
cp "$work/genuine.html" "$page"
sed -i '/^<pre id="rows">$/{n;s/,L1,/,L2,/}' "$page"
resign
check "a changed row is refused" refused "a row does not have its hash"
cp "$work/genuine.html" "$page"
sed -i '/^<pre id="seal">$/{n;d}' "$page"
resign
check "a missing seal is refused" refused "there is no seal"
cp "$work/genuine.html" "$page"
other=$(sed -n 3p "$work/each.csv.seal")
sed -i "/^<pre id=\"seal\">\$/{n;s|.*|$other|}" "$page"
resign
check "another row's seal is refused" refused "the seal is of another row"
cp "$work/genuine.html" "$page"
sed -i '/^<pre id="seal">$/{n;s/ 2026-\| 20[0-9][0-9]-/ 1999-/}' "$page"
resign
check "a changed seal is refused" refused "the seal's signature"
cp "$work/genuine.html" "$page" && rm "$page.sig"
check "a page without its signature is refused" refused "the page's signature"
"$h7gang" audit keygen --output "$work/other.key" >/dev/null
cp "$work/genuine.sig" "$page.sig"
sed "s|$key.pub|$work/other.key.pub|" "$work/check" >"$work/check.other"
check "another key is refused" refute sh "$work/check.other"

exits 0 "a record, with a seal for many rows" record many 2
cp "$work/out" "$work/check"
check "they accept it" genuine
check "it shows the rows to the seal" [ "$(sed -n '/^<pre id="rows">$/,/^<\/pre>$/p' "$page" | wc -l)" -eq 5 ]
cp "$page" "$work/genuine.html"
sed -i '/^<pre id="rows">$/{n;n;d}' "$page"
resign
check "a missing row is refused" refused "a row does not follow"
exits 1 "no such board" "$h7gang" audit record --uid 0123456789abcdef01234567 --key "$key" --html "$page" "$work/each.csv"
mv "$work/many.csv.seal" "$work/kept"
exits 1 "a log without a seal" record many 1
mv "$work/kept" "$work/many.csv.seal"
sed -i '3s/,L1,/,L9,/' "$work/many.csv"
exits 1 "a log that is not intact" record many 1
exits 2 "no key" "$h7gang" audit record --uid "$(uid each 1)" --html "$page" "$work/each.csv"
exits 2 "a log in the place of the page" "$h7gang" audit record --uid "$(uid each 1)" --key "$key" \
	--html "$work/each.csv" "$work/each.csv"
for kept in log text; do # what stands in the place of the signature
	[ $kept = log ] && cp "$work/each.csv" "$work/r.html.sig" || head -c 64 "$work/each.csv" >"$work/r.html.sig"
	cp "$work/r.html.sig" "$work/kept"
	exits 2 "a $kept in the place of the signature" "$h7gang" audit record --uid "$(uid each 1)" --key "$key" \
		--html "$work/r.html" "$work/each.csv"
	check "is named" says "$work/err" "r.html.sig: exists and is no older signature; it is not replaced"
	check "and stays" cmp "$work/kept" "$work/r.html.sig"
	check "without a page" [ ! -e "$work/r.html" ]
done
finish
