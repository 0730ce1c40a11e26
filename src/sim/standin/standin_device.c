/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "standin.h"

#define SET_ALT_NS UINT64_C(5000000000) /* Linux: USB_CTRL_SET_TIMEOUT */

void standin_arrived(struct libusb_context *context, const struct proto_head *head,
		     const uint8_t *body, size_t length)
{
	struct libusb_device *device = calloc(1, sizeof(*device));
	struct libusb_device **grown =
		realloc(context->devices, (context->device_count + 1) * sizeof(*grown));

	if (grown)
		context->devices = grown;
	if (!device || !grown || length < sizeof(device->wire))
		goto fail;
	memcpy(&device->wire, body, sizeof(device->wire));
	if (device->wire.config_length != length - sizeof(device->wire))
		goto fail;
	device->config = malloc(device->wire.config_length);
	if (!device->config)
		goto fail;
	memcpy(device->config, body + sizeof(device->wire), device->wire.config_length);
	device->generation = head->device;
	device->context = context;
	device->references = 1;
	context->devices[context->device_count++] = device;
	standin_post_change(context, device, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED);
	return;
fail:
	free(device);
}

void standin_left(struct libusb_context *context, uint32_t generation)
{
	for (size_t i = 0; i < context->device_count; i++) {
		struct libusb_device *device = context->devices[i];

		if (device->generation != generation)
			continue;
		atomic_store(&device->gone, true);
		memmove(context->devices + i, context->devices + i + 1,
			(--context->device_count - i) * sizeof(*context->devices));
		standin_post_change(context, device, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT);
		libusb_unref_device(device);
		return;
	}
}

/* The program may keep devices longer than their context. */
void standin_forget_devices(struct libusb_context *context)
{
	while (context->device_count) {
		struct libusb_device *device = context->devices[--context->device_count];

		atomic_store(&device->gone, true);
		libusb_unref_device(device);
	}
}

ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
	struct proto_head sync = {.type = PROTO_SYNC};
	ssize_t count = LIBUSB_ERROR_NO_MEM;

	context = standin_context(context);
	pthread_mutex_lock(&context->lock);
	/* All changes up to now arrive before the answer. */
	standin_call(context, &sync, NULL, 0, STANDIN_NEVER);
	*list = calloc(context->device_count + 1, sizeof(**list));
	if (*list) {
		count = (ssize_t)context->device_count;
		for (ssize_t i = 0; i < count; i++)
			(*list)[i] = libusb_ref_device(context->devices[i]);
	}
	pthread_mutex_unlock(&context->lock);
	return count;
}

uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device *device)
{
	return device->wire.bus;
}

uint8_t LIBUSB_CALL libusb_get_port_number(libusb_device *device)
{
	return device->wire.port_count ? device->wire.ports[device->wire.port_count - 1] : 0;
}

int LIBUSB_CALL libusb_get_port_numbers(libusb_device *device, uint8_t *ports, int size)
{
	if (size <= 0)
		return LIBUSB_ERROR_INVALID_PARAM;
	if (size < device->wire.port_count)
		return LIBUSB_ERROR_OVERFLOW;
	memcpy(ports, device->wire.ports, device->wire.port_count);
	return device->wire.port_count;
}

int LIBUSB_CALL libusb_get_port_path(libusb_context *context, libusb_device *device, uint8_t *ports,
				     uint8_t size)
{
	(void)context;
	return libusb_get_port_numbers(device, ports, size);
}

static bool is_parent(const struct proto_device *parent, const struct proto_device *child)
{
	return child->port_count > 0 && parent->bus == child->bus &&
	       parent->port_count == child->port_count - 1 &&
	       memcmp(parent->ports, child->ports, parent->port_count) == 0;
}

/* Borrowed, as in libusb: valid while the program holds a device list. */
libusb_device *LIBUSB_CALL libusb_get_parent(libusb_device *device)
{
	struct libusb_context *context = device->context;
	libusb_device *parent = NULL;

	if (atomic_load(&device->gone))
		return NULL;
	pthread_mutex_lock(&context->lock);
	for (size_t i = 0; i < context->device_count && !parent; i++)
		if (is_parent(&context->devices[i]->wire, &device->wire))
			parent = context->devices[i];
	pthread_mutex_unlock(&context->lock);
	return parent;
}

uint8_t LIBUSB_CALL libusb_get_device_address(libusb_device *device)
{
	return device->wire.address;
}

int LIBUSB_CALL libusb_get_device_speed(libusb_device *device)
{
	return device->wire.speed;
}

int LIBUSB_CALL libusb_get_max_packet_size(libusb_device *device, unsigned char endpoint)
{
	(void)device;
	(void)endpoint;
	return LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_get_max_iso_packet_size(libusb_device *device, unsigned char endpoint)
{
	return libusb_get_max_packet_size(device, endpoint);
}

static int from_status(enum proto_status status)
{
	switch (status) {
	case PROTO_OK:
		return LIBUSB_SUCCESS;
	case PROTO_GONE:
		return LIBUSB_ERROR_NO_DEVICE;
	case PROTO_BUSY_CLAIMED:
		return LIBUSB_ERROR_BUSY;
	case PROTO_NOT_FOUND:
		return LIBUSB_ERROR_NOT_FOUND;
	default:
		return LIBUSB_ERROR_OTHER;
	}
}

int LIBUSB_CALL libusb_open(libusb_device *device, libusb_device_handle **opened)
{
	struct libusb_context *context = device->context;
	struct libusb_device_handle *handle;
	struct proto_head head = {.type = PROTO_OPEN, .device = device->generation};
	enum proto_status status;

	if (atomic_load(&device->gone))
		return LIBUSB_ERROR_NO_DEVICE;
	handle = calloc(1, sizeof(*handle));
	if (!handle)
		return LIBUSB_ERROR_NO_MEM;
	handle->device = libusb_ref_device(device);
	pthread_mutex_lock(&context->lock);
	head.handle = handle->number = ++context->last_handle;
	status = standin_call(context, &head, NULL, 0, STANDIN_NEVER);
	if (status == PROTO_OK) {
		handle->next = context->handles;
		context->handles = handle;
	}
	pthread_mutex_unlock(&context->lock);
	if (status != PROTO_OK) {
		libusb_unref_device(device);
		free(handle);
		return from_status(status);
	}
	*opened = handle;
	return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_wrap_sys_device(libusb_context *context, intptr_t device,
				       libusb_device_handle **handle)
{
	(void)context;
	(void)device;
	(void)handle;
	return LIBUSB_ERROR_NOT_SUPPORTED;
}

libusb_device_handle *LIBUSB_CALL libusb_open_device_with_vid_pid(libusb_context *context,
								  uint16_t vid, uint16_t pid)
{
	libusb_device_handle *handle = NULL;
	libusb_device **list;

	if (libusb_get_device_list(context, &list) < 0)
		return NULL;
	for (size_t i = 0; list[i]; i++) {
		struct libusb_device_descriptor descriptor;

		libusb_get_device_descriptor(list[i], &descriptor);
		if (descriptor.idVendor == vid && descriptor.idProduct == pid) {
			if (libusb_open(list[i], &handle) < 0)
				handle = NULL;
			break;
		}
	}
	libusb_free_device_list(list, 1);
	return handle;
}

void LIBUSB_CALL libusb_close(libusb_device_handle *handle)
{
	struct libusb_context *context;
	struct proto_head head = {.type = PROTO_CLOSE};

	if (!handle)
		return;
	context = handle->device->context;
	pthread_mutex_lock(&context->lock);
	head.handle = handle->number;
	standin_send(context, &head, NULL, 0);
	standin_abandon(context, handle);
	pthread_mutex_unlock(&context->lock);
	libusb_unref_device(handle->device);
	free(handle);
}

libusb_device *LIBUSB_CALL libusb_get_device(libusb_device_handle *handle)
{
	return handle->device;
}

static enum proto_status call(libusb_device_handle *handle, enum proto_type type, int interface)
{
	struct libusb_context *context = handle->device->context;
	struct proto_head head = {
		.type = (uint8_t)type, .handle = handle->number, .interface = (uint16_t)interface};
	enum proto_status status;

	pthread_mutex_lock(&context->lock);
	status = standin_call(context, &head, NULL, 0, STANDIN_NEVER);
	if (type == PROTO_CLAIM && status == PROTO_OK)
		handle->claimed |= UINT32_C(1) << interface;
	if (type == PROTO_RELEASE && (status == PROTO_OK || status == PROTO_GONE))
		handle->claimed &= ~(UINT32_C(1) << interface);
	pthread_mutex_unlock(&context->lock);
	return status;
}

static bool claimed(libusb_device_handle *handle, int interface)
{
	bool is;

	pthread_mutex_lock(&handle->device->context->lock);
	is = handle->claimed & UINT32_C(1) << interface;
	pthread_mutex_unlock(&handle->device->context->lock);
	return is;
}

int LIBUSB_CALL libusb_claim_interface(libusb_device_handle *handle, int interface)
{
	if (interface < 0 || interface >= 32)
		return LIBUSB_ERROR_INVALID_PARAM;
	if (atomic_load(&handle->device->gone))
		return LIBUSB_ERROR_NO_DEVICE;
	if (claimed(handle, interface))
		return LIBUSB_SUCCESS;
	return from_status(call(handle, PROTO_CLAIM, interface));
}

int LIBUSB_CALL libusb_release_interface(libusb_device_handle *handle, int interface)
{
	if (interface < 0 || interface >= 32)
		return LIBUSB_ERROR_INVALID_PARAM;
	if (!claimed(handle, interface))
		return LIBUSB_ERROR_NOT_FOUND;
	return from_status(call(handle, PROTO_RELEASE, interface));
}

int LIBUSB_CALL libusb_set_interface_alt_setting(libusb_device_handle *handle, int interface,
						 int alt)
{
	struct libusb_context *context = handle->device->context;
	struct proto_head head = {.type = PROTO_SET_ALT, .handle = handle->number};
	const uint8_t body[2] = {(uint8_t)interface, (uint8_t)alt};
	enum proto_status status;

	if (interface < 0 || interface >= 32 || alt < 0 || alt > 255)
		return LIBUSB_ERROR_INVALID_PARAM;
	if (atomic_load(&handle->device->gone))
		return LIBUSB_ERROR_NO_DEVICE;
	if (!claimed(handle, interface))
		return LIBUSB_ERROR_NOT_FOUND;
	pthread_mutex_lock(&context->lock);
	status = standin_call(context, &head, body, sizeof(body), standin_now() + SET_ALT_NS);
	pthread_mutex_unlock(&context->lock);
	return from_status(status);
}

/* Linux takes the interfaces away for a reset: libusb gives them up before and claims them again.
 */
int LIBUSB_CALL libusb_reset_device(libusb_device_handle *handle)
{
	uint32_t had = 0;
	enum proto_status status;

	if (atomic_load(&handle->device->gone))
		return LIBUSB_ERROR_NO_DEVICE;
	for (int i = 0; i < 32; i++) {
		if (claimed(handle, i)) {
			had |= UINT32_C(1) << i;
			call(handle, PROTO_RELEASE, i);
		}
	}
	status = call(handle, PROTO_RESET, 0);
	if (status != PROTO_OK)
		return status == PROTO_GONE ? LIBUSB_ERROR_NOT_FOUND : LIBUSB_ERROR_OTHER;
	for (int i = 0; i < 32; i++) {
		if (had & UINT32_C(1) << i && call(handle, PROTO_CLAIM, i) != PROTO_OK)
			return LIBUSB_ERROR_NOT_FOUND;
	}
	return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_get_configuration(libusb_device_handle *handle, int *configuration)
{
	if (atomic_load(&handle->device->gone))
		return LIBUSB_ERROR_NO_DEVICE;
	*configuration = handle->device->wire.configured ? handle->device->config[5] : 0;
	return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_set_configuration(libusb_device_handle *handle, int configuration)
{
	if (atomic_load(&handle->device->gone))
		return LIBUSB_ERROR_NO_DEVICE;
	return configuration == handle->device->config[5] ? LIBUSB_SUCCESS : LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_clear_halt(libusb_device_handle *handle, unsigned char endpoint)
{
	(void)endpoint;
	return atomic_load(&handle->device->gone) ? LIBUSB_ERROR_NO_DEVICE : LIBUSB_ERROR_NOT_FOUND;
}

/* No kernel driver binds to a DFU interface. */
int LIBUSB_CALL libusb_kernel_driver_active(libusb_device_handle *handle, int interface)
{
	(void)interface;
	return atomic_load(&handle->device->gone) ? LIBUSB_ERROR_NO_DEVICE : 0;
}

int LIBUSB_CALL libusb_detach_kernel_driver(libusb_device_handle *handle, int interface)
{
	(void)interface;
	return atomic_load(&handle->device->gone) ? LIBUSB_ERROR_NO_DEVICE : LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_attach_kernel_driver(libusb_device_handle *handle, int interface)
{
	return libusb_detach_kernel_driver(handle, interface);
}

int LIBUSB_CALL libusb_set_auto_detach_kernel_driver(libusb_device_handle *handle, int enable)
{
	(void)handle;
	(void)enable;
	return LIBUSB_SUCCESS;
}
