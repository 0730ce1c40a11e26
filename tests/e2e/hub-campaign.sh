#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 240
# Two batches of make hub-campaign: one touches only the firmware's sectors, one erases and reads all.
cd "$(dirname "$0")/../.." || exit 1
UNITS=24 SEED=${SEED:-1} FIRST=${FIRST:-9} HUB_CAMPAIGN_WORK=$PWD/build/e2e/hub-campaign exec tests/hub-campaign/hub-campaign
