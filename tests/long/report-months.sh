#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# The report's promises: 200 clean months at each of three failure rates have at most 15 false headlines, also where
# failures come in trays; planted effects are found; 10^6 rows take at most twice audit verify's time.
# MONTH_BOARDS=200000 tries clean months of the full size (some 10 minutes).
boards=${MONTH_BOARDS:-20000}
. "$(dirname "$0")/../lib.sh"
false_of() { sed -n 's/.*false=//p' <<<"$1"; }
for rate in 0.002 0.01 0.05; do
	line=$(build/tests/simulate clean 200 "$rate" "$boards" 2>/dev/null)
	echo "# $line"
	check "rate $rate: at most 15 of 200 clean months have a false headline" [ "$(false_of "$line")" -le 15 ]
	line=$(build/tests/simulate planted 20 "$rate" 2>/dev/null)
	echo "# $line"
	check "rate $rate: planted effects are found in at least 18 of 20 months, a slot in 12" awk -F '[= ]' \
		'{ if ($7 < 12 || $9 < 18 || $11 < 18 || $13 < 18) exit 1 }' <<<"$line"
done
line=$(build/tests/simulate clean 200 0.01 "$boards" 0.02 2>/dev/null)
echo "# $line"
check "bad trays: at most 15 of 200" [ "$(false_of "$line")" -le 15 ]
line=$(build/tests/simulate clean 200 0.01 5000 2>/dev/null)
echo "# $line"
check "small months: at most 15 of 200" [ "$(false_of "$line")" -le 15 ]

mkdir "$work/big"
build/tests/month_log "$work/big" 1000000 clean 3 || exit 1
used() { /usr/bin/python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)' "$@"; }
verify=$(used "$h7gang" audit verify --each "$work/big"/*.csv)
report=$(used "$h7gang" audit report "$work/big"/*.csv)
echo "# verify $verify s, report $report s"
check "10^6 rows in at most twice audit verify's time (a tenth for noise)" awk "BEGIN { exit !($report <= 2.2 * $verify) }"
rm -r "$work/big"
finish
