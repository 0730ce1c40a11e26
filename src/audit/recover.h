/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finishes the last writer's work. Each step may be cut short by a kill and done again. */
#ifndef AUDIT_RECOVER_H
#define AUDIT_RECOVER_H

#include "log.h"

/* Moves the text behind `keep` in the log to FILE.torn and cuts the log there. 0 or -errno. */
int recover_torn_line(struct audit_log *log, off_t keep);

/* Turns `marks` (those without a row; used up) into ABORTED rows on disk, keeps the invalid lines
 * of FILE.begun in FILE.torn, and removes FILE.begun. 0 or -errno. */
int recover_marks(struct audit_log *log, struct marks *marks);

#endif
