/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at the positions of publishers. In a thread of its own: a file system may hang. */
#ifndef GANG_PUBLISH_LAG_H
#define GANG_PUBLISH_LAG_H

#include "gang.h"
#include "publish_rule.h"

struct publish_lag;

/* Wakes the supervisor when a position changed. NULL: no memory or no thread. */
struct publish_lag *publish_lag_start(struct gang *gang);

/* The log is this one from now on; NULL: not known yet. */
void publish_lag_log(struct publish_lag *lag, const char *log);

/* The findings of the last look. False: this log was not looked at yet, for `*since_ms`. */
bool publish_lag_take(struct publish_lag *lag, struct publish_look *look, int64_t *since_ms);

/* Bounded: a thread that hangs in a file system is left alone. NULL is allowed. */
void publish_lag_end(struct publish_lag *lag);

#endif
