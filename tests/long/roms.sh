#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# tests/e2e/roms.sh over every part, each kind of erase at either pace of polling.
cd "$(dirname "$0")/../.." || exit 1
ALL=1 exec tests/e2e/roms.sh
