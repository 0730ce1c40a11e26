#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The steps of docs/station.md and the restoring of docs/it.md, as printed, below a folder of the test, with the command line of the unit. Only systemd
# itself is replaced, by a program that notes how it is called.
. "$(dirname "$0")/../lib.sh"

root=$work/root
mkdir -p "$root/var/lib" "$root/bin"
moved() { sed "s#/etc/h7gang#$root/etc/h7gang#g; s#/var/lib/#$root/var/lib/#g"; }
block() { # WHAT: the lines after that comment
	awk -v what="runs this: $1 -->" 'index($0, what) { on = 1; next } on && /^ *```$/ { exit } on && !/^ *```/' docs/station.md docs/it.md |
		sed 's/^   //' | moved
}
printf '#!/bin/sh\necho "$*" >>"%s/systemctl"\n' "$work" >"$root/bin/systemctl"
chmod +x "$root/bin/systemctl"
export PATH=$root/bin:$top/build:$PATH
step() { # WHAT: runs its block
	block "$1" >"$work/block"
	check "station.md has \"$1\"" test -s "$work/block"
	exits 0 "$1, as printed" bash -e "$work/block"
}
station() { # BOARDS: the unit's command, for a run that ends
	local command arguments
	command=$(sed -n 's/^ExecStart=//p' contrib/h7gang-watch@.service |
		sed "s#/usr/bin/#$top/build/#; s#%i#line1#g; s#%S#/var/lib#; s# --watch##" | moved)
	arguments=$(sed -n 's/^H7GANG_ARGS=//p' "$root/etc/h7gang/line1.env")
	# As systemd, word by word.
	"$sim" --targets "$1" --virtual-time -- ${command/'$H7GANG_ARGS'/$arguments} --count "$1"
}

step folders
check "the key is its owner's alone" test "$(stat -L -c %a "$root/var/lib/h7gang/line1.key")" = 600
block profile >"$root/etc/h7gang/line1.yaml"
cp build/firmware/demo.hex "$root/etc/h7gang/controller.hex"
step start
check "check has no warning" test ! -s "$work/err"
check "the station and its socket are started" says "$work/systemctl" \
	"enable --now h7gang-watch@line1.socket h7gang-watch@line1.service"
step password
check "the password is its owner's alone" test "$(stat -c %a "$root/var/lib/h7gang/line1.pgpass")" = 600
check "libpq's variable names it" says "$root/etc/h7gang/line1.env" "PGPASSFILE=$root/var/lib/h7gang/line1.pgpass"

log=$root/var/lib/h7gang/line1.csv
exits 0 "the unit's command" station 2
check "two boards passed" test "$(column "$log" result | grep -c PASS)" = 2
check "with numbers" test "$(column "$log" unit_serial | sort | xargs)" = "A7-000001 A7-000002"
check "the lot and the station are recorded" test "$(column "$log" lot | sort -u) $(column "$log" station | sort -u)" = "L77 line1"
exits 0 "the log is sealed" "$h7gang" audit verify --key "$root/var/lib/h7gang/line1.key.pub" "$log"
check "to its last row" says "$work/out" "sealed to row 2"

# The package h7gang-web makes its user. This test replaces it with its own user.
block control >"$work/control"
check "station.md has \"control\"" grep -q 'users: \[h7gang-web\]' "$work/control"
sed "s/users: \[h7gang-web\]/users: [$(id -un)]/" "$work/control" >>"$root/etc/h7gang/line1.yaml"
exits 0 "the profile with the key control" "$h7gang" check --profile "$root/etc/h7gang/line1.yaml"

step numbers
exits 0 "the unit's command again" station 1
check "goes on with the declared number" test "$(column "$log" unit_serial | tail -n 1)" = A7-000501

# Another folder for second places, as step 3 has it.
mkdir -m 2770 "$root/srv"
sed -i 's/line1.numbers/other.numbers/; s/name: controller-a/name: controller-b/' "$root/etc/h7gang/line1.yaml"
echo "station: {state_dir: $root/srv}" >>"$root/etc/h7gang/line1.yaml"
exits 0 "a run with second places on another disk" station 1
check "has one there" test -n "$(ls "$root/srv/numbers")"
finish
