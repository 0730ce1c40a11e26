/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uids.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sighting {
	char uid[25];
	char path[USB_PATH_SIZE];
};

struct uids {
	pthread_mutex_t lock;
	struct sighting *seen;
	size_t count, room;
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

static bool known(const struct uids *uids, const char *uid, const char *path)
{
	for (size_t i = 0; i < uids->count; i++) {
		if (strcmp(uids->seen[i].uid, uid) == 0 && strcmp(uids->seen[i].path, path) == 0)
			return true;
	}
	return false;
}

bool uids_add(struct uids *uids, const char *uid, const char *path)
{
	bool good = true;

	pthread_mutex_lock(&uids->lock);
	if (!known(uids, uid, path)) {
		if (uids->count == uids->room) {
			size_t room = uids->room ? 2 * uids->room : 64;
			struct sighting *seen = reallocarray(uids->seen, room, sizeof(*seen));

			good = seen != NULL;
			if (good) {
				uids->seen = seen;
				uids->room = room;
			}
		}
		if (good) {
			struct sighting *one = &uids->seen[uids->count++];

			snprintf(one->uid, sizeof(one->uid), "%s", uid);
			snprintf(one->path, sizeof(one->path), "%s", path);
		}
	}
	pthread_mutex_unlock(&uids->lock);
	return good;
}

bool uids_twin(struct uids *uids, const char *uid, const char *path, char twin[USB_PATH_SIZE])
{
	bool found = false;

	pthread_mutex_lock(&uids->lock);
	for (size_t i = 0; i < uids->count && !found; i++) {
		found = strcmp(uids->seen[i].uid, uid) == 0 && strcmp(uids->seen[i].path, path) != 0;
		if (found)
			snprintf(twin, USB_PATH_SIZE, "%s", uids->seen[i].path);
	}
	pthread_mutex_unlock(&uids->lock);
	return found;
}
