/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/attempt/same_board.h"

#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "result.h"

#define LOOKS 3 /* at a board that has to be reset while it is asked */

static bool differs(const char *a, const char *b)
{
	return a[0] && b[0] && strcmp(a, b) != 0;
}

static void strings(struct link *link, char *layout, char *serial, size_t size)
{
	const struct dfu_descriptors *descriptors = &link->session.pipe->descriptors;

	layout[0] = serial[0] = '\0';
	for (unsigned i = 0; i < descriptors->alt_count; i++) {
		if (descriptors->alt[i].setting == link->alt)
			dfu_string(&link->session, descriptors->alt[i].name_string, layout, size);
	}
	if (descriptors->serial_string)
		dfu_string(&link->session, descriptors->serial_string, serial, size);
}

/* The board as it is now, against the one that was identified. */
static enum dfu_result compare(struct link *link, const struct stm32_part *part, char uid[25],
			       enum likeness *likeness)
{
	const struct link_identity *known = &link->identity;
	char layout[sizeof(known->layout)], serial[sizeof(known->serial)];
	enum dfu_result result = probe_uid(link, part, uid);

	*likeness = LIKENESS_UNPROVED;
	if (result != DFU_OK)
		return result;
	/* One disturbed transfer is not another board. */
	if (differs(uid, known->uid))
		result = probe_uid(link, part, uid);
	if (result != DFU_OK)
		return result;
	strings(link, layout, serial, sizeof(serial));
	if (differs(uid, known->uid))
		*likeness = LIKENESS_OTHER;
	else if (uid[0] && known->uid[0])
		*likeness = LIKENESS_SAME;
	else if (differs(layout, known->layout) || differs(serial, known->serial))
		*likeness = LIKENESS_OTHER;
	return DFU_OK;
}

bool same_board_exchanged(struct job *job, const char *uid)
{
	struct link *link = &job->link;

	link_close(link);
	/* The newcomer is not part of this unit, even if the host gave it the same address. */
	if (link->seen.address == link->confirmed_seen.address)
		link->confirmed_seen.address = 0;
	link->seen = link->confirmed_seen;
	link->exchanged = true;
	job->gone = true;
	if (uid[0])
		return job_fail(job, H7_NO_DEVICE, SAME_BOARD_OTHER ", with UID %s", uid);
	return job_fail(job, H7_NO_DEVICE, SAME_BOARD_OTHER);
}

void same_board_keep(struct link *link, const char *uid, const char *layout, const char *serial)
{
	struct link_identity *known = &link->identity;

	*known = (struct link_identity){
		.known = true, .bootloader_id = STM32_ROM_UNKNOWN, .flash_kib = AUDIT_NONE};
	snprintf(known->uid, sizeof(known->uid), "%s", uid);
	snprintf(known->layout, sizeof(known->layout), "%s", layout);
	snprintf(known->serial, sizeof(known->serial), "%s", serial);
	link->confirmed = link->attached;
	link->confirmed_seen = link->seen;
}

bool same_board_remember(struct job *job)
{
	struct link *link = &job->link;
	struct link_identity *known = &link->identity;

	if (known->known && (differs(job->uid, known->uid) || differs(job->layout, known->layout) ||
			     differs(job->serial, known->serial) ||
			     (job->flash_kib != AUDIT_NONE && known->flash_kib != AUDIT_NONE &&
			      job->flash_kib != known->flash_kib) ||
			     (job->bootloader_id != STM32_ROM_UNKNOWN &&
			      known->bootloader_id != STM32_ROM_UNKNOWN &&
			      job->bootloader_id != known->bootloader_id)))
		return same_board_exchanged(job, job->uid);
	same_board_keep(link, job->uid, job->layout, job->serial);
	known->bootloader_id = job->bootloader_id;
	known->flash_kib = job->flash_kib;
	return true;
}

enum dfu_result same_board_ask(struct link *link, const struct stm32_part *part, char uid[25],
			       enum likeness *likeness)
{
	*likeness = LIKENESS_SAME;
	uid[0] = '\0';
	if (!link->identity.known || link->confirmed == link->attached)
		return DFU_OK;
	for (unsigned i = 0; i < LOOKS; i++) {
		unsigned attached = link->attached;
		enum dfu_result result = compare(link, part, uid, likeness);

		if (result != DFU_OK || *likeness == LIKENESS_OTHER)
			return result;
		if (*likeness == LIKENESS_SAME && attached == link->attached) {
			link->confirmed = attached;
			link->confirmed_seen = link->seen;
			return DFU_OK;
		}
	}
	*likeness = LIKENESS_UNPROVED;
	return DFU_OK;
}

bool same_board_confirm(struct job *job)
{
	enum likeness likeness;
	char uid[25];
	enum dfu_result result = same_board_ask(&job->link, job->part, uid, &likeness);

	if (result != DFU_OK)
		return job_fail_dfu(job, result, "asking for the UID after a re-attach");
	if (likeness == LIKENESS_SAME)
		return true;
	if (likeness == LIKENESS_OTHER)
		return same_board_exchanged(job, uid);
	job->link.unproved = true;
	return job_fail(job, H7_USB_ERROR, SAME_BOARD_UNPROVED);
}
