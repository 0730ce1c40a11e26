/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How it answers requests that a host should not send, in states where nothing can be changed; and
 * whether a bus reset changes its state. */
#include <stdio.h>
#include <string.h>

#include "measure.h"

enum {
	BAD_ADDRESS = 0x1F000000, /* reserved on every STM32H7 (RM0433 table 7) */
	SHORT_READ = 64,
	STATUS_STRING_AT = 5
};

/* {answer, state}: the reply, and the state behind it. */
static json_t *answer_and_state(struct measure *m, const struct reply *reply, int *state)
{
	*state = ask_state(m);
	return json_pack("{s:s, s:o}", "answer", reply_word(reply), "state",
			 *state < 0 ? json_string("unknown")
				    : json_string(dfu_state_name((uint8_t)*state)));
}

static bool measure_small(struct measure *m)
{
	int64_t ns[MEASURE_SAMPLES];
	unsigned count = 0;
	struct reply reply;

	for (unsigned i = 0; i < MEASURE_SAMPLES; i++) {
		ask_in(m, DFU_GETSTATE, 0, 1, &reply);
		if (reply.io == DFU_IO_OK)
			ns[count++] = reply.ns;
	}
	if (count == 0) {
		snprintf(m->why, sizeof(m->why), "GETSTATE is not answered");
		return false;
	}
	m->small_ns = median(ns, count);
	put_ms(m, "wire_small_ms", m->small_ns);
	detail(m, "wire_small_ms",
	       json_pack("{s:i, s:o, s:o}", "samples", count, "least", ms_of(ns[0]), "most",
			 ms_of(ns[count - 1])));
	return true;
}

static void ask_in_idle(struct measure *m, json_t *answers)
{
	struct dfu_status status;
	struct reply reply;
	int state;

	if (ask_status(m, MEASURE_TRANSFER_MS, &status, &reply))
		put_number(m, "poll_idle_ms", status.poll_ms);
	ask_out(m, DFU_ABORT, 0, NULL, 0, &reply);
	json_object_set_new(answers, "abort_in_idle", answer_and_state(m, &reply, &state));
	ask_out(m, DFU_CLRSTATUS, 0, NULL, 0, &reply);
	json_object_set_new(answers, "clrstatus_in_idle", answer_and_state(m, &reply, &state));
	if (reply.io == DFU_IO_STALL)
		put_word(m, "clrstatus", "stalls");
	else if (reply.io == DFU_IO_OK && state == DFU_ERROR)
		put_word(m, "clrstatus", "errs");
	else if (reply.io == DFU_IO_OK && state == DFU_IDLE)
		put_word(m, "clrstatus", "idles");
	if (state != DFU_ERROR)
		return;
	ask_out(m, DFU_ABORT, 0, NULL, 0, &reply);
	json_object_set_new(answers, "abort_in_error", answer_and_state(m, &reply, &state));
	m->class_manners = reply.io == DFU_IO_OK && state == DFU_ERROR;
}

/* A set-pointer to flash, which changes nothing: how its two GETSTATUS go. */
static void point(struct measure *m, bool look_between, json_t *answers)
{
	struct dfu_status first, second;
	struct reply reply;
	int64_t landed;
	int between = -1;

	ask_command(m, 0x21, m->part->bank[0].base, &reply);
	if (reply.io != DFU_IO_OK || !ask_status(m, MEASURE_TRANSFER_MS, &first, &reply))
		return;
	landed = reply.landed;
	if (look_between) {
		between = ask_state(m);
		if (between >= 0)
			json_object_set_new(answers, "between_two_getstatus",
					    json_string(dfu_state_name((uint8_t)between)));
		m->class_manners = m->class_manners && between == DFU_DNLOAD_SYNC;
	}
	if (first.state != DFU_DNBUSY)
		return;
	put_number(m, "poll_pointer_ms", first.poll_ms);
	if (!ask_status(m, MEASURE_TRANSFER_MS, &second, &reply)) {
		m->early_stalls = m->early_stalls || reply.io == DFU_IO_STALL;
		clock_sleep_until(landed + (int64_t)(first.poll_ms + 1) * CLOCK_MS);
	}
	if (!look_between && first.poll_ms > 0 && reply.io != DFU_IO_TIMEOUT)
		put_bool(m, "early_poll_stall", reply.io == DFU_IO_STALL);
}

static void ask_in_download(struct measure *m, json_t *answers)
{
	struct reply reply;
	int before, state;

	if (!set_pointer(m, m->part->bank[0].base))
		return;
	before = ask_state(m);
	ask_in(m, DFU_UPLOAD, 2, SHORT_READ, &reply);
	json_object_set_new(answers, "upload_in_download_idle",
			    answer_and_state(m, &reply, &state));
	if (reply.io == DFU_IO_STALL && before == DFU_DNLOAD_IDLE && state >= 0)
		put_bool(m, "unexpected_errs", state == DFU_ERROR);
}

static void read_status_string(struct measure *m, const struct reply *reply)
{
	char text[64];

	if (reply->data[STATUS_STRING_AT] == 0) {
		put_word(m, "status_string", "");
		return;
	}
	if (get_string(m, reply->data[STATUS_STRING_AT], text, sizeof(text)) == DFU_OK)
		put_word(m, "status_string", text);
}

/* A set-pointer to nowhere: whether it is checked, with which status, and when that shows. */
static void point_nowhere(struct measure *m, json_t *answers)
{
	struct dfu_status status;
	struct reply reply;
	bool at_first;
	int state;

	ask_command(m, 0x21, BAD_ADDRESS, &reply);
	if (reply.io != DFU_IO_OK || !ask_status(m, MEASURE_TRANSFER_MS, &status, &reply))
		return;
	at_first = status.status != DFU_STATUS_OK;
	if (!at_first) {
		if (m->early_stalls)
			clock_sleep_until(clock_after_ms(status.poll_ms + 1));
		if (!ask_status(m, MEASURE_TRANSFER_MS, &status, &reply))
			return;
	}
	json_object_set_new(answers, "bad_pointer", json_string(dfu_status_name(status.status)));
	if (status.status == DFU_STATUS_OK)
		return;
	put_bool(m, "errors_at_first", at_first);
	read_status_string(m, &reply);
	ask_out(m, DFU_ABORT, 0, NULL, 0, &reply);
	json_object_set_new(answers, "abort_in_error", answer_and_state(m, &reply, &state));
}

static void list_commands(struct measure *m, json_t *answers)
{
	char text[3 * 16 + 1] = "";
	struct reply reply;
	json_t *answer;
	int state;

	ask_in(m, DFU_UPLOAD, 0, SHORT_READ, &reply);
	for (size_t i = 0; reply.io == DFU_IO_OK && i < reply.length && i < 16; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%02x", i ? " " : "",
			 reply.data[i]);
	answer = answer_and_state(m, &reply, &state);
	json_object_set_new(answer, "commands", json_string(text));
	json_object_set_new(answers, "upload_0", answer);
}

bool characterize_manners(struct measure *m)
{
	json_t *answers = json_object();

	detail(m, "answers", answers);
	if (!measure_small(m))
		return false;
	ask_in_idle(m, answers);
	if (!back_to_idle(m))
		return false;
	point(m, true, answers);
	if (!back_to_idle(m))
		return false;
	point(m, false, answers);
	if (!back_to_idle(m))
		return false;
	ask_in_download(m, answers);
	if (!back_to_idle(m))
		return false;
	point_nowhere(m, answers);
	if (!back_to_idle(m))
		return false;
	list_commands(m, answers);
	put_word(m, "personality",
		 m->evidence.resident ? "resident"
		 : m->class_manners   ? "st-dfu-class"
				      : "rom");
	return back_to_idle(m);
}

bool characterize_reset(struct measure *m)
{
	struct dfu_pipe *pipe;
	const struct usb_seen before = m->link.seen;
	enum dfu_io io;
	bool good;
	int state;

	if (!set_pointer(m, m->part->bank[0].base) || ask_state(m) != DFU_DNLOAD_IDLE)
		return back_to_idle(m);
	pipe = m->link.session.pipe;
	io = pipe->ops->reset(pipe);
	if (io != DFU_IO_OK && !link_close(&m->link)) {
		snprintf(m->why, sizeof(m->why), "a transfer never came back");
		return false;
	}
	if (io == DFU_IO_GONE)
		link_wait_return(m->bus, &before, clock_after_ms(LINK_RETURN_MS), NULL, NULL);
	if (!m->link.device && !reopen(m)) {
		snprintf(m->why, sizeof(m->why), "it did not come back after a bus reset");
		m->dead = true;
		return false;
	}
	state = ask_state(m);
	/* The handle is stale, even if libusb reports none. */
	if (!link_close(&m->link) || !reopen(m)) {
		snprintf(m->why, sizeof(m->why), "it cannot be opened after a bus reset");
		m->dead = true;
		return false;
	}
	good = back_to_idle(m);
	if (m->stopped) /* another board answered */
		return false;
	if (state == DFU_DNLOAD_IDLE || state == DFU_IDLE)
		put_bool(m, "reset_keeps_state", state == DFU_DNLOAD_IDLE);
	detail(m, "reset",
	       json_pack("{s:s, s:s}", "answer", io == DFU_IO_OK ? "stayed" : "came back", "state",
			 state < 0 ? "unknown" : dfu_state_name((uint8_t)state)));
	return good;
}
