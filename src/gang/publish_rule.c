/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publish_rule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum publish_verdict unreadable(const char *name, int rc, char reason[PUBLISH_REASON_SIZE])
{
	const char *what = rc == -EBADMSG ? "not a position" : strerrordesc_np(-rc);

	snprintf(reason, PUBLISH_REASON_SIZE,
		 "the position of publisher %s cannot be read (%.40s): h7gang publish --after sets "
		 "it",
		 name, what ? what : "unknown error");
	return PUBLISH_UNREADABLE;
}

static enum publish_verdict other_log(const char *name, char reason[PUBLISH_REASON_SIZE])
{
	snprintf(reason, PUBLISH_REASON_SIZE,
		 "the position of publisher %s is not of this log: h7gang publish --after sets it",
		 name);
	return PUBLISH_OTHER_LOG;
}

static enum publish_verdict one(const struct publish_seen *seen, const struct audit_head *head,
				unsigned limit, char reason[PUBLISH_REASON_SIZE])
{
	uint64_t lag = head->seq;

	if (seen->rc != 0 && seen->rc != -ENOENT)
		return unreadable(seen->name, seen->rc, reason);
	if (seen->rc == 0) {
		if (seen->at.seq > head->seq ||
		    (seen->at.seq == head->seq && strcmp(seen->at.row_hash, head->row_hash) != 0))
			return other_log(seen->name, reason);
		lag = head->seq - seen->at.seq;
	}
	if (lag <= limit)
		return PUBLISH_GO;
	if (seen->rc == 0) {
		snprintf(reason, PUBLISH_REASON_SIZE,
			 "%" PRIu64 " rows wait for publisher %s: look at h7gang-publish, its "
			 "broker or server",
			 lag, seen->name);
		return PUBLISH_LAGS;
	}
	snprintf(reason, PUBLISH_REASON_SIZE,
		 "%" PRIu64 " rows wait, and publisher %s has sent none: start h7gang publish", lag,
		 seen->name);
	return PUBLISH_NEVER;
}

enum publish_verdict publish_rule(const struct publish_look *look, const struct audit_head *head,
				  unsigned max_lag, bool held, char reason[PUBLISH_REASON_SIZE])
{
	unsigned limit = held ? max_lag / 2 : max_lag;
	enum publish_verdict verdict = PUBLISH_GO;

	reason[0] = 0;
	if (look->names < 0 && look->names != -ENOENT) {
		snprintf(reason, PUBLISH_REASON_SIZE,
			 "the folder of the publishers' positions cannot be read: %s",
			 strerrordesc_np(-look->names));
		return PUBLISH_UNREADABLE;
	}
	if (look->names <= 0 && head->seq > limit) {
		snprintf(reason, PUBLISH_REASON_SIZE,
			 "%" PRIu64 " rows wait, and no publisher has run for this log: start "
			 "h7gang publish",
			 head->seq);
		return PUBLISH_NEVER;
	}
	for (int i = 0; i < look->names && verdict == PUBLISH_GO; i++)
		verdict = one(&look->seen[i], head, limit, reason);
	return verdict;
}
