/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus as the DFU room uses it: control transfers on endpoint 0 of one opened target, several of
 * which may be queued. The usb room implements it over asynchronous libusb transfers; tests
 * implement it with a script. A pipe belongs to one thread (the worker). */
#ifndef H7GANG_DFU_PIPE_H
#define H7GANG_DFU_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DFU_PIPE_SLOTS 128       /* transfers of one pipe, in flight or held ready behind those */
#define DFU_WINDOW_MOST 16       /* UPLOADs in flight at most, */
#define DFU_WINDOW_USUAL 8       /* and unless told otherwise: 12 ms of wire */
#define DFU_PIPE_MAX_LENGTH 4096 /* bytes of one control transfer: libusb refuses more on Linux */
#define DFU_ALTS_MAX 8           /* alternate settings looked at; ST's ROMs have at most 4 */

/* How one transfer ended. */
enum dfu_io {
	DFU_IO_OK = 0,
	DFU_IO_STALL,    /* protocol stall of endpoint 0: never clear_halt */
	DFU_IO_TIMEOUT,  /* its deadline passed; it was cancelled and reaped, and may have been
			    executed */
	DFU_IO_GONE,     /* the target left the bus; the pipe is of no further use */
	DFU_IO_OVERFLOW, /* the target sent more than was asked */
	DFU_IO_ERROR,    /* any other bus error */
	DFU_IO_LEAKED, /* not reaped 10 s after its cancellation: the pipe is dead, its slot must be
			  retired */
	DFU_IO_NOMEM,
	DFU_IO_DENIED, /* the host does not let the device be used */
	DFU_IO_UNSENT  /* held, and not released: nothing of it was on the bus */
};

struct dfu_setup {
	uint8_t request_type; /* bmRequestType, USB 2.0 9.3 */
	uint8_t request;      /* bRequest */
	uint16_t value;       /* wValue */
	uint16_t index;       /* wIndex */
	uint16_t length;      /* wLength, at most DFU_PIPE_MAX_LENGTH */
};

/* How a transfer ended, for the decision about the transfer held behind it. */
struct dfu_reply {
	enum dfu_io io;
	uint16_t length;     /* bytes asked for */
	size_t actual;       /* bytes moved */
	const uint8_t *data; /* that came in */
};

/* Whether the transfer held behind the one that ended so may go out. Called by the bus's own
 * thread: looks only at the reply, does not wait, takes no memory. */
typedef bool dfu_may_go(const struct dfu_reply *reply);

/* When a transfer went out and came back (base/clock). */
struct dfu_times {
	int64_t submitted; /* 0: never */
	int64_t landed;
};

struct dfu_pipe;

struct dfu_pipe_ops {
	/* Queues one transfer in `slot` (0..DFU_PIPE_SLOTS-1, which must be free). `out` is copied;
	 * it is NULL for IN transfers and those without data. Transfers execute in the order of
	 * their submission. Anything but DFU_IO_OK: nothing was queued. */
	enum dfu_io (*submit)(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *setup,
			      const uint8_t *out);

	/* Gets a transfer ready in `slot`, all as with submit, and holds it back until the one in
	 * the slot `behind` has ended, which must not have been waited for and must have no other
	 * one behind it. When that one completes before `until` and `may_go` accepts its result,
	 * this one is sent at once, from the completion. Otherwise it ends as DFU_IO_UNSENT, and so
	 * does all else that is held, until the pipe is empty. */
	enum dfu_io (*hold)(struct dfu_pipe *pipe, unsigned slot, unsigned behind,
			    const struct dfu_setup *setup, const uint8_t *out, dfu_may_go *may_go,
			    int64_t until);

	/* Waits for the transfer in `slot` until `deadline` (base/clock). On DFU_IO_OK `*actual` is
	 * the number of data bytes moved and, for IN, `*data` points at them; they stay valid until
	 * the slot is submitted again. At the deadline the transfer is cancelled and reaped. The
	 * slot is free afterwards, except after DFU_IO_LEAKED. */
	enum dfu_io (*wait)(struct dfu_pipe *pipe, unsigned slot, int64_t deadline,
			    const uint8_t **data, size_t *actual);

	/* Cancels every transfer that is queued or held, newest first, and reaps all of them:
	 * nothing more goes out. DFU_IO_OK, DFU_IO_GONE or DFU_IO_LEAKED. */
	enum dfu_io (*drain)(struct dfu_pipe *pipe);

	/* The times of the last transfer in `slot`, once it was waited for or drained. */
	struct dfu_times (*times)(const struct dfu_pipe *pipe, unsigned slot);

	/* SET_INTERFACE, within 5 s. Only on an empty pipe. */
	enum dfu_io (*set_alt)(struct dfu_pipe *pipe, unsigned alt);

	/* USB port reset. Only on an empty pipe. DFU_IO_GONE if the target re-enumerated or left: a
	 * new pipe is needed then. No deadline of its own. */
	enum dfu_io (*reset)(struct dfu_pipe *pipe);

	/* May be NULL. Sleeps until the transfer in `slot` has landed, or `deadline`; changes
	 * nothing. Waiting for those before it then takes no wake-up of its own. */
	void (*linger)(struct dfu_pipe *pipe, unsigned slot, int64_t deadline);
};

/* The descriptors' contents, filled in by the usb room. Every field is bounded; none is trusted. */
struct dfu_descriptors {
	uint8_t interface_number;
	uint16_t release;                                           /* bcdDevice */
	uint8_t manufacturer_string, product_string, serial_string; /* indexes, 0: none */
	unsigned alt_count; /* DFU alternate settings found, at most DFU_ALTS_MAX */
	struct {
		uint8_t setting;     /* bAlternateSetting */
		uint8_t name_string; /* iInterface: index of the layout string, 0: none */
	} alt[DFU_ALTS_MAX];
	bool has_functional;    /* DFU 1.1 4.1.3 functional descriptor was found */
	uint8_t attributes;     /* bmAttributes */
	uint16_t detach_ms;     /* wDetachTimeOut */
	uint16_t transfer_size; /* wTransferSize as reported, unchecked */
	uint16_t dfu_version;   /* bcdDFUVersion; 0x011A is DfuSe */
};

struct dfu_pipe {
	const struct dfu_pipe_ops *ops;
	struct dfu_descriptors descriptors;
};

#endif
