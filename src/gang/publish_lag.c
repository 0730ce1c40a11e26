/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publish_lag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "looker.h"

#define LOOK_MS 500
#define FIRST_MS 2000 /* for the first look, before a run begins */

struct publish_lag {
	struct looker looker;
	struct gang *gang;
	struct profile_publish rule; /* with its own text */
	/* under the looker's lock */
	char *log; /* NULL: none yet */
	bool due;  /* look at once */
	bool looked;
	int64_t asked_at; /* when the log was named */
	struct publish_look look;
};

static void lag_free(struct publish_lag *lag)
{
	free(lag->rule.positions);
	free(lag->log);
	looker_destroy(&lag->looker);
	free(lag);
}

static void look_at_one(const struct publish_lag *lag, const char *log, struct publish_seen *seen)
{
	char *path = audit_published_path(log, lag->rule.positions, seen->name);

	seen->rc = path ? audit_published_read(path, &seen->at) : -ENOMEM;
	free(path);
}

/* Without the lock. */
static void look_at(const struct publish_lag *lag, const char *log, struct publish_look *look)
{
	char names[AUDIT_PUBLISHED_NAMES_MAX][AUDIT_PUBLISHED_NAME_SIZE];

	memset(look, 0, sizeof(*look));
	look->names = (int)lag->rule.names;
	if (look->names == 0)
		look->names = audit_published_names(log, lag->rule.positions, names);
	else
		memcpy(names, lag->rule.name, sizeof(lag->rule.name));
	for (int i = 0; i < look->names; i++) {
		memcpy(look->seen[i].name, names[i], sizeof(names[i]));
		look_at_one(lag, log, &look->seen[i]);
	}
}

/* With the lock, which it lets go while it looks. */
static void look_once(struct publish_lag *lag)
{
	char *log = lag->log ? strdup(lag->log) : NULL;
	struct publish_look look;

	if (!log)
		return;
	pthread_mutex_unlock(&lag->looker.lock);
	look_at(lag, log, &look);
	pthread_mutex_lock(&lag->looker.lock);
	if (!lag->looker.ending && strcmp(log, lag->log) == 0 &&
	    (!lag->looked || memcmp(&look, &lag->look, sizeof(look)) != 0)) {
		lag->look = look;
		lag->looked = true;
		pthread_cond_broadcast(&lag->looker.wake);
		gang_wake(lag->gang);
	}
	free(log);
}

static void *lag_main(void *user)
{
	struct publish_lag *lag = user;

	pthread_mutex_lock(&lag->looker.lock);
	while (!lag->looker.ending) {
		int64_t again;

		lag->due = false;
		look_once(lag);
		again = clock_after_ms(LOOK_MS);
		while (!lag->looker.ending && !lag->due &&
		       clock_wait_until(&lag->looker.wake, &lag->looker.lock, again))
			;
	}
	pthread_mutex_unlock(&lag->looker.lock);
	if (looker_ended(&lag->looker))
		lag_free(lag);
	return NULL;
}

static bool copy_rule(struct publish_lag *lag, const struct profile_publish *rule)
{
	lag->rule = *rule;
	lag->rule.positions = rule->positions ? strdup(rule->positions) : NULL;
	return !rule->positions == !lag->rule.positions;
}

static void wait_for_first(struct publish_lag *lag)
{
	int64_t deadline = clock_after_ms(FIRST_MS);

	pthread_mutex_lock(&lag->looker.lock);
	while (lag->log && !lag->looked &&
	       clock_wait_until(&lag->looker.wake, &lag->looker.lock, deadline))
		;
	pthread_mutex_unlock(&lag->looker.lock);
}

struct publish_lag *publish_lag_start(struct gang *gang)
{
	struct publish_lag *lag = calloc(1, sizeof(*lag));

	if (!lag || !looker_init(&lag->looker)) {
		free(lag);
		return NULL;
	}
	lag->gang = gang;
	lag->asked_at = clock_now();
	lag->log = gang->log_path ? strdup(gang->log_path) : NULL;
	if (copy_rule(lag, &gang->options->profile->publish) && !lag->log == !gang->log_path &&
	    pthread_create(&lag->looker.thread, NULL, lag_main, lag) == 0) {
		wait_for_first(lag);
		return lag;
	}
	lag_free(lag);
	return NULL;
}

void publish_lag_log(struct publish_lag *lag, const char *log)
{
	char *copy = log ? strdup(log) : NULL;

	pthread_mutex_lock(&lag->looker.lock);
	if (!log || !lag->log || strcmp(log, lag->log) != 0) {
		free(lag->log);
		lag->log = copy;
		copy = NULL;
		lag->looked = false;
		lag->due = true;
		lag->asked_at = clock_now();
		pthread_cond_broadcast(&lag->looker.wake);
	}
	pthread_mutex_unlock(&lag->looker.lock);
	free(copy);
}

bool publish_lag_take(struct publish_lag *lag, struct publish_look *look, int64_t *since_ms)
{
	bool looked;

	pthread_mutex_lock(&lag->looker.lock);
	looked = lag->looked;
	*look = lag->look;
	*since_ms = clock_elapsed_ms(lag->asked_at);
	pthread_mutex_unlock(&lag->looker.lock);
	return looked;
}

void publish_lag_end(struct publish_lag *lag)
{
	if (lag && looker_end(&lag->looker))
		lag_free(lag);
}
