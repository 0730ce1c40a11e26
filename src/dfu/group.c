/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Download groups. A decision that needs one answer alone is made where the answer comes in (the
 * dfu_may_go below), so that a group that goes well costs this thread one wake-up, or less; all
 * else is decided here. */
#include "request.h"

#include "h7gang/base/clock.h"

#define WAIT_OUT_MS 200u /* between two looks at the stop */

/* One operation from the GETSTATUS that starts it until dfuDNLOAD-IDLE. */
struct wait {
	uint64_t patience_ms; /* of a question that may carry the operation */
	int64_t most;         /* it is over by then, even if the target denies it */
	int64_t wedged;       /* dfuDNBUSY to a question sent after that: it never ends */
	int64_t due;          /* until then a question is early, says the target */
};

static bool is_good(const struct dfu_status *status)
{
	return status->status == DFU_STATUS_OK &&
	       (status->state == DFU_DNLOAD_IDLE || status->state == DFU_DNBUSY ||
		status->state == DFU_DNLOAD_SYNC);
}

/* --- conditions for sending a held transfer --- */

static bool good_answer(const struct dfu_reply *reply, struct dfu_status *status)
{
	if (reply->io != DFU_IO_OK || reply->actual != DFU_STATUS_BYTES)
		return false;
	dfu_parse_status(reply->data, status);
	return is_good(status);
}

/* The first question goes out behind a DNLOAD at full length (dfu_is_whole). The second one: the
 * target is well, but not done. */
static bool is_busy(const struct dfu_reply *reply)
{
	struct dfu_status status;

	return good_answer(reply, &status) && status.state != DFU_DNLOAD_IDLE;
}

/* The next DNLOAD: the group before it is complete. */
static bool is_done(const struct dfu_reply *reply)
{
	struct dfu_status status;

	return good_answer(reply, &status) && status.state == DFU_DNLOAD_IDLE;
}

/* --- waiting --- */

static bool asks_early(const struct dfu_session *s)
{
	return s->limits.poll == DFU_POLL_ADAPTIVE && !s->fell_back;
}

static bool is_refusal(enum dfu_result result)
{
	return result == DFU_STALLED || result == DFU_SHORT || result == DFU_LONG ||
	       result == DFU_BUS_ERROR;
}

/* The operation's own failure, whenever one asks for it. */
static bool blames_operation(const struct dfu_status *status)
{
	return (status->status >= DFU_ERR_TARGET && status->status <= DFU_ERR_ADDRESS) ||
	       status->status == DFU_ERR_VENDOR;
}

static int64_t after(int64_t since, uint64_t ms)
{
	return since + (int64_t)ms * CLOCK_MS;
}

static void pause_before(const struct dfu_session *s, const struct wait *wait, unsigned asked)
{
	uint32_t ms = dfu_backoff_ms(asked);

	if (!asks_early(s)) {
		if (s->last.poll_ms > 0)
			ms = s->last.poll_ms;
	} else if (s->last.poll_ms > 0 && ms > s->last.poll_ms) {
		ms = s->last.poll_ms;
	}
	dfu_pause(s, ms, wait->wedged);
}

/* Gives up the transfers behind the group before anything else is sent. */
static enum dfu_result ask_alone(struct dfu_session *s, uint64_t patience)
{
	enum dfu_result result = dfu_drain(s);

	return result == DFU_OK ? dfu_ask_status(s, patience) : result;
}

/* The question that is queued next. If the kernel had no memory to send it, nothing behind it went
 * out either: it is sent alone, once there is memory. */
static enum dfu_result take_question(struct dfu_session *s, struct dfu_group *group,
				     uint64_t patience)
{
	enum dfu_result result = dfu_take_status(s, patience);

	if (result != DFU_NO_MEMORY)
		return result;
	group->questions = 0;
	return ask_alone(s, patience);
}

/* One question to a busy target, the one queued or another one. A target that stalls an early
 * question is asked again at the time it announced, and never early again. */
static enum dfu_result ask_busy(struct dfu_session *s, struct dfu_group *group,
				const struct wait *wait)
{
	uint64_t patience = wait->patience_ms;
	enum dfu_result result;

	/* The second GETSTATUS may be the one that carries the operation; later ones are not given
	 * the whole of it again. */
	if (group->asked > 1) {
		int64_t now = clock_now();
		int64_t left = wait->most > now ? (wait->most - now) / CLOCK_MS : 0;

		patience = left > s->limits.transfer_ms ? (uint64_t)left : s->limits.transfer_ms;
	}
	if (group->asked < group->questions)
		result = take_question(s, group, patience);
	else
		result = ask_alone(s, patience);
	if (!asks_early(s) || s->submitted >= wait->due)
		return result;
	if (!is_refusal(result) &&
	    (result != DFU_OK || is_good(&s->last) || blames_operation(&s->last)))
		return result;
	s->fell_back = true;
	clock_sleep_until(clock_earlier(wait->due, s->deadline));
	return ask_alone(s, patience);
}

/* The operation is over by then, and only CLRSTATUS may follow. */
static enum dfu_result wait_out(struct dfu_session *s, const struct wait *wait)
{
	while (clock_now() < wait->wedged) {
		enum dfu_result result = dfu_gate(s);

		if (result != DFU_OK)
			return result;
		dfu_pause(s, WAIT_OUT_MS, wait->wedged);
	}
	return dfu_failed(s, DFU_GETSTATUS, DFU_WEDGED);
}

static enum dfu_result poll_until_idle(struct dfu_session *s, struct dfu_group *group)
{
	struct wait wait = {.patience_ms = (uint64_t)s->limits.transfer_ms + group->worst_ms};
	enum dfu_result result;

	wait.most = after(s->landed, wait.patience_ms);
	result = take_question(s, group, wait.patience_ms);
	if (group->questions == 0) /* it went out later */
		wait.most = after(s->landed, wait.patience_ms);
	/* The operation began no later than this answer. */
	wait.wedged = after(s->landed, (uint64_t)group->worst_ms + group->grace_ms);
	wait.wedged = clock_earlier(wait.wedged, wait.most);
	for (group->asked = 1; result == DFU_OK; group->asked++) {
		if (!is_good(&s->last))
			return dfu_failed(s, DFU_DNLOAD,
					  s->last.status == DFU_STATUS_OK &&
							  s->last.state != DFU_ERROR
						  ? DFU_BAD_STATE
						  : DFU_BAD_STATUS);
		if (s->last.state == DFU_DNLOAD_IDLE)
			return DFU_OK;
		if (group->asked > 1 && s->submitted >= wait.wedged)
			return dfu_failed(s, DFU_GETSTATUS, DFU_WEDGED);
		if (group->ask_once)
			return wait_out(s, &wait);
		wait.due = clock_earlier(after(s->landed, s->last.poll_ms), wait.wedged);
		if (group->asked >= group->questions) {
			pause_before(s, &wait, group->asked - 1);
			result = dfu_gate(s);
			if (result != DFU_OK)
				return result;
		}
		result = ask_busy(s, group, &wait);
	}
	return result;
}

/* --- groups --- */

unsigned dfu_questions(const struct dfu_session *s, unsigned wanted)
{
	return asks_early(s) && wanted > 1 ? 2 : 1;
}

enum dfu_result dfu_queue_group(struct dfu_session *s, struct dfu_group *group, unsigned questions)
{
	enum dfu_result result;

	group->questions = questions;
	result = dfu_chain(s, DFU_DNLOAD, group->value, group->out, group->length, is_done);
	if (result == DFU_OK)
		result = dfu_chain(s, DFU_GETSTATUS, 0, NULL, DFU_STATUS_BYTES, dfu_is_whole);
	if (result == DFU_OK && questions > 1)
		result = dfu_chain(s, DFU_GETSTATUS, 0, NULL, DFU_STATUS_BYTES, is_busy);
	return result;
}

enum dfu_result dfu_finish_group(struct dfu_session *s, struct dfu_group *group)
{
	int64_t before = s->landed, sent;
	enum dfu_result result = dfu_take_sent(s, DFU_DNLOAD, group->length);

	if (result == DFU_NO_MEMORY) { /* nothing of it went out */
		result = dfu_drain(s);
		if (result == DFU_OK)
			result = dfu_queue_group(s, group, 1);
		if (result == DFU_OK)
			result = dfu_take_sent(s, DFU_DNLOAD, group->length);
	}
	sent = s->submitted;
	if (result == DFU_OK && group->length == s->block)
		dfu_note_block(s, before);
	if (result == DFU_OK)
		result = poll_until_idle(s, group);
	if (result == DFU_OK && group->length == s->block && sent &&
	    (s->pace.group_best == 0 || s->landed - sent < s->pace.group_best))
		s->pace.group_best = s->landed - sent;
	if (result == DFU_OK && group->asked != group->questions)
		result = dfu_drain(s);
	return result;
}

enum dfu_result dfu_run_group(struct dfu_session *s, struct dfu_group *group)
{
	enum dfu_result result = dfu_gate(s);

	if (result == DFU_OK)
		result = dfu_queue_group(s, group, group->ask_once ? 1 : dfu_questions(s, 2));
	if (result == DFU_OK) {
		dfu_linger_chain(s, s->queued);
		result = dfu_finish_group(s, group);
	}
	if (result != DFU_OK)
		result = dfu_recover(s, result, group->worst_ms);
	return result;
}
