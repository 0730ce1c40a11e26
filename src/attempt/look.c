/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include <string.h>

#include "result.h"
#include "recovery.h"
#include "turn.h"

struct gaze {
	const struct unit_image *wanted; /* NULL: not compared */
	bool blank, same;
	uint32_t at;
	uint8_t found;
};

static bool is_wanted(const struct unit_image *image, uint32_t address, const uint8_t *data,
		      size_t length)
{
	uint8_t room[DFU_PIPE_MAX_LENGTH];
	uint32_t offset;

	return length <= sizeof(room) && stm32_offset(image->flash->part, address, &offset) &&
	       length <= image->flash->length - offset &&
	       memcmp(data, unit_image_bytes(image, offset, (uint32_t)length, room), length) == 0;
}

static bool gaze_block(void *user, uint32_t address, const uint8_t *data, size_t length)
{
	struct gaze *gaze = user;

	if (gaze->blank && !stm32_is_blank(data, length)) {
		size_t i = 0;

		while (data[i] == 0xff)
			i++;
		gaze->blank = false;
		gaze->at = address + (uint32_t)i;
		gaze->found = data[i];
	}
	gaze->same = gaze->same && is_wanted(gaze->wanted, address, data, length);
	return gaze->blank || gaze->same;
}

/* Reads the first block alone: most dirty sectors show in it, and then no window of transfers is
 * wasted. A sector behind a blank one is most likely blank, too. */
static enum dfu_result read_sector(struct job *job, uint32_t address, size_t length,
				   struct gaze *gaze)
{
	struct dfu_session *session = &job->link.session;
	size_t first = session->block < length ? session->block : length;
	enum dfu_result result = DFU_OK;

	if (job->found_blank && first < length)
		first = 0;
	else
		result = dfu_read(session, address, first, gaze_block, gaze);
	if (result != DFU_OK || (!gaze->blank && !gaze->same) || first == length)
		return result;
	turn_begin(job, USB_READING);
	result = dfu_read(session, address + (uint32_t)first, length - first, gaze_block, gaze);
	turn_end(job, USB_READING);
	return result;
}

static bool look(struct job *job, uint32_t address, size_t length, const struct unit_image *wanted,
		 struct look *seen)
{
	*seen = (struct look){0};
	/* A broken word answers with a status, and again when asked again; a disturbed transfer
	 * does not. */
	for (int i = 0; i < 2; i++) {
		struct gaze gaze = {.wanted = wanted, .blank = true, .same = wanted};
		enum dfu_result result = read_sector(job, address, length, &gaze);

		if (result == DFU_OK) {
			seen->state = gaze.same ? LOOK_SAME : gaze.blank ? LOOK_BLANK : LOOK_DIRTY;
			seen->at = gaze.at;
			seen->found = gaze.found;
			return true;
		}
		if (result != DFU_BAD_STATUS && !result_is_transient(result))
			return job_fail_dfu(job, result, "reading");
		dfu_describe(&job->link.session, result, seen->why, sizeof(seen->why));
		if (!recovery_recover(job, result, "reading"))
			return false;
		/* Asking a part that hangs on the read a second time costs a time-out more. */
		if (result == DFU_BAD_STATUS || result == DFU_TIMED_OUT)
			break;
	}
	seen->state = LOOK_BROKEN;
	return true;
}

bool look_at(struct job *job, unsigned sector, bool same_too, struct look *seen)
{
	uint32_t offset = sector * job->part->sector_bytes;

	bool good;

	job->looked = sector;
	good = look(job, stm32_address(job->part, offset), job->part->sector_bytes,
		    same_too ? job->memory->image : NULL, seen);
	job->found_blank = good && (seen->state == LOOK_BLANK || seen->state == LOOK_SAME);
	return good;
}

bool look_blank(struct job *job, uint32_t address, size_t length, struct look *seen)
{
	return look(job, address, length, NULL, seen);
}
