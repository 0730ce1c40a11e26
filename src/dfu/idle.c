/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recovery to dfuIDLE (DFU 1.1 A.1, AN3156). */
#include "request.h"

#include "h7gang/base/clock.h"

/* Tries of each remedy before the next one; after a new alternate setting they count again. A
 * wedged V9.0 needs two CLRSTATUS (ST 244731); a third is a reserve. */
#define ABORTS_MOST 2u
#define CLEARS_MOST 3u
#define SILENCES_MOST 2u /* limit for a target that lets requests time out */

enum remedy { REMEDY_ABORT, REMEDY_WAIT, REMEDY_CLEAR, REMEDY_ALT, REMEDY_NONE };

struct way {
	uint32_t busy_ms;
	bool thorough;    /* dfu_to_idle, not the quick way after a failed request */
	bool no_getstate; /* GETSTATE was refused or made no sense: GETSTATUS tells instead */
	bool busy_seen;   /* busy_until is set */
	int64_t busy_until;
	unsigned waits, aborts, clears, alts, silences;
	bool left_running;      /* a state that an earlier download left behind was seen */
	struct dfu_status told; /* the first answer, or the first that is an error */
};

static bool is_final(enum dfu_result result)
{
	return result == DFU_GONE || result == DFU_LEAKED || result == DFU_EXPIRED ||
	       result == DFU_STOPPED || result == DFU_NO_MEMORY;
}

static bool is_busy(uint8_t state)
{
	return state == DFU_DNBUSY || state == DFU_MANIFEST;
}

/* The target's own text for an error. It is fetched at once: CLRSTATUS may clear it. */
static void ask_reason(struct dfu_session *s, const struct dfu_status *status)
{
	if (status->status != DFU_STATUS_OK && status->string)
		dfu_string(s, status->string, s->reason, sizeof(s->reason));
}

static enum dfu_result way_status(struct dfu_session *s, struct way *way)
{
	enum dfu_result result = dfu_ask_status(s, (uint64_t)s->limits.transfer_ms + way->busy_ms);

	if (result == DFU_OK && (!way->told.known || (way->told.status == DFU_STATUS_OK &&
						      s->last.status != DFU_STATUS_OK))) {
		way->told = s->last;
		ask_reason(s, &way->told);
	}
	return result;
}

/* GETSTATE starts nothing, so it comes first; it may have to wait for an erase of an earlier host,
 * but for that only once. */
static enum dfu_result way_state(struct dfu_session *s, struct way *way, uint8_t *state)
{
	enum dfu_result result;

	if (!way->no_getstate) {
		uint64_t patience = way->thorough && way->silences == 0 ? way->busy_ms : 0;

		result = dfu_ask_state(s, s->limits.transfer_ms + patience, state);
		if (result == DFU_OK || result == DFU_TIMED_OUT || is_final(result))
			return result;
		way->no_getstate = true;
	}
	result = way_status(s, way);
	if (result == DFU_OK)
		*state = s->last.state;
	return result;
}

static enum remedy busy_remedy(struct way *way, uint8_t state)
{
	if (!way->busy_seen) {
		way->busy_seen = true;
		way->busy_until = clock_after_ms(way->busy_ms);
	}
	if (way->waits == 0 || clock_now() < way->busy_until)
		return REMEDY_WAIT;
	/* Only a caller that knows which operation ran may cut it off. */
	if (!way->thorough)
		return REMEDY_NONE;
	return state == DFU_MANIFEST ? REMEDY_ABORT : REMEDY_CLEAR;
}

/* The next remedy for a target found in `state`; `answered` is false if it would not tell. */
static enum remedy choose(struct way *way, bool answered, uint8_t state)
{
	enum remedy remedy = REMEDY_ABORT;

	if (answered && is_busy(state))
		remedy = busy_remedy(way, state);
	else if (answered && state == DFU_ERROR)
		remedy = REMEDY_CLEAR; /* the only request but the questions that is not stalled */

	if (remedy == REMEDY_ABORT && way->aborts++ >= ABORTS_MOST)
		remedy = REMEDY_CLEAR;
	if (remedy == REMEDY_CLEAR && way->clears++ >= CLEARS_MOST)
		remedy = REMEDY_ALT;
	if (remedy == REMEDY_ALT && (!way->thorough || way->alts++ >= 1))
		remedy = REMEDY_NONE;
	return remedy;
}

static enum dfu_result apply(struct dfu_session *s, struct way *way, enum remedy remedy)
{
	switch (remedy) {
	case REMEDY_ABORT:
		return dfu_send(s, DFU_ABORT, 0, NULL, 0);
	case REMEDY_CLEAR:
		return dfu_send(s, DFU_CLRSTATUS, 0, NULL, 0);
	case REMEDY_WAIT:
		dfu_pause(s, dfu_backoff_ms(way->waits++), way->busy_until);
		return way_status(s, way);
	case REMEDY_ALT:
		way->aborts = 0;
		way->clears = 0;
		return dfu_set_alt(s, s->alt);
	case REMEDY_NONE:
		break;
	}
	return DFU_STUCK;
}

/* One look and one remedy. DFU_OK: dfuIDLE. DFU_BAD_STATE: not there yet. */
static enum dfu_result one_step(struct dfu_session *s, struct way *way)
{
	uint8_t state = 0;
	enum remedy remedy;
	enum dfu_result result = way_state(s, way, &state);
	bool answered = result == DFU_OK;

	if (is_final(result))
		return result;
	if (answered && state == DFU_IDLE) {
		result = way_status(s, way);
		if (is_final(result))
			return result;
		if (result == DFU_OK && s->last.state == DFU_IDLE &&
		    s->last.status == DFU_STATUS_OK)
			return DFU_OK;
	} else if (answered && state == DFU_ERROR && !way->no_getstate) {
		enum dfu_result why = way_status(s, way);

		if (is_final(why))
			return why;
	}
	if (answered && (state == DFU_DNLOAD_SYNC || state == DFU_DNLOAD_IDLE || is_busy(state)))
		way->left_running = true;

	if (result == DFU_TIMED_OUT) {
		if (!way->thorough || ++way->silences >= SILENCES_MOST)
			return DFU_STUCK;
		remedy = way->alts++ == 0 ? REMEDY_ALT : REMEDY_CLEAR;
	} else {
		remedy = choose(way, answered, state);
	}
	if (remedy == REMEDY_NONE)
		return DFU_STUCK;
	if (answered && state > DFU_ERROR)
		way->no_getstate = true;

	result = apply(s, way, remedy);
	if (is_final(result))
		return result;
	if (result == DFU_TIMED_OUT && ++way->silences >= SILENCES_MOST)
		return DFU_STUCK;
	return DFU_BAD_STATE;
}

enum dfu_result dfu_to_idle(struct dfu_session *s, uint32_t busy_ms, bool *was_busy)
{
	struct way way = {.busy_ms = busy_ms, .thorough = true};
	enum dfu_result result = dfu_drain(s);

	s->pointer_known = false;
	s->reason[0] = '\0';
	if (was_busy)
		*was_busy = false;
	if (result != DFU_OK)
		return result;
	do {
		result = dfu_gate(s);
		if (result == DFU_OK)
			result = one_step(s, &way);
	} while (result == DFU_BAD_STATE);
	if (was_busy)
		*was_busy = way.left_running;
	if (result != DFU_OK && way.told.known)
		s->last = way.told;
	return result;
}

enum dfu_result dfu_recover(struct dfu_session *s, enum dfu_result failure, uint32_t busy_ms)
{
	struct way way = {.busy_ms = busy_ms};
	uint8_t request = s->last_request;
	enum dfu_io io = s->last_io;
	enum dfu_result result = dfu_drain(s);

	s->pointer_known = false;
	if (result != DFU_OK)
		return result;
	if (is_final(failure) || failure == DFU_WEDGED)
		return failure;
	s->reason[0] = '\0';
	if (failure == DFU_BAD_STATUS || failure == DFU_BAD_STATE) {
		way.told = s->last;
		ask_reason(s, &way.told);
	}
	do
		result = one_step(s, &way);
	while (result == DFU_BAD_STATE);
	if (result == DFU_GONE || result == DFU_LEAKED)
		return result;

	s->last_request = request;
	s->last_io = io;
	if (way.told.known)
		s->last = way.told;
	if (failure == DFU_STALLED && way.told.known && way.told.status != DFU_STATUS_OK)
		return DFU_BAD_STATUS;
	return failure;
}

enum dfu_result dfu_unwedge(struct dfu_session *s)
{
	enum dfu_result result = dfu_gate(s);

	s->pointer_known = false;
	/* The first CLRSTATUS gives dfuERROR/errUNKNOWN, the second dfuIDLE. */
	for (unsigned clears = 0; result == DFU_OK && clears < 2; clears++) {
		result = dfu_send(s, DFU_CLRSTATUS, 0, NULL, 0);
		if (result == DFU_OK)
			result = dfu_ask_status(s, s->limits.transfer_ms);
		if (result == DFU_OK && s->last.state == DFU_IDLE)
			return DFU_OK;
	}
	if (result == DFU_OK)
		return dfu_failed(s, DFU_CLRSTATUS,
				  s->last.state == DFU_DNBUSY ? DFU_WEDGED : DFU_BAD_STATE);
	return result;
}
