#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/e2e/identity.sh over every part, dirty and blank, with all of flash erased and compared.
# limit: 1800
cd "$(dirname "$0")/../.." || exit 1
# shellcheck disable=SC2046 # one word a part
ERASE=auto VERIFY=full exec tests/e2e/identity.sh $(build/h7gang help parts | grep -o '^ *stm32h7[0-9a-z]*')
