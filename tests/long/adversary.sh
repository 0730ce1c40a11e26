#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 420
# Four minutes of make adversary, by a seed of its own.
cd "$(dirname "$0")/../.." || exit 1
seed=${SEED:-$(od -An -N 3 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"
ACTS=100000 SEED=$seed SECONDS_MAX=240 ADVERSARY_WORK=$PWD/build/adversary-long exec tests/adversary/adversary
