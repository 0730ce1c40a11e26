/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/version.h"

const char h7gang_version[] = H7GANG_VERSION;
const int64_t h7gang_built_ms = H7GANG_BUILT * INT64_C(1000);
