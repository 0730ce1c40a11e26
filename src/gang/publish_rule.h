/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's `publish`: when rows that no publisher has sent hold back new units. No I/O. */
#ifndef GANG_PUBLISH_RULE_H
#define GANG_PUBLISH_RULE_H

#include "h7gang/audit/audit.h"
#include "h7gang/audit/published.h"

#define PUBLISH_REASON_SIZE 160

/* The findings of one look at the positions of a log. */
struct publish_look {
	int names; /* how many; or a negative errno: the folder cannot be read */
	struct publish_seen {
		char name[AUDIT_PUBLISHED_NAME_SIZE];
		int rc; /* of audit_published_read */
		struct audit_published at;
	} seen[AUDIT_PUBLISHED_NAMES_MAX];
};

enum publish_verdict {
	PUBLISH_GO,
	PUBLISH_LAGS,       /* a publisher is behind */
	PUBLISH_NEVER,      /* no publisher has sent a row of this log */
	PUBLISH_UNREADABLE, /* a position cannot be read */
	PUBLISH_OTHER_LOG   /* a position is not of this log */
};

/* Whether new units may start. Once `held`, they go on when half of `max_lag` is left, so that a
 * publisher at the limit does not stop the station for each row. `reason` gets why not. */
enum publish_verdict publish_rule(const struct publish_look *look, const struct audit_head *head,
				  unsigned max_lag, bool held, char reason[PUBLISH_REASON_SIZE]);

#endif
