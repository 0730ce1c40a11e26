/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gang.h"

#include "h7gang/base/clock.h"

bool gang_locks_init(struct gang *gang)
{
	if (pthread_mutex_init(&gang->event_lock, NULL) != 0)
		return false;
	if (pthread_mutex_init(&gang->mail_lock, NULL) != 0)
		goto err_event;
	if (clock_cond_init(&gang->mail) == 0)
		return true;
	pthread_mutex_destroy(&gang->mail_lock);
err_event:
	pthread_mutex_destroy(&gang->event_lock);
	return false;
}

void gang_locks_destroy(struct gang *gang)
{
	pthread_cond_destroy(&gang->mail);
	pthread_mutex_destroy(&gang->mail_lock);
	pthread_mutex_destroy(&gang->event_lock);
}

void gang_emit(struct gang *gang, struct gang_event *event)
{
	pthread_mutex_lock(&gang->event_lock);
	clock_wall_text(event->time);
	gang->options->sink(gang->options->sink_user, event);
	pthread_mutex_unlock(&gang->event_lock);
}

void gang_wake(struct gang *gang)
{
	pthread_mutex_lock(&gang->mail_lock);
	gang->news = true;
	pthread_cond_signal(&gang->mail);
	pthread_mutex_unlock(&gang->mail_lock);
}

void gang_wait(struct gang *gang, int64_t deadline)
{
	pthread_mutex_lock(&gang->mail_lock);
	while (!gang->news && clock_wait_until(&gang->mail, &gang->mail_lock, deadline))
		;
	gang->news = false;
	pthread_mutex_unlock(&gang->mail_lock);
}
