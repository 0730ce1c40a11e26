/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps that may hang a board: mass erase, bank 2, starting the application. */
#include <stdio.h>
#include <string.h>

#include "measure.h"

enum {
	MARK_BYTES = 32,
	EARLY_PART = 3, /* bank 2 answers so much sooner than bank 1: the erase still runs */
	LEAVE_MS = 3000,
	RETURN_MS = 10000
};

/* --- mass erase --- */

struct marks {
	bool marked[STM32_SECTORS_MAX]; /* holds something before the mass erase */
	unsigned count[STM32_BANKS_MAX], left[STM32_BANKS_MAX];
};

static bool reads_blank(struct measure *m, unsigned sector, bool *blank)
{
	uint8_t bytes[MARK_BYTES];
	const char *answer;

	if (!read_at(m, stm32_address(m->part, sector * m->part->sector_bytes), bytes,
		     sizeof(bytes), &answer))
		return false;
	*blank = stm32_is_blank(bytes, sizeof(bytes));
	return true;
}

static unsigned bank_of(const struct measure *m, unsigned sector)
{
	return stm32_bank_of(m->part, sector * m->part->sector_bytes);
}

/* A word in the first bytes of each sector that begins blank. */
static bool mark_all(struct measure *m, struct marks *marks)
{
	const unsigned sectors = stm32_part_sectors(m->part);
	uint8_t pattern[MARK_BYTES];
	struct writing seen;
	bool blank;

	memset(marks, 0, sizeof(*marks));
	for (unsigned s = 0; s < sectors; s++) {
		const uint32_t address = stm32_address(m->part, s * m->part->sector_bytes);

		if (!sector_usable(m, s))
			continue;
		if (!reads_blank(m, s, &blank)) {
			if (m->dead)
				return false;
			continue;
		}
		if (blank) {
			fill_pattern(pattern, sizeof(pattern), address);
			if (!point_to_write(m, address) ||
			    !write_block(m, 2, pattern, sizeof(pattern), &seen) ||
			    !back_to_idle(m) || !reads_blank(m, s, &blank))
				blank = true;
			if (m->dead)
				return false;
		}
		marks->marked[s] = !blank;
		marks->count[bank_of(m, s)] += !blank;
	}
	return back_to_idle(m);
}

/* A mark that cannot be read is not known to be gone. */
static bool count_left(struct measure *m, struct marks *marks)
{

	for (unsigned s = 0; s < stm32_part_sectors(m->part); s++) {
		bool blank = false;

		if (!marks->marked[s])
			continue;
		if (!reads_blank(m, s, &blank) && m->dead)
			return false;
		marks->left[bank_of(m, s)] += !blank;
	}
	return true;
}

struct mass {
	int64_t first_ns, second_ns;
	uint32_t poll_ms;
	bool stalled, refused, wedged;
	uint8_t status;
};

/* False: no answer that makes sense. */
static bool send_mass(struct measure *m, struct mass *seen)
{
	static const uint8_t command[1] = {0x41};
	const uint32_t most = STM32_MASS_WORST_MS + MEASURE_TRANSFER_MS;
	struct dfu_status status;
	struct reply reply;

	*seen = (struct mass){0};
	if (!may_write(m))
		return false;
	ask_out(m, DFU_DNLOAD, 0, command, sizeof(command), &reply);
	seen->stalled = reply.io == DFU_IO_STALL;
	if (reply.io != DFU_IO_OK)
		return seen->stalled;
	if (!ask_status(m, most, &status, &reply))
		return false;
	seen->first_ns = reply.ns - m->small_ns;
	seen->poll_ms = status.poll_ms;
	if (status.status == DFU_STATUS_OK && status.state != DFU_DNLOAD_IDLE) {
		if (m->early_stalls)
			clock_sleep_until(clock_after_ms((status.poll_ms < STM32_MASS_WORST_MS
								  ? status.poll_ms
								  : STM32_MASS_WORST_MS) +
							 1));
		if (!ask_status(m, most, &status, &reply))
			return false;
		seen->second_ns = reply.ns - m->small_ns;
	}
	seen->wedged = status.state == DFU_DNBUSY;
	seen->refused = status.status != DFU_STATUS_OK;
	seen->status = status.status;
	return true;
}

static const char *judge_mass(const struct marks *marks, bool early)
{
	const unsigned left = marks->left[0] + marks->left[1];
	const unsigned all = marks->count[0] + marks->count[1];

	if (left == 0)
		return early ? "early" : "works";
	if (left == all)
		return "nothing";
	if (marks->left[0] == 0 && marks->left[1] == marks->count[1])
		return "bank1_only";
	return "partial";
}

static void put_mass(struct measure *m, const struct mass *seen, const struct marks *marks)
{
	const int64_t took = seen->first_ns + seen->second_ns;
	/* No erase takes less than half the time of a sector's. */
	const bool early = m->sector_ns > 0 && took < m->sector_ns / 2;
	const char *word = judge_mass(marks, early);

	put_word(m, "mass_erase", word);
	put_number(m, "poll_mass_ms", seen->poll_ms);
	if (strcmp(word, "nothing") == 0 || early)
		return;
	put_ms(m, "mass_ms", took);
	put_bool(m, "mass_in_second", seen->second_ns > seen->first_ns);
}

bool characterize_mass(struct measure *m)
{
	struct marks marks;
	struct mass seen;

	for (unsigned s = 0; s < stm32_part_sectors(m->part); s++) {
		if (!stm32_sector_open(m->part, &m->evidence, s)) {
			snprintf(m->why, sizeof(m->why),
				 "skipped: the board protects sectors that a mass erase would "
				 "erase");
			return false;
		}
	}
	if (!mark_all(m, &marks))
		return false;
	if (marks.count[0] + marks.count[1] == 0) {
		snprintf(m->why, sizeof(m->why), "no sector could be marked");
		return false;
	}
	if (!send_mass(m, &seen)) {
		snprintf(m->why, sizeof(m->why), "a mass erase was not answered");
		clock_sleep_until(clock_after_ms(STM32_MASS_WORST_MS));
		back_to_idle(m);
		return false;
	}
	if (seen.stalled)
		put_word(m, "mass_erase", "stalls");
	else if (!seen.refused)
		clock_sleep_until(clock_after_ms(STM32_MASS_WORST_MS));
	detail(m, "mass_erase",
	       json_pack("{s:o, s:o, s:i, s:s, s:b}", "first_getstatus_ms", ms_of(seen.first_ns),
			 "second_getstatus_ms", ms_of(seen.second_ns), "poll_ms", (int)seen.poll_ms,
			 "status", dfu_status_name(seen.status), "stays_busy", seen.wedged));
	if (seen.wedged)
		unwedge(m);
	if (!back_to_idle(m))
		return false;
	if (seen.stalled || seen.refused)
		return true;
	if (!count_left(m, &marks))
		return false;
	put_mass(m, &seen, &marks);
	return back_to_idle(m);
}

/* --- bank 2 --- */

static const char *judge_bank2(const struct measure *m, const struct erasing *seen)
{
	if (seen->wedged)
		return "wedges";
	if (m->sector_ns > 0 && seen->first_ns + seen->second_ns < m->sector_ns / EARLY_PART)
		return "early";
	return "normal";
}

bool characterize_bank2(struct measure *m)
{
	const char *first = json_string_value(json_object_get(m->measured, "sector_erase"));
	uint8_t pattern[MARK_BYTES], read[MARK_BYTES];
	const char *answer, *word;
	struct erasing seen;
	struct writing writing;
	json_t *list;
	uint32_t sector;

	if (m->part->banks == 1)
		return true;
	if (!test_sector(m, 1, &sector))
		return false;
	if (read_at(m, sector, read, sizeof(read), &answer) && stm32_is_blank(read, sizeof(read))) {
		fill_pattern(pattern, sizeof(pattern), sector);
		if (point_to_write(m, sector))
			write_block(m, 2, pattern, sizeof(pattern), &writing);
	}
	if (!back_to_idle(m) || !erase_at(m, sector, &seen))
		return false;
	if (seen.refused) {
		snprintf(m->why, sizeof(m->why), "it refuses to erase in bank 2: %s",
			 dfu_status_name(seen.status));
		return false;
	}
	word = judge_bank2(m, &seen);
	list = json_array();
	json_array_append_new(list, json_string(first ? first : "normal"));
	json_array_append_new(list, json_string(word));
	put_value(m, "sector_erase", list);
	if (strcmp(word, "normal") != 0)
		put_ms(m, "early_status_ms", seen.first_ns);
	if (seen.wedged)
		put_bool(m, "wedge_repeats", seen.repeats);
	detail(m, "erase_bank2",
	       json_pack("{s:o, s:o, s:i, s:b, s:b}", "first_getstatus_ms", ms_of(seen.first_ns),
			 "second_getstatus_ms", ms_of(seen.second_ns), "poll_ms", (int)seen.poll_ms,
			 "stays_busy", seen.wedged, "erased",
			 read_at(m, sector, read, sizeof(read), &answer) &&
				 stm32_is_blank(read, sizeof(read))));
	return back_to_idle(m);
}

/* --- start of the application --- */

/* Until it is gone, or the time is over. */
static bool wait_gone(struct measure *m, int64_t deadline)
{
	while (usb_bus_present(m->bus, &m->link.seen)) {
		if (clock_now() >= deadline)
			return false;
		clock_sleep_until(clock_after_ms(20));
	}
	return true;
}

static void wait_return(struct measure *m, int64_t since)
{
	const struct usb_seen before = m->link.seen;
	const bool back = link_wait_return(m->bus, &before, clock_after_ms(RETURN_MS), NULL, NULL);
	const int64_t arrived = atomic_load(&m->arrived);

	m->destroying = false; /* one without a UID is taken for the one that left */
	if (back && reopen(m))
		back_to_idle(m);
	if (m->stopped)
		return;
	put_bool(m, "boot0_high", back);
	if (back && arrived > since)
		put_ms(m, "return_ms", arrived - since);
	m->left = !back;
}

bool characterize_leave(struct measure *m)
{
	struct dfu_status status = {0};
	struct reply reply, answer;
	int64_t since;

	if (!may_write(m) || !set_pointer(m, m->part->bank[0].base))
		return back_to_idle(m);
	ask_out(m, DFU_DNLOAD, 2, NULL, 0, &reply);
	if (reply.io == DFU_IO_STALL) {
		put_word(m, "leave", "refuses");
		return back_to_idle(m);
	}
	ask_status(m, MEASURE_TRANSFER_MS, &status, &answer);
	since = answer.landed;
	detail(m, "leave",
	       json_pack("{s:s, s:s, s:s}", "dnload", reply_word(&reply), "getstatus",
			 reply_word(&answer), "state",
			 status.known ? dfu_state_name(status.state) : "unknown"));
	if (!wait_gone(m, clock_after_ms(LEAVE_MS))) {
		put_word(m, "leave", "stays");
		detail(m, "after_leave",
		       json_string(back_to_idle(m) ? "usable" : "its power must be switched off"));
		m->left = true;
		return true;
	}
	put_word(m, "leave", "works");
	if (!link_close(&m->link)) {
		snprintf(m->why, sizeof(m->why), "a transfer never came back");
		return false;
	}
	wait_return(m, since);
	return !m->stopped;
}
