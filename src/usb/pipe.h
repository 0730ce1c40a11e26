/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dfu_pipe over asynchronous libusb control transfers. */
#ifndef H7GANG_USB_PIPE_H
#define H7GANG_USB_PIPE_H

#include <libusb.h>

#include "h7gang/dfu/pipe.h"

struct usb_pipe;
struct usb_seat;

/* A pipe on an opened device with its DFU interface claimed. At most `most` transfers (at least 1)
 * are in flight. `seat`, which outlives the pipe, knows the boards that share the wire; NULL: none.
 * Returns NULL if memory is short. */
struct usb_pipe *usb_pipe_new(libusb_device_handle *handle,
			      const struct dfu_descriptors *descriptors, unsigned most,
			      struct usb_seat *seat);

struct dfu_pipe *usb_pipe_base(struct usb_pipe *pipe);

/* Drains, then frees. False if a transfer could not be reaped. The pipe, its buffers and that
 * transfer are then never freed, because the kernel may still write into them. The caller must not
 * close the handle either. */
bool usb_pipe_free(struct usb_pipe *pipe);

#endif
