/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the DFU interface in a configuration descriptor. */
#ifndef H7GANG_USB_DESCRIPTORS_H
#define H7GANG_USB_DESCRIPTORS_H

#include <libusb.h>

#include "h7gang/dfu/pipe.h"

/* The first interface with alternate settings of class FE/01/02 (DFU mode; run-time DFU, protocol
 * 01, must not be touched) and the functional descriptor. False if there is none. */
bool usb_find_dfu(const struct libusb_config_descriptor *config, struct dfu_descriptors *found);

#endif
