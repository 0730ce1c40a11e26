/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For a process that is about to have a secret in memory. */
#ifndef H7GANG_BASE_SECRETS_H
#define H7GANG_BASE_SECRETS_H

/* From now on neither a core dump nor a debugger of the same user can read this process's memory.
 * Cannot be undone. 0 or a negative errno. */
int secrets_keep_in(void);

#endif
