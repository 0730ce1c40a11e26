#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/e2e/twin.sh with all of its boards.
cd "$(dirname "$0")/../.." || exit 1
EVERY=1 exec tests/e2e/twin.sh
