#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Twelve boards behind three hubs are programmed at once. One has a flash that programs a wrong bit: it
# fails and leaves a trace, the others pass. dfu-util then reads the flash that h7gang wrote.
. "$(dirname "$0")/lib.sh"

wait_boards 12 60
status=0
hub_profile bench.yaml 'attempts: 1' 'erase: touched'
mkdir -p "$out/traces"
"$h7gang" run --profile bench.yaml --count 12 --all-slots --trace "$out/traces" || status=$?
same "status of the run" 1 "$status"
"$h7gang" audit verify log.csv
same "rows" 12 "$(column log.csv result | wc -l)"
same "boards that passed" 11 "$(column log.csv result | grep -cx PASS)"
same "the board with the bad flash" "FAIL verify_mismatch" "$(row log.csv C4 result) $(row log.csv C4 error)"
same "UIDs" 12 "$(column log.csv uid | sort -u | wc -l)"
for port in 1-1.1 1-2.4 1-1.8.3; do
	read_back "$port" 0x08000000 8192 "$port-1.bin"
	read_back "$port" 0x08100000 8192 "$port-2.bin"
	for bank in 1 2; do
		cmp -n 8192 <(whole $bank) "$port-$bank.bin"
	done
done
