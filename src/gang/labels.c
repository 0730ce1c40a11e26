/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "labels.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"

void labels_choose(struct labels *labels, const char *slot, int64_t now)
{
	snprintf(labels->chosen, sizeof(labels->chosen), "%s", slot);
	labels->chosen_until = now + LABEL_WAIT_MS * CLOCK_MS;
}

bool labels_put(struct labels *labels, const char *slot, const struct label *label, int64_t now)
{
	if (labels->slot[0])
		return false;
	snprintf(labels->slot, sizeof(labels->slot), "%s", slot);
	labels->label = *label;
	labels->until = now + LABEL_WAIT_MS * CLOCK_MS;
	labels->chosen[0] = 0;
	return true;
}

bool labels_wait(const struct labels *labels, const char *slot)
{
	return labels->slot[0] && strcmp(labels->slot, slot) == 0;
}

bool labels_take(struct labels *labels, const char *slot, struct label *label)
{
	if (!labels_wait(labels, slot))
		return false;
	*label = labels->label;
	labels->slot[0] = 0;
	return true;
}

bool labels_expire(struct labels *labels, int64_t now, char slot[PROFILE_NAME_SIZE])
{
	if (labels->chosen[0] && now >= labels->chosen_until)
		labels->chosen[0] = 0;
	if (!labels->slot[0] || now < labels->until)
		return false;
	memcpy(slot, labels->slot, PROFILE_NAME_SIZE);
	labels->slot[0] = 0;
	return true;
}

int64_t labels_next(const struct labels *labels)
{
	int64_t next = labels->slot[0] ? labels->until : CLOCK_NEVER;

	return labels->chosen[0] ? clock_earlier(next, labels->chosen_until) : next;
}
