/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event handling, and libusb's locks for programs that share it among threads. */
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "standin.h"

#define DEFAULT_WAIT_NS UINT64_C(60000000000) /* longest wait of libusb_handle_events */

static uint64_t after(const struct timeval *wait)
{
	/* 0 is in the past: no clock needs to be read for it. */
	if (!wait->tv_sec && !wait->tv_usec)
		return 0;
	return standin_now() + (uint64_t)wait->tv_sec * UINT64_C(1000000000) +
	       (uint64_t)wait->tv_usec * UINT64_C(1000);
}

static bool passed(uint64_t deadline)
{
	return !deadline || standin_now() >= deadline;
}

static void dispatch(struct libusb_context *context)
{
	standin_dispatching = context;
	standin_tell_changes(context);
	standin_finish_ended(context);
	standin_dispatching = NULL;
	standin_flush(context);
}

/* With the events lock: one round of waiting and calling back. */
static int handle(struct libusb_context *context, uint64_t deadline)
{
	bool polled = false;

	if (standin_dispatching == context)
		return LIBUSB_ERROR_BUSY;
	pthread_mutex_lock(&context->lock);
	while (!context->ended && !context->changes && !context->interrupted) {
		uint64_t until = deadline;

		if (context->lost)
			break;
		if (context->soonest && passed(context->soonest->deadline))
			standin_expire(context, standin_now());
		if (polled && passed(deadline))
			break;
		if (context->soonest && context->soonest->deadline < until)
			until = context->soonest->deadline;
		polled = true;
		standin_wait(context, until);
	}
	context->interrupted = false;
	dispatch(context);
	pthread_mutex_unlock(&context->lock);
	return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_try_lock_events(libusb_context *context)
{
	context = standin_context(context);
	if (pthread_mutex_trylock(&context->events_lock))
		return 1;
	atomic_store(&context->handler_active, true);
	return 0;
}

void LIBUSB_CALL libusb_lock_events(libusb_context *context)
{
	context = standin_context(context);
	pthread_mutex_lock(&context->events_lock);
	atomic_store(&context->handler_active, true);
}

void LIBUSB_CALL libusb_unlock_events(libusb_context *context)
{
	context = standin_context(context);
	atomic_store(&context->handler_active, false);
	pthread_mutex_unlock(&context->events_lock);
	pthread_mutex_lock(&context->waiters_lock);
	pthread_cond_broadcast(&context->waiters);
	pthread_mutex_unlock(&context->waiters_lock);
}

int LIBUSB_CALL libusb_event_handling_ok(libusb_context *context)
{
	(void)context;
	return 1;
}

int LIBUSB_CALL libusb_event_handler_active(libusb_context *context)
{
	return atomic_load(&standin_context(context)->handler_active);
}

void LIBUSB_CALL libusb_interrupt_event_handler(libusb_context *context)
{
	context = standin_context(context);
	pthread_mutex_lock(&context->lock);
	context->interrupted = true;
	standin_wake(context);
	pthread_mutex_unlock(&context->lock);
}

void LIBUSB_CALL libusb_lock_event_waiters(libusb_context *context)
{
	pthread_mutex_lock(&standin_context(context)->waiters_lock);
}

void LIBUSB_CALL libusb_unlock_event_waiters(libusb_context *context)
{
	pthread_mutex_unlock(&standin_context(context)->waiters_lock);
}

static int wait_for_handler(struct libusb_context *context, uint64_t deadline)
{
	struct timespec at = {.tv_sec = (time_t)(deadline / 1000000000),
			      .tv_nsec = (long)(deadline % 1000000000)};

	return pthread_cond_timedwait(&context->waiters, &context->waiters_lock, &at) != 0;
}

int LIBUSB_CALL libusb_wait_for_event(libusb_context *context, struct timeval *wait)
{
	context = standin_context(context);
	if (!wait) {
		pthread_cond_wait(&context->waiters, &context->waiters_lock);
		return 0;
	}
	return wait_for_handler(context, after(wait));
}

static int handle_until(struct libusb_context *context, uint64_t deadline, const int *completed)
{
	int result = LIBUSB_SUCCESS;

	if (standin_dispatching == context)
		return LIBUSB_ERROR_BUSY;
	while (libusb_try_lock_events(context)) {
		bool active, timed_out = false;

		libusb_lock_event_waiters(context);
		active = libusb_event_handler_active(context);
		if (active && !(completed && *completed))
			timed_out = wait_for_handler(context, deadline);
		libusb_unlock_event_waiters(context);
		if (active || timed_out)
			return LIBUSB_SUCCESS;
	}
	if (!completed || !*completed)
		result = handle(context, deadline);
	libusb_unlock_events(context);
	return result;
}

int LIBUSB_CALL libusb_handle_events_timeout_completed(libusb_context *context,
						       struct timeval *wait, int *completed)
{
	return handle_until(standin_context(context), after(wait), completed);
}

int LIBUSB_CALL libusb_handle_events_timeout(libusb_context *context, struct timeval *wait)
{
	return libusb_handle_events_timeout_completed(context, wait, NULL);
}

int LIBUSB_CALL libusb_handle_events_completed(libusb_context *context, int *completed)
{
	return handle_until(standin_context(context), standin_now() + DEFAULT_WAIT_NS, completed);
}

int LIBUSB_CALL libusb_handle_events(libusb_context *context)
{
	return libusb_handle_events_completed(context, NULL);
}

int LIBUSB_CALL libusb_handle_events_locked(libusb_context *context, struct timeval *wait)
{
	return handle(standin_context(context), after(wait));
}

/* Time-outs are kept by the event handler, not by a descriptor that could be polled. */
int LIBUSB_CALL libusb_pollfds_handle_timeouts(libusb_context *context)
{
	(void)context;
	return 0;
}

int LIBUSB_CALL libusb_get_next_timeout(libusb_context *context, struct timeval *wait)
{
	uint64_t now, left;
	int found;

	context = standin_context(context);
	pthread_mutex_lock(&context->lock);
	now = standin_now();
	found = context->soonest != NULL;
	left = found && context->soonest->deadline > now ? context->soonest->deadline - now : 0;
	pthread_mutex_unlock(&context->lock);
	if (found) {
		wait->tv_sec = (time_t)(left / 1000000000);
		wait->tv_usec = (suseconds_t)(left % 1000000000 / 1000);
	}
	return found;
}

const struct libusb_pollfd **LIBUSB_CALL libusb_get_pollfds(libusb_context *context)
{
	struct {
		const struct libusb_pollfd *list[3];
		struct libusb_pollfd fds[2];
	} *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	context = standin_context(context);
	all->fds[0] = (struct libusb_pollfd){context->socket, POLLIN};
	all->fds[1] = (struct libusb_pollfd){context->kick, POLLIN};
	all->list[0] = &all->fds[0];
	all->list[1] = &all->fds[1];
	return all->list;
}

void LIBUSB_CALL libusb_free_pollfds(const struct libusb_pollfd **list)
{
	free((void *)list);
}

void LIBUSB_CALL libusb_set_pollfd_notifiers(libusb_context *context, libusb_pollfd_added_cb added,
					     libusb_pollfd_removed_cb removed, void *user)
{
	/* The descriptors stay the same for a context's life. */
	(void)context;
	(void)added;
	(void)removed;
	(void)user;
}
