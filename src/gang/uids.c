/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uids.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sighting {
	char uid[25];
	struct usb_seen seen; /* the device then */
	uint64_t order;
};

struct uids {
	pthread_mutex_t lock;
	struct sighting *seen;
	size_t count, room;
	uint64_t sightings;
};

struct uids *uids_new(void)
{
	struct uids *uids = calloc(1, sizeof(*uids));

	if (uids && pthread_mutex_init(&uids->lock, NULL) != 0) {
		free(uids);
		return NULL;
	}
	return uids;
}

void uids_free(struct uids *uids)
{
	if (!uids)
		return;
	pthread_mutex_destroy(&uids->lock);
	free(uids->seen);
	free(uids);
}

static struct sighting *at(const struct uids *uids, const char *path)
{
	for (size_t i = 0; i < uids->count; i++) {
		if (strcmp(uids->seen[i].seen.path, path) == 0)
			return &uids->seen[i];
	}
	return NULL;
}

static struct sighting *add(struct uids *uids)
{
	if (uids->count == uids->room) {
		size_t room = uids->room ? 2 * uids->room : 64;
		struct sighting *seen = reallocarray(uids->seen, room, sizeof(*seen));

		if (!seen)
			return NULL;
		uids->seen = seen;
		uids->room = room;
	}
	uids->seen[uids->count] = (struct sighting){.uid = ""};
	return &uids->seen[uids->count++];
}

bool uids_add(struct uids *uids, const char *uid, const struct usb_seen *seen)
{
	struct sighting *one;

	pthread_mutex_lock(&uids->lock);
	one = at(uids, seen->path);
	if (!one)
		one = add(uids);
	if (one) {
		/* Asked again, it is no later than it was. */
		if (strcmp(one->uid, uid) != 0)
			one->order = ++uids->sightings;
		snprintf(one->uid, sizeof(one->uid), "%s", uid);
		one->seen = *seen;
	}
	pthread_mutex_unlock(&uids->lock);
	return one != NULL;
}

bool uids_twin(struct uids *uids, const char *uid, const char *path, char twin[USB_PATH_SIZE])
{
	bool found = false;

	pthread_mutex_lock(&uids->lock);
	for (size_t i = 0; i < uids->count && !found; i++) {
		found = strcmp(uids->seen[i].uid, uid) == 0 &&
			strcmp(uids->seen[i].seen.path, path) != 0;
		if (found)
			snprintf(twin, USB_PATH_SIZE, "%s", uids->seen[i].seen.path);
	}
	pthread_mutex_unlock(&uids->lock);
	return found;
}

bool uids_first(struct uids *uids, struct usb_bus *bus, const char *uid, const char *path,
		char first[USB_PATH_SIZE])
{
	const struct sighting *mine;
	bool found = false;

	pthread_mutex_lock(&uids->lock);
	mine = at(uids, path);
	for (size_t i = 0; i < uids->count && !found; i++) {
		const struct sighting *other = &uids->seen[i];

		found = other != mine && strcmp(other->uid, uid) == 0 &&
			(!mine || other->order < mine->order) && usb_bus_present(bus, &other->seen);
		if (found)
			snprintf(first, USB_PATH_SIZE, "%s", other->seen.path);
	}
	pthread_mutex_unlock(&uids->lock);
	return found;
}
