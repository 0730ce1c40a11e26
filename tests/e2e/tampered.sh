#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A character changed anywhere in a log is found; so is a row that is gone, doubled or moved.
# limit: 600
. "$(dirname "$0")/../lib.sh"

log=$work/log.csv
exits 0 "three rows" "$sim" --targets 3 --speed 50 -- \
	"$h7gang" run --profile "$(profile tampered)" --audit "$log" --count 3 --tag "note=a, \"b\""
log_state 0 "the log" "$log" "intact: 3 rows"

# Every STEPth byte, one bit of it; tests/long/tampered.sh takes each.
missed=$(python3 - "$h7gang" "$log" "$work/changed.csv" "${STEP:-23}" <<'END'
import subprocess, sys
h7gang, log, changed, step = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
good = open(log, "rb").read()
for at in range(0, len(good), step):
    with open(changed, "wb") as file:
        file.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    status = subprocess.run([h7gang, "audit", "verify", changed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    if status == 0:
        print("byte", at)
print("tried", len(range(0, len(good), step)))
END
)
check "every changed character is found (${missed##*tried } tried)" grep -qx "tried [1-9][0-9][0-9]*" <<<"$missed"

sed 3d "$log" >"$work/gone.csv"
log_state 1 "a row gone" "$work/gone.csv" "NOT INTACT"
sed 3p "$log" >"$work/doubled.csv"
log_state 1 "a row doubled" "$work/doubled.csv" "NOT INTACT"
(sed -n 1p "$log"; sed -n 3p "$log"; sed -n 2p "$log"; sed -n 4p "$log") >"$work/moved.csv"
log_state 1 "rows in another order" "$work/moved.csv" "NOT INTACT"
exits 4 "run goes not on with a damaged log" "$sim" --targets 1 -- \
	"$h7gang" run --profile "$work/tampered.yaml" --audit "$work/gone.csv"
finish
