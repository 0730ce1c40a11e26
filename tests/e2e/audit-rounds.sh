#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# A few rounds of make crash: the program killed at random moments over a gang of boards.
# limit: 600
cd "$(dirname "$0")/../.." || exit 1
ROUNDS=3 BOARDS=8 SEED=${SEED:-1} exec tests/crash
