#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/store.md's way from one bench to two stations on one server, as it stands there.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
pg_need

awk '/tests\/e2e\/store-readme.sh runs/ {on = 1} /^## What goes in/ {on = 0}
	on && /^```$/ {code = 0} code {print} on && /^```sh$/ {code = 1}' docs/store.md >"$work/all"
check "it is there" grep -q "store init" "$work/all"
# The reader's set-up: the programs in PATH, firmware, a server of that name.
pg_make
pg_start
trap pg_end EXIT
sed "s,^export PGHOST=.*,export PGHOST=$pg_dir," "$work/all" >"$work/commands"
check "the server's name stands in one place" [ "$(diff "$work/all" "$work/commands" | grep -c '^>')" -eq 1 ]
mkdir "$work/bench"
cp build/firmware/demo.hex "$work/bench"
# createuser and createdb are run "on the server, as postgres".
cat >"$work/env" <<-END
PATH=$top/build:\$PATH
createuser() { command createuser -h '$pg_dir' -U postgres "\$@"; }
createdb() { command createdb -h '$pg_dir' -U postgres "\$@"; }
cd '$work/bench'
set -e
END
exits 0 "the commands" bash -c '. "$1"; . "$2"' bash "$work/env" "$work/commands"
check "the bench's file has its rows" grep -q '^1  *bench  *2 ' "$work/out"
check "the bench's log goes over" says "$work/out" "pushed 2 rows; the store had 0"
check "six units passed in three places" [ "$(grep -c '^PASS ' "$work/out")" -eq 6 ]
check "find tells all of them" [ "$(grep -c '^log [123] row [12]:' "$work/out")" -eq 6 ]
check "the report has the stations side by side" [ "$(grep -cE '^  (bench|station-[12]) .* 2( +0){3}$' "$work/out")" -eq 3 ]
check "and is a page" grep -q 'By station' "$work/bench/report.html"
check "the view" grep -qE 'station-2 +\| bench +\|' "$work/out"
finish
