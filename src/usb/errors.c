/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "errors.h"

enum dfu_io usb_io_from_error(int error)
{
	if (error >= 0)
		return DFU_IO_OK;
	switch (error) {
	case LIBUSB_ERROR_NO_DEVICE:
		return DFU_IO_GONE;
	case LIBUSB_ERROR_TIMEOUT:
		return DFU_IO_TIMEOUT;
	case LIBUSB_ERROR_PIPE:
		return DFU_IO_STALL;
	case LIBUSB_ERROR_OVERFLOW:
		return DFU_IO_OVERFLOW;
	case LIBUSB_ERROR_NO_MEM:
		return DFU_IO_NOMEM;
	default:
		return DFU_IO_ERROR;
	}
}

enum dfu_io usb_io_from_transfer(enum libusb_transfer_status status)
{
	switch (status) {
	case LIBUSB_TRANSFER_COMPLETED:
		return DFU_IO_OK;
	case LIBUSB_TRANSFER_TIMED_OUT:
	case LIBUSB_TRANSFER_CANCELLED: /* only our own deadlines cancel */
		return DFU_IO_TIMEOUT;
	case LIBUSB_TRANSFER_STALL:
		return DFU_IO_STALL;
	case LIBUSB_TRANSFER_NO_DEVICE:
		return DFU_IO_GONE;
	case LIBUSB_TRANSFER_OVERFLOW:
		return DFU_IO_OVERFLOW;
	case LIBUSB_TRANSFER_ERROR:
		break;
	}
	return DFU_IO_ERROR;
}

const char *usb_error_name(int error)
{
	return libusb_error_name(error);
}
