/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "turn.h"

#include <string.h>

#include "h7gang/attempt/forecast.h"
#include "h7gang/base/clock.h"

static uint32_t sector_erase_ms(const struct job *job, unsigned sector)
{
	return stm32_sector_erase_cost_ms(
		job->rom, stm32_bank_of(job->part, sector * job->part->sector_bytes));
}

/* Boards that program come first: they leave most of the wire to others, and the one with the most
 * flash work left ends last. Then those that are surveyed, so that their flash work begins (see
 * usb_turn_take). Then those that are read back. */
#define RANK_WRITING (UINT64_C(2) << 32)
#define RANK_SURVEY (UINT64_C(1) << 32)

static bool is_survey(const struct job *job)
{
	return !job->verify_only && !job->surveyed;
}

static uint64_t rank_of(const struct job *job, enum usb_load load)
{
	uint64_t words = job->part->sector_bytes / job->part->flash_word, left = 0;

	if (job->verify_only)
		return 0;
	if (is_survey(job))
		return RANK_SURVEY + job->looked;
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		left += job->sector[s].erase ? sector_erase_ms(job, s) : 0;
		left += job->sector[s].program ? words / 10 : 0; /* 100 us a word, DS12110 */
	}
	return load == USB_WRITING ? RANK_WRITING + left : 0;
}

/* See usb_turn. */
static unsigned need(const struct job *job)
{
	double bytes = 0, erase_ms = 0;
	struct forecast_step step;

	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		bytes += job->sector[s].program ? job->part->sector_bytes : 0;
		erase_ms += job->sector[s].erase ? sector_erase_ms(job, s) : 0;
	}
	step = forecast_program(job->part, bytes);
	return bytes > 0 ? (unsigned)(1000 * step.wire / (step.alone + erase_ms)) : 0;
}

static bool shares(struct job *job)
{
	struct usb_sharers sharers = usb_seat_sharers(usb_device_seat(job->link.device));

	return sharers.wire > 1 || sharers.bus > USB_WIRES_A_BUS;
}

/* Time for the attempt, which the wait takes from it. */
static void extend(struct job *job, int64_t ns)
{
	job->link.deadline += ns;
	job->link.session.deadline = job->link.deadline;
	job->watch.waits(job->watch.user, ns);
}

/* How long the attempt may wait yet: each neighbour may need as long as an attempt may last. */
static int64_t patience(struct job *job)
{
	struct usb_sharers sharers = usb_seat_sharers(usb_device_seat(job->link.device));
	int64_t most = (int64_t)(sharers.bus - 1) * job->profile->unit_s * 1000 * CLOCK_MS;

	return most > job->wire_wait_ns ? most - job->wire_wait_ns : 0;
}

void turn_begin(struct job *job, enum usb_load load)
{
	struct link *link = &job->link;
	const struct usb_turn turn = {
		.load = load,
		.block = link->session.block,
		.rank = rank_of(job, load),
		.survey = is_survey(job),
		.need = load == USB_WRITING ? need(job) : 0,
	};
	int64_t most, waited;

	if (!link->device)
		return;
	most = patience(job);
	extend(job, most);
	waited = clock_now();
	usb_turn_take(usb_device_seat(link->device), &turn, link->deadline, link->stop,
		      link->stop_user);
	waited = clock_now() - waited;
	if (waited > most)
		waited = most;
	extend(job, waited - most);
	job->wire_wait_ns += waited;
	memset(&link->session.pace, 0, sizeof(link->session.pace));
}

/* The delay of the turn's blocks against a board alone on that wire. */
static int64_t slowed_ns(struct job *job, enum usb_load load)
{
	struct usb_seat *seat = usb_device_seat(job->link.device);
	const struct dfu_session *session = &job->link.session;
	const struct dfu_pace *pace = &session->pace;
	int64_t best;

	if (load == USB_WRITING)
		usb_wire_best(seat, USB_WRITING, session->block, pace->group_best);
	best = usb_wire_best(seat, load == USB_WRITING ? USB_SENDING : USB_READING, session->block,
			     pace->moved_best);
	if (best == 0 || !shares(job))
		return 0;
	return pace->moved - (int64_t)pace->blocks * best;
}

void turn_leave(struct job *job)
{
	if (job->link.device)
		usb_turn_give(usb_device_seat(job->link.device));
}

void turn_end(struct job *job, enum usb_load load)
{
	int64_t slowed;

	if (!job->link.device)
		return;
	if (!is_survey(job))
		turn_leave(job);
	slowed = slowed_ns(job, load);
	if (slowed > 0)
		job->wire_wait_ns += slowed;
	memset(&job->link.session.pace, 0, sizeof(job->link.session.pace));
}

bool turn_may_idle(struct job *job)
{
	struct usb_seat *seat = usb_device_seat(job->link.device);
	struct usb_sharers sharers = usb_seat_sharers(seat);
	struct forecast forecast;

	forecast_board(&forecast, job->profile, job->rom, true);
	return usb_wire_may_idle(seat, forecast_mass(&forecast, sharers.wire, 1),
				 forecast_mass(&forecast, sharers.bus, USB_WIRES_A_BUS));
}

struct turn_mark turn_mark(const struct job *job)
{
	return (struct turn_mark){.at = clock_now(), .waited = job->wire_wait_ns};
}

int64_t turn_worked_ms(const struct job *job, const struct turn_mark *since)
{
	int64_t ns = clock_now() - since->at - (job->wire_wait_ns - since->waited);

	return ns > 0 ? ns / CLOCK_MS : 0;
}
