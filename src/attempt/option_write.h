/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes are read twice, written whole and read back. */
#ifndef ATTEMPT_OPTION_WRITE_H
#define ATTEMPT_OPTION_WRITE_H

#include "h7gang/attempt/job.h"

/* Reads the block until it reads the same twice; `before` is an earlier reading. `alt` is the
 * alternate setting to write it to. False: job_fail was called. */
bool option_write_read(struct job *job, struct stm32_option_block before,
		       struct stm32_option_block *block, unsigned *alt);

/* Writes the whole block, on record. False: job_fail was called. */
bool option_write(struct job *job, const struct stm32_option_block *block, unsigned alt);

/* Reads the block again after a write, from the same board. False: job_fail was called. */
bool option_write_read_back(struct job *job, struct stm32_option_block *block);

/* The ROM may reset the part when option bytes change: waits for it and opens it again. */
enum dfu_result option_write_come_back(struct job *job, int64_t deadline);

#endif
