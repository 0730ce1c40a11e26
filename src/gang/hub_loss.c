/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hub_loss.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/usb/port.h"
#include "notices.h"

#define TOGETHER_MS 400 /* boards of one hub leave one after the other */
#define ASK_MS 500      /* sysfs tells whether the hubs are still there */
#define HUBS_DEEP 6     /* above a board: six ports of a path, USB 2.0 4.1.1 */

static bool is_below(const char *path, const char *hub)
{
	size_t length = strlen(hub);

	return strncmp(path, hub, length) == 0 && path[length] == '.';
}

/* A board that left and is not reported yet. */
static bool just_left(const struct slot *slot)
{
	return !slot->present && slot->left_at > slot->loss_told;
}

/* The boards below the hub that just left; 0 if another board there is on the bus. */
static unsigned lost_below(const struct run *run, const char *hub)
{
	unsigned lost = 0;

	for (unsigned s = 0; s < run->slots.count; s++) {
		const struct slot *slot = &run->slots.slot[s];

		if (!is_below(slot->seen.path, hub))
			continue;
		if (slot->present)
			return 0;
		lost += just_left(slot);
	}
	return lost;
}

static bool is_listed(const struct usb_port_news *hubs, unsigned count, const char *hub)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(hubs[i].port, hub) == 0)
			return true;
	return false;
}

static void tell(struct run *run, const char *hub, unsigned lost)
{
	char names[300] = "", text[400];

	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];
		size_t used = strlen(names);

		if (!just_left(slot) || !is_below(slot->seen.path, hub))
			continue;
		slot->loss_told = slot->left_at;
		snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", slot->name);
	}
	snprintf(text, sizeof(text),
		 "hub %s left the bus with %u boards: %s. Check its cable and its power.", hub,
		 lost, names);
	run_tell(run, GANG_NOTE, NULL, text);
}

/* The hubs that boards which just left were behind and that no board is behind any more, each once:
 * "1-1" of "1-1.4.2" before "1-1.4". At most `max`. */
static unsigned list_suspects(const struct run *run, struct usb_port_news *hubs, unsigned max)
{
	unsigned count = 0;

	for (unsigned s = 0; s < run->slots.count; s++) {
		const struct slot *slot = &run->slots.slot[s];
		const char *dot = just_left(slot) ? strchr(slot->seen.path, '.') : NULL;

		for (; dot && count < max; dot = strchr(dot + 1, '.')) {
			char *hub = hubs[count].port;

			snprintf(hub, sizeof(hubs->port), "%.*s", (int)(dot - slot->seen.path),
				 slot->seen.path);
			if (!is_listed(hubs, count, hub) && lost_below(run, hub) > 1)
				count++;
		}
	}
	return count;
}

/* Asks all hubs at once: the supervisor waits for ASK_MS at most, however many boards left. The hub
 * nearest to the computer comes first; its message covers all boards that it took along. */
static void tell_lost_hubs(struct run *run)
{
	unsigned max = run->slots.count * HUBS_DEEP;
	struct usb_port_news *hubs = calloc(max, sizeof(*hubs));
	unsigned count = hubs ? list_suspects(run, hubs, max) : 0;

	usb_ports_ask(hubs, count, NULL, ASK_MS);
	for (unsigned i = 0; i < count; i++) {
		unsigned lost = lost_below(run, hubs[i].port);

		if (lost > 1 && strcmp(hubs[i].text, "nothing") == 0)
			tell(run, hubs[i].port, lost);
	}
	free(hubs);
}

int64_t hub_loss_next(const struct run *run)
{
	int64_t next = CLOCK_NEVER;

	for (unsigned s = 0; s < run->slots.count; s++) {
		const struct slot *slot = &run->slots.slot[s];

		if (just_left(slot))
			next = clock_earlier(next, slot->left_at + TOGETHER_MS * CLOCK_MS);
	}
	return next;
}

void hub_loss_look(struct run *run)
{
	if (hub_loss_next(run) > clock_now())
		return;
	tell_lost_hubs(run);
	for (unsigned s = 0; s < run->slots.count; s++)
		if (just_left(&run->slots.slot[s]))
			run->slots.slot[s].loss_told = run->slots.slot[s].left_at;
}
