/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in a plan: which, and whether it is there now. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/text.h"
#include "plan.h"
#include "store.h"

#define NAME "%-12s"
#define SHOWN_MAX 512
#define PATIENCE_MS 2000 /* of the store */
#define WAIT_MS 3000     /* for all of it: looking up a server's name may hang for much longer */

/* Reads the state of the store, in a thread of its own. The thread that leaves last frees it. */
struct look {
	char *url;
	pthread_mutex_t mutex;
	pthread_cond_t over;
	bool done, left; /* set by the thread; set by the thread that waited for it */
	enum db_error error;
	unsigned schema;
	char why[PLAN_WHY_SIZE];
};

static void look_free(struct look *look)
{
	pthread_cond_destroy(&look->over);
	pthread_mutex_destroy(&look->mutex);
	free(look->url);
	free(look);
}

static struct look *look_new(const char *url)
{
	struct look *look = calloc(1, sizeof(*look));

	if (!look)
		return NULL;
	look->url = strdup(url);
	if (!look->url || pthread_mutex_init(&look->mutex, NULL) != 0)
		goto err_look;
	if (clock_cond_init(&look->over) == 0)
		return look;
	pthread_mutex_destroy(&look->mutex);
err_look:
	free(look->url);
	free(look);
	return NULL;
}

static void *look_main(void *argument)
{
	struct look *look = argument;
	char why[PLAN_WHY_SIZE] = "";
	unsigned schema;
	enum db_error error = store_look(look->url, PATIENCE_MS, &schema, why, sizeof(why));
	bool left;

	pthread_mutex_lock(&look->mutex);
	look->error = error;
	look->schema = schema;
	memcpy(look->why, why, sizeof(look->why));
	look->done = true;
	left = look->left;
	pthread_cond_signal(&look->over);
	pthread_mutex_unlock(&look->mutex);
	if (left)
		look_free(look);
	return NULL;
}

/* Waits for the thread, but not for long. */
static void take(struct look *look, struct plan_store *store)
{
	int64_t deadline = clock_after_ms(WAIT_MS);
	bool in_time = true, done;

	pthread_mutex_lock(&look->mutex);
	while (!look->done && in_time)
		in_time = clock_wait_until(&look->over, &look->mutex, deadline);
	done = look->done;
	look->left = true;
	if (done) {
		store->error = look->error;
		store->schema = look->schema;
		memcpy(store->why, look->why, sizeof(store->why));
	}
	pthread_mutex_unlock(&look->mutex);
	if (done)
		look_free(look);
}

void plan_store_look(const char *url, struct plan_store *store)
{
	struct look *look;
	pthread_t thread;

	*store = (struct plan_store){.url = url, .error = DB_AWAY, .why = "no answer"};
	if (!url)
		return;
	/* One that holds a password is not shown. */
	store->error = db_check_url(url, store->why, sizeof(store->why));
	if (store->error != DB_OK) {
		store->url = "";
		return;
	}
	store->error = DB_AWAY;
	snprintf(store->why, sizeof(store->why), "no answer");
	look = look_new(url);
	if (!look)
		return;
	if (pthread_create(&thread, NULL, look_main, look) != 0) {
		look_free(look);
		return;
	}
	pthread_detach(thread);
	take(look, store);
}

void plan_print_store(const struct profile *profile, const struct plan_store *store)
{
	const struct profile_store *how = &profile->store;
	char text[SHOWN_MAX];

	if (!store->url)
		return;
	text_terminal(*store->url ? store->url : "-", text, sizeof(text));
	printf(NAME "%s", "store", text);
	if (store->error == DB_OK)
		printf(", schema %u\n", store->schema);
	else
		printf("\n");
	if (profile->serial)
		printf("  leases    %u numbers each; numbers that a run leaves over: %s\n",
		       how->lease_size, profile_unused_name(how->unused));
	if (profile_has_counters(profile))
		printf("  offline   %s\n",
		       how->offline_start
			       ? "start: also begins with reserved places and leased numbers"
		       : how->offline_lease
			       ? "lease: continues with reserved places and leased numbers"
			       : "stop");
	if (store->error != DB_OK) {
		text_terminal(store->why, text, sizeof(text));
		printf("warning: the store: %s\n", text);
	}
}

json_t *plan_json_store(const struct profile *profile, const struct plan_store *store)
{
	const struct profile_store *how = &profile->store;

	if (!store->url)
		return json_null();
	return json_pack("{s:o, s:b, s:o, s:I, s:o, s:s, s:I, s:I, s:s}", "url",
			 plan_text(store->url), "ok", store->error == DB_OK, "schema",
			 store->schema ? json_integer(store->schema) : json_null(), "schema_needed",
			 (json_int_t)store_schema(), "problem",
			 store->error == DB_OK ? json_null() : plan_text(store->why), "offline",
			 how->offline_start   ? "start"
			 : how->offline_lease ? "lease"
					      : "stop",
			 "lease_size", (json_int_t)how->lease_size, "places",
			 (json_int_t)how->places, "unused", profile_unused_name(how->unused));
}
