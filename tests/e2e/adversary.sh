#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# Two episodes of make adversary: one leaves the station's files alone, one does not.
cd "$(dirname "$0")/../.." || exit 1
ACTS=80 SEED=${SEED:-1} FIRST=${FIRST:-17} ADVERSARY_WORK=$PWD/build/e2e/adversary exec tests/adversary/adversary
