/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "h7gang/base/clock.h"

/* Room for a worker's frames; sanitizers pad each of them. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES (2048u << 10)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_BYTES (2048u << 10)
#endif
#endif
#ifndef STACK_BYTES
#define STACK_BYTES (256u << 10)
#endif

static void *worker_main(void *user)
{
	struct worker *worker = user;

	unit_run(&worker->unit);
	atomic_store(&worker->done, true);
	gang_wake(worker->unit.gang);
	return NULL;
}

struct worker *worker_start(struct gang *gang, const char *slot, const struct usb_seen *seen,
			    enum unit_return came_back, const char *last_uid,
			    const struct label *label)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	struct unit *unit;
	pthread_attr_t attr;
	int rc;

	if (!worker)
		return NULL;
	unit = &worker->unit;
	unit->gang = gang;
	snprintf(unit->slot, sizeof(unit->slot), "%s", slot);
	unit->seen = unit->outcome.last = *seen;
	unit->came_back = came_back;
	unit->labelled = label != NULL;
	if (label)
		unit->label = *label;
	snprintf(unit->last_uid, sizeof(unit->last_uid), "%s", last_uid);
	snprintf(unit->lot, sizeof(unit->lot), "%s", gang->lot);
	snprintf(unit->operator_name, sizeof(unit->operator_name), "%s", gang->operator_name);
	snprintf(unit->id, sizeof(unit->id), "%.8s-%04u", gang->run_id,
		 atomic_fetch_add(&gang->units, 1) + 1);
	unit->face.overdue = CLOCK_NEVER;
	if (pthread_mutex_init(&unit->face.lock, NULL) != 0)
		goto err_free;
	if (pthread_attr_init(&attr) != 0)
		goto err_mutex;
	rc = pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (rc == 0)
		rc = pthread_create(&worker->thread, &attr, worker_main, worker);
	pthread_attr_destroy(&attr);
	if (rc != 0) {
		worker->no_thread = true;
		unit_not_started(unit, rc);
		atomic_store(&worker->done, true);
		gang_wake(gang);
	}
	return worker;

err_mutex:
	pthread_mutex_destroy(&unit->face.lock);
err_free:
	free(worker);
	return NULL;
}

void worker_join(struct worker *worker)
{
	if (!worker->no_thread)
		pthread_join(worker->thread, NULL);
	pthread_mutex_destroy(&worker->unit.face.lock);
	free(worker);
}
