#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# tests/e2e/store-feed.sh with four times as many boards and rows.
cd "$(dirname "$0")/../.." || exit 1
PART=1 exec tests/e2e/store-feed.sh
