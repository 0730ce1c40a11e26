/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "standin.h"

void standin_post_change(struct libusb_context *context, struct libusb_device *device,
			 libusb_hotplug_event event)
{
	struct standin_change *change;

	if (!context->hotplugs)
		return;
	change = calloc(1, sizeof(*change));
	if (!change)
		return; /* the list of devices is still complete */
	change->device = libusb_ref_device(device);
	change->event = event;
	*context->changes_tail = change;
	context->changes_tail = &change->next;
}

/* With the lock, let go for the callback. */
static void tell(struct libusb_context *context, struct standin_hotplug *hotplug,
		 struct libusb_device *device, libusb_hotplug_event event)
{
	const uint8_t *descriptor = device->wire.descriptor;

	if (hotplug->dead || !(hotplug->events & (int)event) ||
	    (hotplug->vid >= 0 && hotplug->vid != (descriptor[8] | descriptor[9] << 8)) ||
	    (hotplug->pid >= 0 && hotplug->pid != (descriptor[10] | descriptor[11] << 8)) ||
	    (hotplug->device_class >= 0 && hotplug->device_class != descriptor[4]))
		return;
	pthread_mutex_unlock(&context->lock);
	if (hotplug->callback(context, device, event, hotplug->user))
		hotplug->dead = true;
	pthread_mutex_lock(&context->lock);
}

static void sweep(struct libusb_context *context)
{
	struct standin_hotplug **link = &context->hotplugs;

	while (!context->hotplug_depth && *link) {
		struct standin_hotplug *hotplug = *link;

		if (hotplug->dead) {
			*link = hotplug->next;
			free(hotplug);
		} else {
			link = &hotplug->next;
		}
	}
}

void standin_tell_changes(struct libusb_context *context)
{
	struct standin_change *change;

	context->hotplug_depth++;
	while ((change = context->changes)) {
		context->changes = change->next;
		if (!context->changes)
			context->changes_tail = &context->changes;
		for (struct standin_hotplug *hotplug = context->hotplugs; hotplug;
		     hotplug = hotplug->next)
			tell(context, hotplug, change->device, change->event);
		libusb_unref_device(change->device);
		free(change);
	}
	context->hotplug_depth--;
	sweep(context);
}

void standin_free_hotplugs(struct libusb_context *context)
{
	while (context->changes) {
		struct standin_change *change = context->changes;

		context->changes = change->next;
		libusb_unref_device(change->device);
		free(change);
	}
	while (context->hotplugs) {
		struct standin_hotplug *hotplug = context->hotplugs;

		context->hotplugs = hotplug->next;
		free(hotplug);
	}
}

/* Announces the present devices in the caller's thread, as libusb does. */
static void enumerate(struct libusb_context *context, struct standin_hotplug *hotplug)
{
	struct libusb_device **list = calloc(context->device_count + 1, sizeof(*list));

	for (size_t i = 0; list && i < context->device_count; i++)
		list[i] = libusb_ref_device(context->devices[i]);
	for (size_t i = 0; list && list[i]; i++)
		tell(context, hotplug, list[i], LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED);
	libusb_free_device_list(list, 1);
}

int LIBUSB_CALL libusb_hotplug_register_callback(libusb_context *context, int events, int flags,
						 int vid, int pid, int device_class,
						 libusb_hotplug_callback_fn callback, void *user,
						 libusb_hotplug_callback_handle *number)
{
	struct standin_hotplug *hotplug, **link;

	if (!events || !callback)
		return LIBUSB_ERROR_INVALID_PARAM;
	hotplug = calloc(1, sizeof(*hotplug));
	if (!hotplug)
		return LIBUSB_ERROR_NO_MEM;
	*hotplug = (struct standin_hotplug){.events = events,
					    .vid = vid,
					    .pid = pid,
					    .device_class = device_class,
					    .callback = callback,
					    .user = user};
	context = standin_context(context);
	pthread_mutex_lock(&context->lock);
	hotplug->number = ++context->last_hotplug;
	if (number)
		*number = hotplug->number;
	for (link = &context->hotplugs; *link; link = &(*link)->next)
		;
	*link = hotplug;
	context->hotplug_depth++;
	if (flags & LIBUSB_HOTPLUG_ENUMERATE && events & LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED)
		enumerate(context, hotplug);
	context->hotplug_depth--;
	sweep(context);
	pthread_mutex_unlock(&context->lock);
	return LIBUSB_SUCCESS;
}

static struct standin_hotplug *find(struct libusb_context *context,
				    libusb_hotplug_callback_handle number)
{
	struct standin_hotplug *hotplug = context->hotplugs;

	while (hotplug && hotplug->number != number)
		hotplug = hotplug->next;
	return hotplug;
}

void LIBUSB_CALL libusb_hotplug_deregister_callback(libusb_context *context,
						    libusb_hotplug_callback_handle number)
{
	struct standin_hotplug *hotplug;

	context = standin_context(context);
	pthread_mutex_lock(&context->lock);
	hotplug = find(context, number);
	if (hotplug)
		hotplug->dead = true;
	sweep(context);
	pthread_mutex_unlock(&context->lock);
}

void *LIBUSB_CALL libusb_hotplug_get_user_data(libusb_context *context,
					       libusb_hotplug_callback_handle number)
{
	struct standin_hotplug *hotplug;
	void *user;

	context = standin_context(context);
	pthread_mutex_lock(&context->lock);
	hotplug = find(context, number);
	user = hotplug ? hotplug->user : NULL;
	pthread_mutex_unlock(&context->lock);
	return user;
}
