/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of an attempt in their order. False: the attempt ends here, error and detail say why.
 */
#ifndef ATTEMPT_STEPS_H
#define ATTEMPT_STEPS_H

#include "h7gang/attempt/job.h"

bool step_enter(struct job *job);    /* enter.c: from its application into the bootloader */
bool step_identify(struct job *job); /* identify.c */
bool step_swap(struct job *job);     /* swap.c: SWAP_BANK as the profile sets it */
bool step_erase(struct job *job);    /* erase.c */
bool step_program(struct job *job);  /* program.c */
bool step_expect(struct job *job);   /* verify.c: the hashes that the read-back must have */
bool step_verify(struct job *job);   /* verify.c */
bool step_awake(struct job *job);    /* awake.c: the computer was not suspended meanwhile */
bool step_option_bytes(struct job *job, bool *written); /* option_bytes.c: all but RDP level 1 */
bool step_protect(struct job *job);                     /* option_bytes.c: RDP level 1 */
void step_start(struct job *job);                       /* start.c */
void step_boot(struct job *job);                        /* boot.c */

#endif
