/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Synchronous calls, on top of the asynchronous ones. */
#include <stdlib.h>
#include <string.h>

#include "standin.h"

static void LIBUSB_CALL completed(struct libusb_transfer *transfer)
{
	*(int *)transfer->user_data = 1;
}

static int outcome(const struct libusb_transfer *transfer)
{
	switch (transfer->status) {
	case LIBUSB_TRANSFER_COMPLETED:
		return transfer->actual_length;
	case LIBUSB_TRANSFER_TIMED_OUT:
		return LIBUSB_ERROR_TIMEOUT;
	case LIBUSB_TRANSFER_STALL:
		return LIBUSB_ERROR_PIPE;
	case LIBUSB_TRANSFER_NO_DEVICE:
		return LIBUSB_ERROR_NO_DEVICE;
	case LIBUSB_TRANSFER_OVERFLOW:
		return LIBUSB_ERROR_OVERFLOW;
	default:
		return LIBUSB_ERROR_IO;
	}
}

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle *handle, uint8_t type, uint8_t request,
					uint16_t value, uint16_t index, unsigned char *data,
					uint16_t length, unsigned int timeout)
{
	struct libusb_transfer *transfer;
	struct libusb_context *context = handle->device->context;
	unsigned char *buffer;
	int done = 0, result;

	if (standin_dispatching == context)
		return LIBUSB_ERROR_BUSY;
	transfer = libusb_alloc_transfer(0);
	buffer = malloc(LIBUSB_CONTROL_SETUP_SIZE + (size_t)length);
	if (!transfer || !buffer) {
		free(buffer);
		libusb_free_transfer(transfer);
		return LIBUSB_ERROR_NO_MEM;
	}
	libusb_fill_control_setup(buffer, type, request, value, index, length);
	if (!(type & LIBUSB_ENDPOINT_IN) && length)
		memcpy(buffer + LIBUSB_CONTROL_SETUP_SIZE, data, length);
	libusb_fill_control_transfer(transfer, handle, buffer, completed, &done, timeout);
	result = libusb_submit_transfer(transfer);
	if (result == LIBUSB_SUCCESS) {
		while (!done)
			libusb_handle_events_completed(context, &done);
		if (type & LIBUSB_ENDPOINT_IN && transfer->actual_length > 0)
			memcpy(data, buffer + LIBUSB_CONTROL_SETUP_SIZE,
			       (size_t)transfer->actual_length);
		result = outcome(transfer);
	}
	free(buffer);
	libusb_free_transfer(transfer);
	return result;
}

/* There is no endpoint but 0. */
int LIBUSB_CALL libusb_bulk_transfer(libusb_device_handle *handle, unsigned char endpoint,
				     unsigned char *data, int length, int *actual,
				     unsigned int timeout)
{
	(void)endpoint;
	(void)data;
	(void)length;
	(void)timeout;
	if (actual)
		*actual = 0;
	return atomic_load(&handle->device->gone) ? LIBUSB_ERROR_NO_DEVICE : LIBUSB_ERROR_IO;
}

int LIBUSB_CALL libusb_interrupt_transfer(libusb_device_handle *handle, unsigned char endpoint,
					  unsigned char *data, int length, int *actual,
					  unsigned int timeout)
{
	return libusb_bulk_transfer(handle, endpoint, data, length, actual, timeout);
}

int LIBUSB_CALL libusb_get_string_descriptor_ascii(libusb_device_handle *handle, uint8_t index,
						   unsigned char *text, int size)
{
	unsigned char raw[255];
	unsigned language;
	int got, length = 0;

	if (!index || size <= 0)
		return LIBUSB_ERROR_INVALID_PARAM;
	got = libusb_get_string_descriptor(handle, 0, 0, raw, sizeof(raw));
	if (got < 0)
		return got;
	if (got < 4)
		return LIBUSB_ERROR_IO;
	language = raw[2] | (unsigned)raw[3] << 8;
	got = libusb_get_string_descriptor(handle, index, (uint16_t)language, raw, sizeof(raw));
	if (got < 0)
		return got;
	if (got < 2 || raw[1] != LIBUSB_DT_STRING || raw[0] > got)
		return LIBUSB_ERROR_IO;
	for (int i = 2; i + 1 < raw[0] && length < size - 1; i += 2)
		text[length++] = raw[i + 1] || raw[i] > 0x7f ? '?' : raw[i];
	text[length] = '\0';
	return length;
}
