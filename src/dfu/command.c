/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Download groups and the DfuSe commands made of them (AN3156, AN2662). */
#include "request.h"

#include "h7gang/base/clock.h"

#define COMMAND_SET_POINTER 0x21
#define COMMAND_ERASE 0x41
#define COMMAND_UNPROTECT 0x92
#define COMMAND_BLOCK 0 /* wValue of a command */
#define LEAVE_BLOCK 2	/* wValue of the empty DNLOAD: neither a command nor the reserved 1 */

/* One operation from the GETSTATUS that starts it until dfuDNLOAD-IDLE. */
struct wait {
	uint64_t patience_ms; /* of a question that may carry the operation */
	int64_t most;	      /* whatever the target says, it is over by then */
	int64_t wedged;	      /* dfuDNBUSY to a question sent after that: it never ends */
	int64_t due;	      /* until then a question is early, says the target */
};

static bool is_good(const struct dfu_status *status)
{
	return status->status == DFU_STATUS_OK &&
	       (status->state == DFU_DNLOAD_IDLE || status->state == DFU_DNBUSY ||
		status->state == DFU_DNLOAD_SYNC);
}

static bool is_refusal(enum dfu_result result)
{
	return result == DFU_STALLED || result == DFU_SHORT || result == DFU_LONG ||
	       result == DFU_BUS_ERROR;
}

static void note_due(const struct dfu_session *s, struct wait *wait)
{
	wait->due = clock_earlier(clock_after_ms(s->last.poll_ms), wait->wedged);
}

static void pause_before(const struct dfu_session *s, const struct wait *wait, unsigned asked)
{
	uint32_t ms = dfu_backoff_ms(asked);

	if (s->limits.poll == DFU_POLL_SPEC || s->fell_back) {
		if (s->last.poll_ms > 0)
			ms = s->last.poll_ms;
	} else if (s->last.poll_ms > 0 && ms > s->last.poll_ms) {
		ms = s->last.poll_ms;
	}
	dfu_pause(s, ms, wait->wedged);
}

/* One question to a busy target. A target that cannot stand being asked early is asked again when
 * it said it would be ready, and never early again. */
static enum dfu_result ask_busy(struct dfu_session *s, struct wait *wait, unsigned asked)
{
	int64_t now = clock_now();
	bool early = s->limits.poll == DFU_POLL_ADAPTIVE && !s->fell_back && now < wait->due;
	uint64_t patience = wait->patience_ms;
	enum dfu_result result;

	/* The second GETSTATUS may be the one that carries the operation; later ones are not given
	 * the whole of it again. */
	if (asked > 0) {
		int64_t left = wait->most > now ? (wait->most - now) / CLOCK_MS : 0;

		patience = left > s->limits.transfer_ms ? (uint64_t)left : s->limits.transfer_ms;
	}
	result = dfu_ask_status(s, patience);
	if (!early || !(is_refusal(result) || (result == DFU_OK && !is_good(&s->last))))
		return result;
	s->fell_back = true;
	clock_sleep_until(clock_earlier(wait->due, s->deadline));
	return dfu_ask_status(s, patience);
}

static enum dfu_result poll_until_idle(struct dfu_session *s, const struct dfu_group *group)
{
	struct wait wait = {.patience_ms = (uint64_t)s->limits.transfer_ms + group->worst_ms};
	int64_t sent = 0;
	enum dfu_result result;

	wait.most = clock_after_ms((int64_t)wait.patience_ms);
	result = dfu_ask_status(s, wait.patience_ms);
	/* The operation began no later than this answer. */
	wait.wedged = clock_after_ms((int64_t)group->worst_ms + group->grace_ms);
	wait.wedged = clock_earlier(wait.wedged, wait.most);
	for (unsigned asked = 0; result == DFU_OK; asked++) {
		if (!is_good(&s->last))
			return dfu_failed(s, DFU_DNLOAD,
					  s->last.status == DFU_STATUS_OK &&
							  s->last.state != DFU_ERROR
						  ? DFU_BAD_STATE
						  : DFU_BAD_STATUS);
		if (s->last.state == DFU_DNLOAD_IDLE)
			return DFU_OK;
		if (asked > 0 && sent >= wait.wedged)
			return dfu_failed(s, DFU_GETSTATUS, DFU_WEDGED);
		note_due(s, &wait);
		pause_before(s, &wait, asked);
		result = dfu_gate(s);
		if (result != DFU_OK)
			return result;
		sent = clock_now();
		result = ask_busy(s, &wait, asked);
	}
	return result;
}

enum dfu_result dfu_run_group(struct dfu_session *s, const struct dfu_group *group)
{
	enum dfu_result result = dfu_gate(s);

	if (result == DFU_OK)
		result = dfu_send(s, DFU_DNLOAD, group->value, group->out, group->length);
	if (result == DFU_OK)
		result = poll_until_idle(s, group);
	if (result != DFU_OK)
		result = dfu_recover(s, result, group->worst_ms);
	return result;
}

static void put_address(uint8_t *command, uint32_t address)
{
	command[1] = (uint8_t)address;
	command[2] = (uint8_t)(address >> 8);
	command[3] = (uint8_t)(address >> 16);
	command[4] = (uint8_t)(address >> 24);
}

enum dfu_result dfu_set_pointer(struct dfu_session *s, uint32_t address)
{
	uint8_t command[5] = {COMMAND_SET_POINTER};
	const struct dfu_group group = {
		.value = COMMAND_BLOCK,
		.out = command,
		.length = sizeof(command),
		.grace_ms = s->limits.transfer_ms,
	};
	enum dfu_result result;

	put_address(command, address);
	s->pointer_known = false;
	result = dfu_run_group(s, &group);
	if (result == DFU_OK) {
		s->pointer = address;
		s->pointer_known = true;
	}
	return result;
}

enum dfu_result dfu_erase_sector(struct dfu_session *s, uint32_t address)
{
	uint8_t command[5] = {COMMAND_ERASE};
	const struct dfu_group group = {
		.value = COMMAND_BLOCK,
		.out = command,
		.length = sizeof(command),
		.worst_ms = s->limits.sector_ms,
	};

	put_address(command, address);
	s->pointer_known = false;
	return dfu_run_group(s, &group);
}

enum dfu_result dfu_mass_erase(struct dfu_session *s)
{
	const uint8_t command[1] = {COMMAND_ERASE};
	const struct dfu_group group = {
		.value = COMMAND_BLOCK,
		.out = command,
		.length = sizeof(command),
		.worst_ms = s->limits.mass_ms,
	};

	s->pointer_known = false;
	return dfu_run_group(s, &group);
}

enum dfu_result dfu_read_unprotect(struct dfu_session *s)
{
	const uint8_t command[1] = {COMMAND_UNPROTECT};
	enum dfu_result result;

	s->pointer_known = false;
	result = dfu_gate(s);
	if (result == DFU_OK)
		result = dfu_send(s, DFU_DNLOAD, COMMAND_BLOCK, command, sizeof(command));
	if (result != DFU_OK)
		return dfu_recover(s, result, 0);
	result = dfu_ask_status(s, (uint64_t)s->limits.transfer_ms + s->limits.mass_ms);
	/* It took the request; a part on its way out need not answer any more. */
	if (result == DFU_TIMED_OUT || result == DFU_BUS_ERROR)
		return DFU_OK;
	if (result == DFU_OK && (s->last.status != DFU_STATUS_OK || s->last.state == DFU_ERROR))
		result = dfu_recover(s, dfu_failed(s, DFU_DNLOAD, DFU_BAD_STATUS), 0);
	return result;
}

enum dfu_result dfu_leave(struct dfu_session *s, uint32_t address)
{
	enum dfu_result result = dfu_set_pointer(s, address);

	if (result != DFU_OK)
		return result;
	s->pointer_known = false;
	result = dfu_send(s, DFU_DNLOAD, LEAVE_BLOCK, NULL, 0);
	if (result != DFU_OK)
		return dfu_recover(s, result, 0);
	result = dfu_ask_status(s, s->limits.transfer_ms);
	/* It took the request; a part on its way out need not answer any more. */
	if (result == DFU_TIMED_OUT || result == DFU_BUS_ERROR)
		return DFU_OK;
	if (result != DFU_OK)
		return dfu_recover(s, result, 0);
	if (s->last.status != DFU_STATUS_OK || s->last.state == DFU_ERROR)
		result = dfu_failed(s, DFU_DNLOAD, DFU_BAD_STATUS);
	else if (s->last.state != DFU_MANIFEST_SYNC && s->last.state != DFU_MANIFEST &&
		 s->last.state != DFU_MANIFEST_WAIT_RESET)
		result = dfu_failed(s, DFU_DNLOAD, DFU_BAD_STATE);
	return result == DFU_OK ? DFU_OK : dfu_recover(s, result, 0);
}
