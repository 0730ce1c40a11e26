/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking one target by itself, apart from a run: one transfer at a time, gently. */
#ifndef GANG_IDENTITY_H
#define GANG_IDENTITY_H

#include "link.h"
#include "probe.h"

/* A link to what is on `path`, with the given time for all of it. */
void identity_link(struct link *link, struct usb_bus *bus, const char *path, int64_t deadline);

/* A part of the series that the layout string tells of, and that series' name ("" unknown). */
const struct stm32_part *identity_part(const char *layout, const char **family);

/* The same by all that the target told: ROM V9.1 of an H72x has the layout string of an H74x. */
const struct stm32_part *identity_told(const struct probe *probe, const char **family);

/* The string of alternate setting 0. */
enum dfu_result identity_layout(struct link *link, char *text, size_t size);

/* Whether the state is one of a download under way: such a target is left alone. */
bool identity_busy(uint8_t state);

#endif
