/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vtime_private.h"

/* A lock of its own, since the ones of libc may be watched by a sanitizer. 2: a thread waits. */
static _Atomic uint32_t lock_word;

long vtime_futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
	return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

void vtime_lock(void)
{
	uint32_t free_word = 0;

	if (atomic_compare_exchange_strong(&lock_word, &free_word, 1))
		return;
	while (atomic_exchange(&lock_word, 2))
		vtime_futex(&lock_word, FUTEX_WAIT, 2);
}

void vtime_unlock(void)
{
	if (atomic_exchange(&lock_word, 0) == 2)
		vtime_futex(&lock_word, FUTEX_WAKE, 1);
}
