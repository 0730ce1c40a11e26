LC_ALL=C; export LC_ALL
refuse() { echo "NOT GENUINE: $1"; exit 1; }
tmp=$(mktemp -d) || exit 1
verify() { openssl pkeyutl -verify -rawin -pubin -inkey "$key" -in "$1" -sigfile "$2" >"$tmp/out" 2>&1; }
part() { sed -n "/^<pre id=\"$1\">\$/,/^<\/pre>\$/p" "$page" | sed '1d;$d;s/&lt;/</g;s/&gt;/>/g;s/&amp;/\&/g'; }
verify "$page" "$page.sig" || refuse "the page's signature"
hash=; part rows >"$tmp/rows"
while IFS= read -r row; do
own=${row##*,}; body=${row%,*}; prev=${body##*,}; body=${body%,*},
[ -z "$hash" ] || [ "$prev" = "$hash" ] || refuse "a row does not follow the one before it"
hash=$(printf '%s\n%s' "$prev" "$body" | sha256sum | cut -c 1-64)
[ "$hash" = "$own" ] || refuse "a row does not have its hash"
seq=${row%%,*}
done <"$tmp/rows"
part seal >"$tmp/seal"; read -r word of head time id signature <"$tmp/seal" || refuse "there is no seal"
[ -n "$hash" ] && [ "$head" = "$hash" ] && [ "$of" = "$seq" ] || refuse "the seal is of another row"
printf '%s %s %s %s %s' "$word" "$of" "$head" "$time" "$id" >"$tmp/head"
printf '%s' "$signature" | base64 -d >"$tmp/signature"
verify "$tmp/head" "$tmp/signature" || refuse "the seal's signature"
rm -r "$tmp"; echo "genuine: page, rows and seal"
