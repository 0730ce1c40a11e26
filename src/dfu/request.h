/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the dfu room: single requests, and getting back to dfuIDLE after a failure. */
#ifndef H7GANG_DFU_REQUEST_H
#define H7GANG_DFU_REQUEST_H

#include "h7gang/dfu/session.h"

/* DFU_STOPPED or DFU_EXPIRED between two steps, else DFU_OK. Asked only where a step may be left
 * out without harm; the requests below heed the deadline alone, so that a stop does not cut a group
 * that has begun, or the recovery to dfuIDLE. */
enum dfu_result dfu_gate(const struct dfu_session *s);

/* Queues one DFU request in `slot`, waits for it. Both keep last_request and last_io of failures.
 * `data` and `actual` as in dfu_pipe_ops.wait. */
enum dfu_result dfu_submit(struct dfu_session *s, unsigned slot, uint8_t request, uint16_t value,
			   const uint8_t *out, uint16_t length);
enum dfu_result dfu_await(struct dfu_session *s, unsigned slot, uint8_t request,
			  uint64_t timeout_ms, const uint8_t **data, size_t *actual);

/* A dfu_may_go: behind a request that moved all its bytes. */
bool dfu_is_whole(const struct dfu_reply *reply);

/* Holds an IN request in `slot` behind the one in the slot `behind`, see dfu_pipe_ops.hold. */
enum dfu_result dfu_hold(struct dfu_session *s, unsigned slot, unsigned behind, uint8_t request,
			 uint16_t value, uint16_t length, dfu_may_go *may_go);

/* Lets the requests up to the one in `slot` land, so that they are collected at one go. A short
 * while only: it is dfu_await that keeps deadlines. */
void dfu_linger(struct dfu_session *s, unsigned slot);
/* The same for the first `count` requests of a chain. */
void dfu_linger_chain(struct dfu_session *s, unsigned count);
/* How many of `queued` requests or groups to let land together: three quarters, as the last one
 * keeps the wire busy; all where no `more` are to be queued. */
unsigned dfu_to_land(unsigned queued, bool more);

/* One request alone on an empty pipe; an OUT request must move `length` bytes. */
enum dfu_result dfu_send(struct dfu_session *s, uint8_t request, uint16_t value, const uint8_t *out,
			 uint16_t length);

/* One IN request that is not DFU's, called `name` in messages. */
enum dfu_result dfu_ask_standard(struct dfu_session *s, uint8_t name, const struct dfu_setup *setup,
				 const uint8_t **data, size_t *actual);

/* SET_INTERFACE without a look at the stop. */
enum dfu_result dfu_set_alt(struct dfu_session *s, unsigned alt);

/* GETSTATUS; s->last holds the answer. */
enum dfu_result dfu_ask_status(struct dfu_session *s, uint64_t timeout_ms);
enum dfu_result dfu_ask_state(struct dfu_session *s, uint64_t timeout_ms, uint8_t *state);

/* Cancels and reaps all; DFU_OK, DFU_GONE or DFU_LEAKED. */
enum dfu_result dfu_drain(struct dfu_session *s);

/* After `failure`: forgets the pointer, drains, asks for the reason and brings the target to
 * dfuIDLE if possible. Returns the failure, made more precise if the target told more. A target
 * that stays busy is left busy (`busy_ms`: how long to wait for it), and DFU_WEDGED is left alone:
 * dfu_unwedge or dfu_to_idle must follow. */
enum dfu_result dfu_recover(struct dfu_session *s, enum dfu_result failure, uint32_t busy_ms);

/* A chain: requests queued one behind the other, of which one is in flight. Each goes out when
 * `may_go` accepts the result of the one before it (the first one's is not called); if not, none
 * behind it goes either. They are taken in order; each has its own deadline, from when the one
 * before it ended. An unsent one is DFU_EXPIRED; dfu_drain gives up the rest. Nothing else may be
 * queued meanwhile. */
enum dfu_result dfu_chain(struct dfu_session *s, uint8_t request, uint16_t value,
			  const uint8_t *out, uint16_t length, dfu_may_go *may_go);
enum dfu_result dfu_take_sent(struct dfu_session *s, uint8_t request, uint16_t length);
enum dfu_result dfu_take_status(struct dfu_session *s, uint64_t timeout_ms);

/* One download group: DNLOAD, the GETSTATUS that starts the operation, and GETSTATUS until
 * dfuDNLOAD-IDLE. */
struct dfu_group {
	uint16_t value;
	const uint8_t *out;
	uint16_t length;
	uint32_t worst_ms;  /* of the operation */
	uint32_t grace_ms;  /* how much longer than that it may still say dfuDNBUSY */
	bool ask_once;      /* a question in dfuDNBUSY may start the operation again */
	unsigned questions; /* GETSTATUS queued with it (set by dfu_queue_group), */
	unsigned asked;     /* and that it took (set by dfu_finish_group) */
};

/* Queues a group with 1 or 2 questions. Behind another one it goes out only if that one is found to
 * be complete: its DNLOAD at full length, its last question answered with OK and dfuDNLOAD-IDLE. */
enum dfu_result dfu_queue_group(struct dfu_session *s, struct dfu_group *group, unsigned questions);

/* Waits for the oldest group queued. If it took other questions than those queued with it, the
 * groups behind it were not sent and are given up: s->queued is 0. Failed, nothing has been
 * recovered. */
enum dfu_result dfu_finish_group(struct dfu_session *s, struct dfu_group *group);

/* How many questions are worth queueing with a group. */
unsigned dfu_questions(const struct dfu_session *s, unsigned wanted);

/* One group alone. On failure the target is recovered as above. */
enum dfu_result dfu_run_group(struct dfu_session *s, struct dfu_group *group);

/* Marks `request` as the one that failed although the bus carried it. */
enum dfu_result dfu_failed(struct dfu_session *s, uint8_t request, enum dfu_result result);

/* Counts a whole block whose data transfer has just been waited for; the one before it, or nothing
 * but a pause, ended at `before`. */
void dfu_note_block(struct dfu_session *s, int64_t before);

/* Sleeps `ms`, but not past `until` nor the session's deadline. */
void dfu_pause(const struct dfu_session *s, uint64_t ms, int64_t until);

/* How long to sleep before the question number `asked` (from 1) to a busy target: 0, 1, 2, 4 .. 50.
 */
uint32_t dfu_backoff_ms(unsigned asked);

#endif
