/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends rows one after the other and keeps the position, which moves only once the receiver has
 * taken a row. After a restart, the rows behind the position are sent again. */
#ifndef PUBLISH_PUBLISHER_H
#define PUBLISH_PUBLISHER_H

#include <stdatomic.h>

#include "h7gang/audit/published.h"
#include "h7gang/base/errors.h"
#include "publish.h"

struct publisher {
	const struct publish_options *options;
	const char *position; /* the file */
	struct audit_published at;
	_Atomic int64_t progress_at; /* when a row was taken last */
	atomic_ullong sent;          /* rows */
};

/* Until the end is asked for, or with --once until everything is sent. */
enum h7_exit publisher_run(struct publisher *publisher);

/* The position of --after. */
enum h7_exit publisher_set(const struct publish_options *options, const char *position);

#endif
