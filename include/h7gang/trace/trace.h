/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flight recorder: the last control transfers of one board, kept in memory, and written as a
 * pcapng file of Linux usbmon packets (LINKTYPE_USB_LINUX_MMAPPED) when an attempt fails, so that
 * Wireshark and tshark decode it as USB DFU. A recorder belongs to one worker thread. */
#ifndef H7GANG_TRACE_TRACE_H
#define H7GANG_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/dfu/pipe.h"
#include "h7gang/usb/bus.h"

#define TRACE_TRANSFERS 256 /* kept a board */
#define TRACE_DATA_BYTES                                                                           \
	(96u << 10)             /* of their data; older transfers make room. All of it: < 128 KiB */
#define TRACE_CAPTURE_MAX 1024u /* bytes of one transfer's data that are kept */
#define TRACE_NAME_SIZE 64
#define TRACE_HIDDEN 0x2a /* '*': stands for each byte that must not be shown */

struct trace;
struct trace_folder;

/* Addresses of secret contents, never stored nor written; both ends included. */
struct trace_range {
	uint32_t first, last;
};

/* The folder that --trace names. It must be there and take new files: NULL with a reason otherwise.
 */
struct trace_folder *trace_folder_open(const char *path, char *why, size_t why_size);
void trace_folder_close(struct trace_folder *folder);

/* `secret` is borrowed until trace_free; `secrets` 0: nothing is hidden. NULL: no memory. */
struct trace *trace_new(const struct trace_range *secret, unsigned secrets);
void trace_free(struct trace *trace);

/* A new attempt: forgets all transfers. */
void trace_begin(struct trace *trace);

/* A pipe that forwards to `pipe` and records. It is the recorder's and replaces the one of an
 * earlier call; `pipe` must outlive its use. */
struct dfu_pipe *trace_tap(struct trace *trace, struct dfu_pipe *pipe, const struct usb_seen *seen);

/* Writes the transfers into `name` in the folder: a new file, mode 0640, never through a symbolic
 * link, and none is left after a failure. */
bool trace_keep(const struct trace *trace, const struct trace_folder *folder, const char *name,
		char *why, size_t why_size);

#endif
