/* SPDX-License-Identifier: GPL-2.0-or-later */
/* References to devices. */
#include <stdlib.h>

#include "standin.h"

/* A mutex rather than an atomic count: it shows a ThreadSanitizer in the program that the free of a
 * device comes after all reads. */
static pthread_mutex_t references_lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned add_references(struct libusb_device *device, int change)
{
	unsigned left;

	pthread_mutex_lock(&references_lock);
	device->references += (unsigned)change;
	left = device->references;
	pthread_mutex_unlock(&references_lock);
	return left;
}

libusb_device *LIBUSB_CALL libusb_ref_device(libusb_device *device)
{
	add_references(device, 1);
	return device;
}

void LIBUSB_CALL libusb_unref_device(libusb_device *device)
{
	if (!device || add_references(device, -1))
		return;
	free(device->config);
	free(device);
}

void LIBUSB_CALL libusb_free_device_list(libusb_device **list, int unref)
{
	if (!list)
		return;
	for (size_t i = 0; unref && list[i]; i++)
		libusb_unref_device(list[i]);
	free(list);
}
