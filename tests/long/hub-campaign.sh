#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# make hub-campaign with 1,000 boards, by a seed of its own.
cd "$(dirname "$0")/../.." || exit 1
seed=${SEED:-$(od -An -N 3 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"
UNITS=1000 SEED=$seed HUB_CAMPAIGN_WORK=$PWD/build/hub-campaign-long exec tests/hub-campaign/hub-campaign
