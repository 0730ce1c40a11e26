/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that a publisher has not sent hold back new boards, until it has. */
#include <stdio.h>
#include <string.h>

#include "desk_private.h"
#include "h7gang/base/clock.h"
#include "publish_lag.h"

#define HANGS_MS 3000 /* a look that takes longer */

bool desk_publish_open(struct desk *desk)
{
	if (desk->gang->options->profile->publish.max_lag == 0)
		return true;
	desk->publish_lag = publish_lag_start(desk->gang);
	return desk->publish_lag;
}

void desk_publish_close(struct desk *desk)
{
	publish_lag_end(desk->publish_lag);
}

void desk_publish_moved(struct desk *desk)
{
	if (desk->publish_lag)
		publish_lag_log(desk->publish_lag, desk->gang->log_path);
}

static void hold(struct desk *desk, enum publish_verdict verdict, const char *reason)
{
	char text[PUBLISH_REASON_SIZE + 40];
	bool stops = desk->publish == PUBLISH_GO;

	if (verdict == desk->publish)
		return; /* the number in the reason would change with each row */
	desk->publish = verdict;
	snprintf(desk->held, sizeof(desk->held), "%s", reason);
	if (!stops)
		return; /* for another reason now: the state tells it */
	desk->held_at = clock_now();
	snprintf(text, sizeof(text), "station STOPPED: %s", desk->held);
	desk_note(desk, NULL, text);
}

static void release(struct desk *desk)
{
	desk->publish = PUBLISH_GO;
	desk->held[0] = 0;
	desk_note(desk, NULL, "station goes on: the rows were published");
}

void desk_publish_look(struct desk *desk)
{
	char reason[PUBLISH_REASON_SIZE];
	struct publish_look look;
	struct audit_head head;
	enum publish_verdict verdict;
	int64_t since_ms;

	if (!desk->publish_lag || !desk->gang->log)
		return;
	desk->unlooked = !publish_lag_take(desk->publish_lag, &look, &since_ms);
	if (desk->unlooked) {
		if (since_ms >= HANGS_MS)
			hold(desk, PUBLISH_UNREADABLE,
			     "the folder of the publishers' positions does not answer");
		return;
	}
	audit_head(desk->gang->log, &head);
	verdict = publish_rule(&look, &head, desk->gang->options->profile->publish.max_lag,
			       desk->publish != PUBLISH_GO, reason);
	if (verdict != PUBLISH_GO)
		hold(desk, verdict, reason);
	else if (desk->publish != PUBLISH_GO)
		release(desk);
}

bool desk_publish_waits(const struct desk *desk)
{
	return (desk->unlooked || desk->publish != PUBLISH_GO) &&
	       clock_elapsed_ms(desk->publish != PUBLISH_GO ? desk->held_at : clock_now()) <
		       (int64_t)desk->gang->options->wait_s * 1000;
}
