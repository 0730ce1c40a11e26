/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/usb/port.h"
#include "h7gang/usb/power.h"

#define SETTLE_MS 15000 /* a hub that has not answered by then hangs */

/* Shared by the thread and its waiting owner; the last one to finish frees it. */
struct settling {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct gang *gang;
	unsigned users;
	bool done;
	bool wrong;
	char why[240];
};

static void release(struct settling *settling)
{
	bool last;

	pthread_mutex_lock(&settling->lock);
	last = --settling->users == 0;
	pthread_mutex_unlock(&settling->lock);
	if (!last)
		return;
	pthread_cond_destroy(&settling->changed);
	pthread_mutex_destroy(&settling->lock);
	free(settling);
}

static void tell(struct gang *gang, const struct profile_slot *slot, const char *path,
		 const char *text)
{
	struct gang_event event;

	memset(&event, 0, sizeof(event));
	event.kind = GANG_NOTE;
	snprintf(event.run_id, sizeof(event.run_id), "%s", gang->run_id);
	snprintf(event.slot, sizeof(event.slot), "%s", slot->name);
	snprintf(event.path, sizeof(event.path), "%s", path);
	snprintf(event.detail, sizeof(event.detail), "%s", text);
	gang_emit(gang, &event);
}

/* False: the profile is wrong. */
static bool settle_port(struct settling *settling, const struct profile_slot *slot)
{
	struct gang *gang = settling->gang;
	const char * not ;
	char path[USB_PATH_SIZE], why[160], text[240];
	struct usb_power power;

	if (!profile_slot_port(slot, path))
		return true; /* not on this computer, or not now */
	usb_power_look(gang->bus, path, &power);
	not = usb_switching_why_not(power.switching);
	if (not ) {
		snprintf(settling->why, sizeof(settling->why),
			 "slot %s (%s) has 'power: true', but hub %s %s; nothing was touched",
			 slot->name, path, power.hub, not );
		return false;
	}
	if (power.on != 0)
		return true;
	if (usb_power_switch(gang->bus, path, true, why, sizeof(why)))
		snprintf(text, sizeof(text), "the power of its port was off: switched on");
	else
		snprintf(text, sizeof(text), "the power of its port is off: %s", why);
	tell(gang, slot, path, text);
	usb_bus_look(gang->bus);
	return true;
}

static void *settle(void *user)
{
	struct settling *settling = user;
	const struct profile *profile = settling->gang->options->profile;
	bool wrong = false;

	for (unsigned i = 0; i < profile->slots; i++)
		if (profile->slot[i].power && !settle_port(settling, &profile->slot[i])) {
			wrong = true;
			break;
		}
	pthread_mutex_lock(&settling->lock);
	settling->done = true;
	settling->wrong = wrong;
	pthread_cond_broadcast(&settling->changed);
	pthread_mutex_unlock(&settling->lock);
	release(settling);
	return NULL;
}

static struct settling *begin(struct gang *gang)
{
	struct settling *settling = calloc(1, sizeof(*settling));
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	if (!settling)
		return NULL;
	settling->gang = gang;
	settling->users = 2;
	if (pthread_mutex_init(&settling->lock, NULL) != 0)
		goto err_free;
	if (clock_cond_init(&settling->changed) != 0)
		goto err_mutex;
	if (pthread_attr_init(&attr) != 0)
		goto err_cond;
	started = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
		  pthread_create(&thread, &attr, settle, settling) == 0;
	pthread_attr_destroy(&attr);
	if (started)
		return settling;
err_cond:
	pthread_cond_destroy(&settling->changed);
err_mutex:
	pthread_mutex_destroy(&settling->lock);
err_free:
	free(settling);
	return NULL;
}

enum ports_answer ports_settle(struct gang *gang, char *why, size_t why_size)
{
	int64_t deadline = clock_after_ms(SETTLE_MS);
	enum ports_answer answer = PORTS_OK;
	struct settling *settling;

	if (!profile_has_power(gang->options->profile) || gang->options->command == GANG_VERIFY)
		return PORTS_OK;
	settling = begin(gang);
	if (!settling)
		return PORTS_OK; /* no memory or no thread: units will say so */
	pthread_mutex_lock(&settling->lock);
	while (!settling->done && clock_wait_until(&settling->changed, &settling->lock, deadline))
		;
	if (!settling->done)
		answer = PORTS_HANG;
	else if (settling->wrong)
		answer = PORTS_WRONG;
	snprintf(why, why_size, "%s",
		 answer == PORTS_HANG ? "the power of the slots' ports cannot be looked at: a hub "
					"does not answer"
				      : settling->why);
	pthread_mutex_unlock(&settling->lock);
	release(settling);
	return answer;
}
