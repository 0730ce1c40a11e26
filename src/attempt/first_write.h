/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first write after a read. On an H723 two users saw, over USART, that it leaves its first 32
 * bytes at 0xFF although it is acknowledged (ST community 622483, 795174); whether other series or
 * DFU do the same is not known. A write to RAM takes the loss where it costs nothing. */
#ifndef ATTEMPT_FIRST_WRITE_H
#define ATTEMPT_FIRST_WRITE_H

#include "h7gang/attempt/job.h"

/* Call between the last read and the first write to flash. A bootloader that refuses to write RAM
 * is asked once in an attempt. False: the attempt ends. */
bool first_write_to_ram(struct job *job);

#endif
