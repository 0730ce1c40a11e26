/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer's lock: fcntl, the whole file, for as long as the log is open. It is an open file
 * description lock, which excludes and is seen by plain F_SETLK and F_GETLK, but is not lost when
 * another descriptor of the same file is closed in this process (a report read while a run goes
 * on). */
#ifndef AUDIT_LOCK_H
#define AUDIT_LOCK_H

#include <stdbool.h>

/* 0; -EAGAIN: another process writes; or another negative errno. */
int lock_take(int fd);

/* Whether another process holds it. False, too, where the file system has no locks. */
bool lock_held(int fd);

#endif
