/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls of libusb-1.0 that no USB 2.0 device of the fleet answers: programs that link them must
 * load. */
#include "standin.h"

int LIBUSB_CALL libusb_alloc_streams(libusb_device_handle *handle, uint32_t streams,
				     unsigned char *endpoints, int count)
{
	(void)handle;
	(void)streams;
	(void)endpoints;
	(void)count;
	return LIBUSB_ERROR_NOT_SUPPORTED;
}

int LIBUSB_CALL libusb_free_streams(libusb_device_handle *handle, unsigned char *endpoints,
				    int count)
{
	(void)handle;
	(void)endpoints;
	(void)count;
	return LIBUSB_ERROR_NOT_SUPPORTED;
}

void LIBUSB_CALL libusb_transfer_set_stream_id(struct libusb_transfer *transfer, uint32_t stream)
{
	(void)transfer;
	(void)stream;
}

uint32_t LIBUSB_CALL libusb_transfer_get_stream_id(struct libusb_transfer *transfer)
{
	(void)transfer;
	return 0;
}

/* As on a kernel without this call: programs fall back to memory of their own. */
unsigned char *LIBUSB_CALL libusb_dev_mem_alloc(libusb_device_handle *handle, size_t length)
{
	(void)handle;
	(void)length;
	return NULL;
}

int LIBUSB_CALL libusb_dev_mem_free(libusb_device_handle *handle, unsigned char *memory,
				    size_t length)
{
	(void)handle;
	(void)memory;
	(void)length;
	return LIBUSB_ERROR_NOT_SUPPORTED;
}

int LIBUSB_CALL libusb_get_ss_endpoint_companion_descriptor(
	libusb_context *context, const struct libusb_endpoint_descriptor *endpoint,
	struct libusb_ss_endpoint_companion_descriptor **companion)
{
	(void)context;
	(void)endpoint;
	*companion = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

void LIBUSB_CALL libusb_free_ss_endpoint_companion_descriptor(
	struct libusb_ss_endpoint_companion_descriptor *companion)
{
	(void)companion;
}

int LIBUSB_CALL libusb_get_usb_2_0_extension_descriptor(
	libusb_context *context, struct libusb_bos_dev_capability_descriptor *capability,
	struct libusb_usb_2_0_extension_descriptor **extension)
{
	(void)context;
	(void)capability;
	*extension = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

void LIBUSB_CALL
libusb_free_usb_2_0_extension_descriptor(struct libusb_usb_2_0_extension_descriptor *extension)
{
	(void)extension;
}

int LIBUSB_CALL libusb_get_ss_usb_device_capability_descriptor(
	libusb_context *context, struct libusb_bos_dev_capability_descriptor *capability,
	struct libusb_ss_usb_device_capability_descriptor **device)
{
	(void)context;
	(void)capability;
	*device = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

void LIBUSB_CALL libusb_free_ss_usb_device_capability_descriptor(
	struct libusb_ss_usb_device_capability_descriptor *device)
{
	(void)device;
}

int LIBUSB_CALL libusb_get_container_id_descriptor(
	libusb_context *context, struct libusb_bos_dev_capability_descriptor *capability,
	struct libusb_container_id_descriptor **container)
{
	(void)context;
	(void)capability;
	*container = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

void LIBUSB_CALL
libusb_free_container_id_descriptor(struct libusb_container_id_descriptor *container)
{
	(void)container;
}

#if LIBUSB_API_VERSION >= 0x0100010A /* libusb 1.0.27 and 1.0.28 */

struct libusb_ssplus_usb_device_capability_descriptor;

int LIBUSB_CALL libusb_get_platform_descriptor(
	libusb_context *context, struct libusb_bos_dev_capability_descriptor *capability,
	struct libusb_platform_descriptor **platform)
{
	(void)context;
	(void)capability;
	*platform = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

void LIBUSB_CALL libusb_free_platform_descriptor(struct libusb_platform_descriptor *platform)
{
	(void)platform;
}

int LIBUSB_CALL libusb_get_interface_association_descriptors(
	libusb_device *device, uint8_t config,
	struct libusb_interface_association_descriptor_array **array)
{
	(void)device;
	(void)config;
	*array = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_get_active_interface_association_descriptors(
	libusb_device *device, struct libusb_interface_association_descriptor_array **array)
{
	return libusb_get_interface_association_descriptors(device, 0, array);
}

void LIBUSB_CALL libusb_free_interface_association_descriptors(
	struct libusb_interface_association_descriptor_array *array)
{
	(void)array;
}

/* DFU has no endpoints but the control endpoint. */
int LIBUSB_CALL libusb_get_max_alt_packet_size(libusb_device *device, int interface, int setting,
					       unsigned char endpoint)
{
	(void)device;
	(void)interface;
	(void)setting;
	(void)endpoint;
	return LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_get_ssplus_usb_device_capability_descriptor(
	libusb_context *context, struct libusb_bos_dev_capability_descriptor *capability,
	struct libusb_ssplus_usb_device_capability_descriptor **device)
{
	(void)context;
	(void)capability;
	*device = NULL;
	return LIBUSB_ERROR_NOT_FOUND;
}

void LIBUSB_CALL libusb_free_ssplus_usb_device_capability_descriptor(
	struct libusb_ssplus_usb_device_capability_descriptor *device)
{
	(void)device;
}

#endif
