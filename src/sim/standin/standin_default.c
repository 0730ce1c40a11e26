/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default context, which callers name by NULL. */
#include "standin.h"

static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static struct libusb_context *default_context;

struct libusb_context *standin_context(struct libusb_context *context)
{
	if (context)
		return context;
	pthread_mutex_lock(&default_lock);
	context = default_context;
	pthread_mutex_unlock(&default_lock);
	return context;
}

struct libusb_context *standin_default_hold(struct libusb_context *(*make)(void))
{
	struct libusb_context *held;

	pthread_mutex_lock(&default_lock);
	held = default_context ? default_context : make();
	if (held)
		held->references++;
	default_context = held;
	pthread_mutex_unlock(&default_lock);
	return held;
}

struct libusb_context *standin_default_drop(void)
{
	struct libusb_context *last = NULL;

	pthread_mutex_lock(&default_lock);
	if (default_context && --default_context->references == 0) {
		last = default_context;
		default_context = NULL;
	}
	pthread_mutex_unlock(&default_lock);
	return last;
}
