#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# make check-report: the HTML report in headless Chromium: the heading, one script of its own under a hash, hostile texts
# stay text, and the page prints. The test is skipped where there is no Chromium.
set -u
cd "$(dirname "$0")/../.." || exit 1
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
	echo "skipped: no chromium"
	exit 77
}
work=$PWD/build/report
rm -rf "$work"
mkdir -p "$work"
tests/firmware/make || exit 1
cat >"$work/p.yaml" <<-END
	profile: 1
	name: report
	target: {part: stm32h743xi}
	firmware: [{file: $PWD/build/firmware/demo.hex}]
END
build/h7gang-sim --fleet profiles/fleets/mixed.yaml --speed 50 -- build/h7gang run --profile "$work/p.yaml" \
	--audit "$work/a.csv" --count 8 --station '"><img src=x onerror=document.title="pwned">' --lot '<b>L</b>' \
	>/dev/null 2>&1 || exit 1
build/h7gang-sim --targets 3 --speed 50 -- build/h7gang run --profile "$work/p.yaml" --audit "$work/b.csv" \
	--count 3 --station right >/dev/null 2>&1 || exit 1
build/h7gang audit report --html "$work/r.html" "$work/a.csv" "$work/b.csv" >/dev/null || exit 1

look() { # ARGUMENTS...
	timeout 120 "$browser" --headless --enable-logging=stderr --disable-gpu --no-sandbox --no-first-run --disable-dev-shm-usage \
		--user-data-dir="$work/browser" --window-size=1000,2400 "$@" "file://$work/r.html" 2>"$work/browser.log"
}
bad=0
checks=0
check() {
	local what=$1
	shift
	checks=$((checks + 1))
	"$@" && echo "ok - $what" || { echo "not ok - $what"; bad=1; }
}
look --dump-dom >"$work/dom.html"
check "the page is shown" grep -q '<h1>Programming report</h1>' "$work/dom.html"
check "its title is ours" grep -q '<title>Programming report</title>' "$work/dom.html"
check "no element comes out of a log" test "$(grep -cE '<img[ >]|<b>L' "$work/dom.html")" -eq 0
check "one script" test "$(grep -oi '<script' "$work/dom.html" | wc -l)" -eq 1
hash=$(/usr/bin/python3 -c 'import base64, hashlib, re, sys
script = re.search(rb"<script>(.*?)</script>", open(sys.argv[1], "rb").read(), re.S).group(1)
print(base64.b64encode(hashlib.sha256(script).digest()).decode())' "$work/r.html")
check "and the policy allows that one only" grep -qF "script-src 'sha256-$hash'\"" "$work/r.html"
check "the browser refuses nothing" test "$(grep -c 'Content Security Policy' "$work/browser.log")" -eq 0
check "the text does" grep -q '&lt;img src=x' "$work/dom.html"
check "charts are drawn" test "$(grep -o '<rect ' "$work/dom.html" | wc -l)" -gt 20
look --screenshot="$work/r.png" >/dev/null
check "it can be pictured" test "$(stat -c %s "$work/r.png" 2>/dev/null || echo 0)" -gt 20000
look --print-to-pdf="$work/r.pdf" >/dev/null
check "it prints" grep -q '^%PDF' "$work/r.pdf"
echo "1..$checks"
exit $bad
