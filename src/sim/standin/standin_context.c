/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "standin.h"

static const struct standin_listener listener = {
	.arrived = standin_arrived,
	.left = standin_left,
	.done = standin_done,
	.lost = standin_lose_transfers,
};

static void context_free(struct libusb_context *context)
{
	pthread_mutex_lock(&context->lock);
	while (context->handles)
		standin_abandon(context, context->handles);
	standin_free_hotplugs(context);
	standin_forget_devices(context);
	pthread_mutex_unlock(&context->lock);
	standin_link_close(context);
	free(context->slots);
	free(context->free_slots);
	free(context->devices);
	pthread_cond_destroy(&context->changed);
	pthread_cond_destroy(&context->waiters);
	pthread_mutex_destroy(&context->lock);
	pthread_mutex_destroy(&context->events_lock);
	pthread_mutex_destroy(&context->waiters_lock);
	free(context);
}

static struct libusb_context *context_new(void)
{
	struct libusb_context *context = calloc(1, sizeof(*context));
	pthread_condattr_t attributes;
	bool open;

	if (!context)
		return NULL;
	context->socket = context->kick = -1;
	context->listens = &listener;
	context->ended_tail = &context->ended;
	context->changes_tail = &context->changes;
	pthread_mutex_init(&context->lock, NULL);
	pthread_mutex_init(&context->events_lock, NULL);
	pthread_mutex_init(&context->waiters_lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&context->changed, &attributes);
	pthread_cond_init(&context->waiters, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_lock(&context->lock);
	open = standin_link_open(context);
	pthread_mutex_unlock(&context->lock);
	if (open)
		return context;
	context_free(context);
	return NULL;
}

int LIBUSB_CALL libusb_init(libusb_context **context)
{
	struct libusb_context *made;

	if (context) {
		*context = context_new();
		return *context ? LIBUSB_SUCCESS : LIBUSB_ERROR_OTHER;
	}
	made = standin_default_hold(context_new);
	return made ? LIBUSB_SUCCESS : LIBUSB_ERROR_OTHER;
}

/* libusb 1.0.27 (API 0x0100010A) added this call. Older headers do not declare it, but programs
 * built with a newer one call it. */
#if LIBUSB_API_VERSION < 0x0100010A
struct libusb_init_option;
__attribute__((visibility("default"))) int
libusb_init_context(libusb_context **context, const struct libusb_init_option *options, int count);
#endif

int LIBUSB_CALL libusb_init_context(libusb_context **context,
				    const struct libusb_init_option *options, int count)
{
	(void)options;
	(void)count;
	return libusb_init(context);
}

void LIBUSB_CALL libusb_exit(libusb_context *context)
{
	if (!context)
		context = standin_default_drop();
	if (context)
		context_free(context);
}

void LIBUSB_CALL libusb_set_debug(libusb_context *context, int level)
{
	(void)context;
	(void)level;
}

void LIBUSB_CALL libusb_set_log_cb(libusb_context *context, libusb_log_cb callback, int mode)
{
	(void)context;
	(void)callback;
	(void)mode;
}

int LIBUSB_CALL libusb_set_option(libusb_context *context, enum libusb_option option, ...)
{
	(void)context;
	switch (option) {
	case LIBUSB_OPTION_LOG_LEVEL:
	case LIBUSB_OPTION_NO_DEVICE_DISCOVERY:
		return LIBUSB_SUCCESS;
	default:
		return LIBUSB_ERROR_NOT_SUPPORTED;
	}
}

int LIBUSB_CALL libusb_has_capability(uint32_t capability)
{
	return capability == LIBUSB_CAP_HAS_CAPABILITY || capability == LIBUSB_CAP_HAS_HOTPLUG ||
	       capability == LIBUSB_CAP_SUPPORTS_DETACH_KERNEL_DRIVER;
}

const struct libusb_version *LIBUSB_CALL libusb_get_version(void)
{
	static const struct libusb_version version = {1, 0, 26, 11724, "", "http://libusb.info"};

	return &version;
}

int LIBUSB_CALL libusb_setlocale(const char *locale)
{
	(void)locale;
	return LIBUSB_SUCCESS;
}

static const struct {
	int code;
	const char *name, *text;
} errors[] = {
	{LIBUSB_SUCCESS, "LIBUSB_SUCCESS", "Success"},
	{LIBUSB_ERROR_IO, "LIBUSB_ERROR_IO", "Input/Output Error"},
	{LIBUSB_ERROR_INVALID_PARAM, "LIBUSB_ERROR_INVALID_PARAM", "Invalid parameter"},
	{LIBUSB_ERROR_ACCESS, "LIBUSB_ERROR_ACCESS", "Access denied (insufficient permissions)"},
	{LIBUSB_ERROR_NO_DEVICE, "LIBUSB_ERROR_NO_DEVICE",
	 "No such device (it may have been disconnected)"},
	{LIBUSB_ERROR_NOT_FOUND, "LIBUSB_ERROR_NOT_FOUND", "Entity not found"},
	{LIBUSB_ERROR_BUSY, "LIBUSB_ERROR_BUSY", "Resource busy"},
	{LIBUSB_ERROR_TIMEOUT, "LIBUSB_ERROR_TIMEOUT", "Operation timed out"},
	{LIBUSB_ERROR_OVERFLOW, "LIBUSB_ERROR_OVERFLOW", "Overflow"},
	{LIBUSB_ERROR_PIPE, "LIBUSB_ERROR_PIPE", "Pipe error"},
	{LIBUSB_ERROR_INTERRUPTED, "LIBUSB_ERROR_INTERRUPTED",
	 "System call interrupted (perhaps due to signal)"},
	{LIBUSB_ERROR_NO_MEM, "LIBUSB_ERROR_NO_MEM", "Insufficient memory"},
	{LIBUSB_ERROR_NOT_SUPPORTED, "LIBUSB_ERROR_NOT_SUPPORTED",
	 "Operation not supported or unimplemented on this platform"},
	{LIBUSB_ERROR_OTHER, "LIBUSB_ERROR_OTHER", "Other error"},
};

const char *LIBUSB_CALL libusb_error_name(int code)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].code == code)
			return errors[i].name;
	}
	return "**UNKNOWN**";
}

const char *LIBUSB_CALL libusb_strerror(int code)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].code == code)
			return errors[i].text;
	}
	return "Other error";
}
