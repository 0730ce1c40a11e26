#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real xHCI driver and real hub drivers enumerate twelve boards; h7gang, lsusb and dfu-util agree on them.
. "$(dirname "$0")/lib.sh"

wait_boards 12 60
"$h7gang" list >list.txt
cat list.txt
same "boards that h7gang lists" 12 "$(grep -cE '^1-[0-9.]+ +STM32H74x' list.txt)"
same "boards that dfu-util lists" 12 "$(dfu-util -l 2>/dev/null | grep -c 'Internal Flash')"
same "UIDs" 12 "$(grep -oE ' [0-9a-f]{24} ' list.txt | sort -u | wc -l)"
# The tree of hubs: one hub behind another, a board behind both.
grep -qE '^    1-1\.8 ' list.txt || fail "the hub behind the hub is not in the tree"
grep -qE '^      1-1\.8\.1 ' list.txt || fail "its board is not in the tree"
