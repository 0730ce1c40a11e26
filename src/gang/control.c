/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


struct gang_control {
	pthread_mutex_t lock;
	struct gang *gang;
	unsigned waiting;
	char slot[PROFILE_SLOTS_MAX][PROFILE_NAME_SIZE]; /* each once */
};

struct gang_control *gang_control_new(void)
{
	struct gang_control *control = calloc(1, sizeof(*control));

	if (control && pthread_mutex_init(&control->lock, NULL) != 0) {
		free(control);
		return NULL;
	}
	return control;
}

void gang_control_free(struct gang_control *control)
{
	if (!control)
		return;
	pthread_mutex_destroy(&control->lock);
	free(control);
}

void control_attach(struct gang_control *control, struct gang *gang)
{
	if (!control)
		return;
	pthread_mutex_lock(&control->lock);
	control->gang = gang;
	control->waiting = 0;
	pthread_mutex_unlock(&control->lock);
}

void gang_control_acknowledge(struct gang_control *control, const char *slot)
{
	unsigned i = 0;

	pthread_mutex_lock(&control->lock);
	while (i < control->waiting && strcmp(control->slot[i], slot) != 0)
		i++; /* a key held down says nothing new */
	if (control->gang && i == control->waiting && i < PROFILE_SLOTS_MAX) {
		snprintf(control->slot[control->waiting++], PROFILE_NAME_SIZE, "%s", slot);
		gang_wake(control->gang);
	}
	pthread_mutex_unlock(&control->lock);
}

void gang_control_stop(struct gang_control *control)
{
	pthread_mutex_lock(&control->lock);
	if (control->gang) {
		atomic_fetch_add(&control->gang->stop, 1);
		gang_wake(control->gang);
	}
	pthread_mutex_unlock(&control->lock);
}

bool control_take(struct gang_control *control, char slot[PROFILE_NAME_SIZE])
{
	bool taken = false;

	if (!control)
		return false;
	pthread_mutex_lock(&control->lock);
	if (control->waiting) {
		snprintf(slot, PROFILE_NAME_SIZE, "%s", control->slot[--control->waiting]);
		taken = true;
	}
	pthread_mutex_unlock(&control->lock);
	return taken;
}
