/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meaning of a DFU result for an attempt: the name of its error, and whether asking again makes
 * sense. */
#ifndef ATTEMPT_RESULT_H
#define ATTEMPT_RESULT_H

#include <stdbool.h>

#include "h7gang/base/errors.h"
#include "h7gang/dfu/session.h"

enum h7_error result_error(enum dfu_result result);

/* Whether a retry of the same request within the attempt makes sense. */
bool result_is_transient(enum dfu_result result);

/* Whether nothing more can be asked of the target: it left, time is up, or the run ends. */
bool result_is_final(enum dfu_result result);

/* Whether a USB reset may bring the target back. */
bool result_reset_may_help(enum dfu_result result);

#endif
