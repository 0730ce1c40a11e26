#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# make deb and make sbom: each package's files and dependencies. make check-deb installs them in a clean chroot.
. "$(dirname "$0")/../lib.sh"
command -v dpkg-shlibdeps >/dev/null || { echo "no dpkg-dev"; exit 77; }

exits 0 "make deb" make -s deb
version=$(cat VERSION) arch=$(dpkg --print-architecture)
programs="h7gang h7gang-sim"
for program in h7gang-web h7gang-publish; do [ ! -x "build/$program" ] || programs="$programs $program"; done
deb() { echo "build/deb/$1_${version}_$arch.deb"; }
check "there is a package for each program" [ "$(ls build/deb/*.deb)" = "$(for p in $programs; do deb "$p"; done | sort)" ]

# holds PACKAGE FILE...: all of them and, with those of every package, no other below usr/bin and usr/lib.
holds() {
	local package=$1 file
	shift
	dpkg-deb --contents "$(deb "$package")" >"$work/$package.contents"
	for file in "$@" "usr/share/doc/$package/copyright" "usr/share/doc/$package/changelog.gz" \
		"usr/share/man/man1/$package.1.gz"; do
		check "$package: $file" grep -q " ./$file\$" "$work/$package.contents"
	done
	check "$package: no other program" [ "$(grep -o ' \./usr/bin/.\+' "$work/$package.contents")" = " ./usr/bin/$package" ]
	check "$package: all of it is root's" test "$(awk '{print $2}' "$work/$package.contents" | sort -u)" = root/root
	check "$package: others can write nothing" test "$(grep -c '^.....w\|^........w' "$work/$package.contents")" -eq 0
	depends=$(dpkg-deb --field "$(deb "$package")" Depends)
	check "$package: it depends on no test tool" test "$(grep -c 'cmocka\|valgrind\|-dev' <<<"$depends")" -eq 0
}
needs() { grep -q "\(^\| \)$1\(t64\)\?\(,\| \|\$\)" <<<"$depends"; } # t64: Debian 13's names
needs_no() { ! grep -E "$1" <<<"$depends"; }
holds h7gang usr/lib/udev/rules.d/60-h7gang.rules usr/lib/systemd/system/h7gang-watch@.service \
	usr/lib/systemd/system/h7gang-watch@.socket usr/lib/sysusers.d/h7gang.conf \
	usr/share/bash-completion/completions/h7gang usr/share/zsh/vendor-completions/_h7gang \
	usr/share/man/man5/h7gang-profile.5.gz usr/share/doc/h7gang/CHANGELOG.md.gz usr/share/doc/h7gang/README.md \
	usr/share/doc/h7gang/store.md usr/share/doc/h7gang/it.md usr/share/h7gang/events.schema.json
check "h7gang: it depends on the libraries it uses" needs libusb-1.0-0
check "h7gang: it depends on no HTTP or MQTT library" needs_no 'http|gnutls|curl|mosquitto|mqtt|h7gang'
holds h7gang-sim usr/lib/h7gang/libusb-1.0.so.0 usr/share/h7gang/profiles/fleets/tray.yaml
check "h7gang-sim: it depends on no HTTP or MQTT library" needs_no 'http|gnutls|curl|mosquitto|mqtt'
if [ -x build/h7gang-web ]; then
	holds h7gang-web usr/lib/systemd/system/h7gang-web@.service usr/lib/sysusers.d/h7gang-web.conf \
		usr/share/doc/h7gang-web/prometheus/h7gang.rules.yml usr/share/doc/h7gang-web/grafana/h7gang.json
	check "h7gang-web: it depends on h7gang of its version" grep -q "^h7gang (= $version)," <<<"$depends"
	check "h7gang-web: it depends on its HTTP library" needs libmicrohttpd12
	check "h7gang-web: its unit runs as its user" grep -q '^User=h7gang-web$' \
		<(dpkg-deb --fsys-tarfile "$(deb h7gang-web)" | tar -xO ./usr/lib/systemd/system/h7gang-web@.service)
fi
if [ -x build/h7gang-publish ]; then
	holds h7gang-publish usr/lib/systemd/system/h7gang-publish@.service usr/lib/sysusers.d/h7gang-publish.conf
	check "h7gang-publish: it depends on h7gang of its version" grep -q "^h7gang (= $version)," <<<"$depends"
	check "h7gang-publish: it depends on its MQTT library" needs libmosquitto1
fi
# docs/it.md has the libraries of the packages, with the versions of Debian 12.
libraries() { # "NAME PROGRAM VERSION" by dpkg-shlibdeps; no epoch and no mark of Debian's
	local program
	for program in $programs; do
		dpkg-deb --field "$(deb "$program")" Depends | tr ',' '\n' | sed -nE 's/^ *(lib[^ ]+)( \(>= ([^)]+)\))?$/\1 \3/p' |
			sed -E 's/ [0-9]+:/ /; s/~+$//; s/ $/ any/' | sed "s/ / $program /"
	done | sort
}
documented() {
	awk -F ' *[|] *' '/^\| lib/ { n = split($4, by, ", "); for (i = 1; i <= n; i++) print $2, by[i], $3 }' docs/it.md |
		grep -E " ($(tr ' ' '|' <<<"$programs")) " | sort
}
if grep -q '^VERSION_CODENAME=bookworm$' /etc/os-release; then
	libraries >"$work/libraries"
	documented >"$work/documented"
	check "docs/it.md has every library, its version and its programs" diff "$work/libraries" "$work/documented"
fi
doubles=$(cat "$work"/*.contents | awk '{ print $6 }' | grep -v '/$' | sort | uniq -d)
check "no file is in two packages" [ -z "$doubles" ]
if command -v lintian >/dev/null; then
	exits 0 "lintian has nothing to say" lintian --allow-root --fail-on error,warning build/deb/*.deb
	check "nor a warning" test ! -s "$work/out"
fi
if command -v systemd-analyze >/dev/null; then
	for unit in contrib/*@.service; do
		name=$(basename "$unit" @.service)
		sed "s,/usr/bin/h7gang,$h7gang," "$unit" >"$work/$name@line.service"
		systemd-analyze verify --man=no "$work/$name@line.service" >"$work/verify" 2>&1
		check "the unit $name is one" test "$(grep -c "h7gang" "$work/verify")" -eq 0
		sed 's/^/# /' "$work/verify"
	done
else
	checks=$((checks + 1))
	echo "ok $checks - the units are some # SKIP no systemd-analyze"
fi

# --- the bill of materials, by the rules of SPDX 2.3: https://spdx.github.io/spdx-spec/v2.3/ ---
exits 0 "make sbom" make -s sbom
sbom=build/h7gang.spdx.json
in_sbom() { jq -e "$@" "$sbom" >/dev/null; }
holds_in_sbom() { # WHAT JQ-FILTER
	check "sbom: $1" in_sbom --arg version "$version" "$2"
}
holds_in_sbom "the document" '.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and .SPDXID == "SPDXRef-DOCUMENT"
	and .name == "h7gang-" + $version and (.documentNamespace | test("^https://[^#]+$"))'
holds_in_sbom "who made it, and when" '.creationInfo | (.created | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$"))
	and (.creators | length > 0 and all(test("^(Tool|Person|Organization): .")))'
holds_in_sbom "each package" '.packages | length > 10 and all((.SPDXID | test("^SPDXRef-[A-Za-z0-9.-]+$"))
	and .name and .downloadLocation and .versionInfo and .licenseConcluded and .licenseDeclared and .copyrightText
	and .filesAnalyzed == false and (has("packageVerificationCode") | not)
	and (.supplier | test("^(NOASSERTION|(Person|Organization): .)")))'
holds_in_sbom "no identifier twice" '[.packages[].SPDXID] | length == (unique | length)'
holds_in_sbom "relations between what is there" '([.SPDXID] + [.packages[].SPDXID]) as $ids | .relationships | length > 0
	and all(.spdxElementId as $a | .relatedSpdxElement as $b | ($ids | index($a)) and ($ids | index($b))
	and (.relationshipType | IN("DESCRIBES", "DEPENDS_ON")))'
holds_in_sbom "a package URL of each" '.packages | all(.externalRefs | length == 1 and all(.referenceCategory ==
	"PACKAGE-MANAGER" and .referenceType == "purl" and (.referenceLocator | test("^pkg:deb/[a-z0-9]+/[^/@]+@[^@]+$"))))'
for program in $programs; do
	file=$(deb "$program")
	check "sbom: $program has its checksum" [ "$(jq -r --arg name "$program" \
		'.packages[] | select(.name == $name) | .checksums[] | select(.algorithm == "SHA256").checksumValue' "$sbom")" = \
		"$(sha256sum "$file" | cut -d ' ' -f 1)" ]
	check "sbom: $program is described" in_sbom --arg name "SPDXRef-$program" 'any(.relationships[];
		.relationshipType == "DESCRIBES" and .relatedSpdxElement == $name)'
	wanted=$(dpkg-deb --field "$file" Depends | tr ',' '\n' | sed 's/^ *//; s/[ |].*//' | sort)
	found=$(jq -r --arg name "SPDXRef-$program" '.relationships[] | select(.relationshipType == "DEPENDS_ON" and
		.spdxElementId == $name).relatedSpdxElement | sub("^SPDXRef-"; "")' "$sbom" | sort)
	check "sbom: $program has every dependency" [ "$wanted" = "$found" ]
done
version_of=$(dpkg-query -W -f '${Version}' libusb-1.0-0)
check "sbom: a library has the version it was built with" [ "$(jq -r '.packages[] | select(.name == "libusb-1.0-0").versionInfo' \
	"$sbom")" = "$version_of" ]
cp "$sbom" "$work/before.json"
sleep 1
exits 0 "make sbom again" ./scripts/sbom
check "sbom: the same packages make the same document" cmp "$sbom" "$work/before.json"
finish
