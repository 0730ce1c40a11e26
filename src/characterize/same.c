/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board that is erased is the one that was identified and confirmed. A board can be exchanged
 * whenever it is attached again, and while the computer sleeps: then its UID is asked again. */
#include <stdio.h>

#include "h7gang/attempt/same_board.h"
#include "measure.h"

void keep_board(struct measure *m)
{
	same_board_keep(&m->link, m->uid,
			m->evidence.flash ? m->evidence.flash->text : m->answers.setting[0].text,
			m->answers.serial);
	m->suspended_ms = clock_suspended_ms();
}

bool board_known(const struct measure *m)
{
	return !m->link.identity.known || (m->link.confirmed == m->link.attached &&
					   clock_suspended_since(m->suspended_ms) == 0);
}

bool stop(struct measure *m, enum characterize_end end, const char *why)
{
	if (m->stopped != CHARACTERIZE_DONE)
		return false;
	m->stopped = end;
	snprintf(m->stop_why, sizeof(m->stop_why), "%s", why);
	link_close(&m->link);
	return false;
}

bool unproved(struct measure *m)
{
	m->unproved = true;
	m->link.confirmed = m->link.attached; /* not asked again */
	return !m->destroying ||
	       stop(m, CHARACTERIZE_UNPROVED, "uid_unknown: " SAME_BOARD_UNPROVED);
}

enum dfu_result confirm_board(struct measure *m)
{
	enum likeness likeness;
	enum dfu_result result;
	char uid[25];

	if (m->link.confirmed == m->link.attached) /* the computer slept */
		m->link.confirmed = 0;
	m->suspended_ms = clock_suspended_ms();
	m->has_read = true;
	result = same_board_ask(&m->link, m->part, uid, &likeness);
	if (likeness == LIKENESS_OTHER) /* its UID is not told: the file must not have it */
		stop(m, CHARACTERIZE_EXCHANGED, "no_device: " SAME_BOARD_OTHER);
	else if (result == DFU_OK && likeness == LIKENESS_UNPROVED)
		unproved(m);
	return result;
}
