#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 2400
# LibreOffice opens 20,000 rows of a workbook, and every cell is the log's; 1,060,000 rows are split over sheets, in
# memory that does not grow with them.
. "$(dirname "$0")/../lib.sh"
mkdir "$work/small" "$work/big"
build/tests/month_log "$work/small" 20000 clean 3 1 20 || exit 1
"$h7gang" audit export --json "$work/small/S01.csv" >"$work/small.json"
exits 0 "20,000 rows" "$h7gang" audit export --xlsx "$work/small.xlsx" "$work/small/S01.csv"
if command -v soffice >/dev/null; then
	# Every sheet as CSV, as shown, quotes for texts.
	timeout 600 soffice --headless "-env:UserInstallation=file://$work/profile" --convert-to \
		'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1' --outdir "$work/office" \
		"$work/small.xlsx" >/dev/null 2>&1
	check "LibreOffice reads every cell as the log has it" /usr/bin/python3 tests/report/read_back.py \
		"$work/office/small-rows 1.csv" "$work/small.json"
	check "and the sheet that names the source" grep -q "$(tail -c 65 "$work/small/S01.csv" | head -c 64)" \
		"$work/office/small-source.csv"
else
	echo "ok $((checks += 1)) - LibreOffice # SKIP it is not installed"
fi
build/tests/month_log "$work/big" 1050000 clean 3 1 8 || exit 1
/usr/bin/time -f %M -o "$work/memory" "$h7gang" audit export --xlsx "$work/big.xlsx" "$work/big/S01.csv"
check "a million rows are exported in 100 MB" [ "$(cat "$work/memory")" -lt 100000 ]
check "and equal the log, over two sheets" /usr/bin/python3 tests/report/read_back.py "$work/big.xlsx" \
	<("$h7gang" audit export --json "$work/big/S01.csv")
rm -rf "$work/big" "$work/big.xlsx"
finish
