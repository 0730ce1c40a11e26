/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "hooks.h"

struct state_hook {
	struct gang *gang;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool news, ending;
	struct hooks_state state;
};

static void complain(struct gang *gang, const char *why)
{
	struct gang_event event = {.kind = GANG_NOTE};

	snprintf(event.run_id, sizeof(event.run_id), "%s", gang->run_id);
	snprintf(event.detail, sizeof(event.detail), "state hook %.400s", why);
	gang_emit(gang, &event);
}

static void *hook_main(void *user)
{
	struct state_hook *hook = user;
	struct hooks_state state;
	char why[240];
	bool told;

	for (;;) {
		pthread_mutex_lock(&hook->lock);
		while (!hook->news && !hook->ending)
			clock_wait_until(&hook->wake, &hook->lock, CLOCK_NEVER);
		told = hook->news;
		hook->news = false;
		state = hook->state;
		pthread_mutex_unlock(&hook->lock);
		if (!told)
			return NULL;
		if (hooks_state(hook->gang, &state, why, sizeof(why)) == HOOKS_FAILED)
			complain(hook->gang, why);
	}
}

struct state_hook *state_hook_start(struct gang *gang)
{
	struct state_hook *hook = calloc(1, sizeof(*hook));

	if (!hook)
		return NULL;
	hook->gang = gang;
	if (pthread_mutex_init(&hook->lock, NULL) != 0)
		goto err_free;
	if (clock_cond_init(&hook->wake) != 0)
		goto err_lock;
	if (pthread_create(&hook->thread, NULL, hook_main, hook) == 0)
		return hook;
	pthread_cond_destroy(&hook->wake);
err_lock:
	pthread_mutex_destroy(&hook->lock);
err_free:
	free(hook);
	return NULL;
}

void state_hook_tell(struct state_hook *hook, enum gang_state state, const char *reason,
		     const char *lot, const char *operator_name)
{
	pthread_mutex_lock(&hook->lock);
	hook->state.state = state;
	snprintf(hook->state.reason, sizeof(hook->state.reason), "%s", reason);
	snprintf(hook->state.lot, sizeof(hook->state.lot), "%s", lot);
	snprintf(hook->state.operator_name, sizeof(hook->state.operator_name), "%s", operator_name);
	hook->news = true;
	pthread_cond_broadcast(&hook->wake);
	pthread_mutex_unlock(&hook->lock);
}

void state_hook_end(struct state_hook *hook)
{
	if (!hook)
		return;
	pthread_mutex_lock(&hook->lock);
	hook->ending = true;
	pthread_cond_broadcast(&hook->wake);
	pthread_mutex_unlock(&hook->lock);
	pthread_join(hook->thread, NULL);
	pthread_cond_destroy(&hook->wake);
	pthread_mutex_destroy(&hook->lock);
	free(hook);
}
