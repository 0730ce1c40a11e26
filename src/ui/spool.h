/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output that waits until the panel is closed, in a file without a name. */
#ifndef H7GANG_SRC_UI_SPOOL_H
#define H7GANG_SRC_UI_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

/* Returns a descriptor, -1: none could be opened. */
int spool_open(void);
/* `err`: the text is for standard error. */
bool spool_add(int spool, bool err, const char *text, size_t length);
/* Hands out all pieces in order. */
bool spool_replay(int spool, void (*piece)(void *user, bool err, const char *text), void *user);

#endif
