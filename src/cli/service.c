/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service.h"

#include <stddef.h>

#ifdef H7GANG_SYSTEMD

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "h7gang/base/clock.h"

#define IDLE_MS 5000

struct service {
	pthread_t thread;
	struct gang_control *control;
	int64_t watchdog_ms; /* 0: none */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	bool ready, told_ready, news, ending;
	enum gang_state state;
	char reason[AUDIT_TEXT_MAX];
};

/* sd_notify may wait for systemd: so it has this thread. */
static void tell(struct service *service)
{
	char text[AUDIT_TEXT_MAX + 100] = "";
	bool news = service->news;

	if (news)
		snprintf(text, sizeof(text), "%sSTATUS=%s%s%s\n",
			 service->ready && !service->told_ready ? "READY=1\n" : "",
			 gang_state_name(service->state), service->reason[0] ? ": " : "",
			 service->reason);
	service->told_ready = service->ready;
	service->news = false;
	pthread_mutex_unlock(&service->lock);
	if (news)
		sd_notify(0, text);
	/* The watchdog is there for a supervisor that hangs. */
	if (service->watchdog_ms &&
	    gang_control_silence_ms(service->control) < service->watchdog_ms)
		sd_notify(0, "WATCHDOG=1");
	pthread_mutex_lock(&service->lock);
}

static void *service_main(void *user)
{
	struct service *service = user;

	pthread_mutex_lock(&service->lock);
	while (!service->ending) {
		tell(service);
		if (!service->news && !service->ending)
			clock_wait_until(&service->changed, &service->lock,
					 clock_after_ms(service->watchdog_ms
								? service->watchdog_ms / 3
								: IDLE_MS));
	}
	pthread_mutex_unlock(&service->lock);
	sd_notify(0, "STOPPING=1");
	return NULL;
}

struct service *service_start(struct gang_control *control)
{
	struct service *service;
	uint64_t watchdog_us = 0;

	if (!getenv("NOTIFY_SOCKET"))
		return NULL;
	service = calloc(1, sizeof(*service));
	if (!service)
		return NULL;
	service->control = control;
	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		service->watchdog_ms = (int64_t)(watchdog_us / 1000);
	if (pthread_mutex_init(&service->lock, NULL) != 0)
		goto err_free;
	if (clock_cond_init(&service->changed) != 0)
		goto err_lock;
	if (pthread_create(&service->thread, NULL, service_main, service) == 0)
		return service;
	pthread_cond_destroy(&service->changed);
err_lock:
	pthread_mutex_destroy(&service->lock);
err_free:
	free(service);
	return NULL;
}

void service_event(void *user, const struct gang_event *event)
{
	struct service *service = user;

	if (event->kind != GANG_STARTED && event->kind != GANG_STATE)
		return;
	pthread_mutex_lock(&service->lock);
	service->ready = true;
	service->news = true;
	if (event->kind == GANG_STATE) {
		service->state = event->state;
		snprintf(service->reason, sizeof(service->reason), "%s", event->detail);
		for (char *at = service->reason; *at; at++)
			if (*at == '\n')
				*at = ' ';
	}
	pthread_cond_signal(&service->changed);
	pthread_mutex_unlock(&service->lock);
}

void service_end(struct service *service)
{
	if (!service)
		return;
	pthread_mutex_lock(&service->lock);
	service->ending = true;
	pthread_cond_signal(&service->changed);
	pthread_mutex_unlock(&service->lock);
	pthread_join(service->thread, NULL);
	pthread_cond_destroy(&service->changed);
	pthread_mutex_destroy(&service->lock);
	free(service);
}

int service_listener(void)
{
	int count = sd_listen_fds(1);

	if (count <= 0)
		return -1;
	return count == 1 && sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) > 0
		       ? SD_LISTEN_FDS_START
		       : -2;
}

#else

struct service *service_start(struct gang_control *control)
{
	(void)control;
	return NULL;
}

void service_end(struct service *service)
{
	(void)service;
}

void service_event(void *service, const struct gang_event *event)
{
	(void)service;
	(void)event;
}

int service_listener(void)
{
	return -1;
}

#endif
