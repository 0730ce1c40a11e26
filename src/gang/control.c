/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <stdio.h>
#include <stdlib.h>

#define WAITING_MAX 16 /* a key held down says nothing new */

struct gang_control {
	pthread_mutex_t lock;
	struct gang *gang;
	unsigned waiting;
	char slot[WAITING_MAX][PROFILE_NAME_SIZE];
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
	pthread_mutex_lock(&control->lock);
	if (control->gang && control->waiting < WAITING_MAX) {
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
