/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/attempt/link.h"

#include <stdio.h>

#include "h7gang/base/clock.h"
#include "result.h"

#define RETURN_LOOK_MS 50

bool link_wait_return(struct usb_bus *bus, const struct usb_seen *seen, int64_t deadline,
		      bool (*stop)(void *user), void *stop_user)
{
	int64_t rescan = clock_after_ms(500);

	for (;;) {
		struct usb_seen now;

		if (usb_bus_find(bus, seen->path, &now) &&
		    (now.bus != seen->bus || now.address != seen->address))
			return true;
		if (clock_now() >= deadline || (stop && stop(stop_user)))
			return false;
		clock_sleep_until(clock_earlier(deadline, clock_after_ms(RETURN_LOOK_MS)));
		if (clock_now() >= rescan) {
			usb_bus_look(bus); /* events are hints: without udev none comes */
			rescan = clock_after_ms(500);
		}
	}
}

enum dfu_result link_attach(struct link *link)
{
	enum dfu_io io = DFU_IO_OK;
	bool fell_back = link->session.fell_back; /* permanent, even on a new handle */
	int64_t starved_ms = link->session.starved_ms;
	struct dfu_pipe *pipe;

	link->why[0] = '\0';
	link->device = usb_open(link->bus, link->path, link->targets, link->claim_ms,
				link->deadline, &io, link->why, sizeof(link->why));
	if (!link->device)
		return io == DFU_IO_GONE     ? DFU_GONE
		       : io == DFU_IO_NOMEM  ? DFU_NO_MEMORY
		       : io == DFU_IO_DENIED ? DFU_DENIED
					     : DFU_BUS_ERROR;
	link->seen = *usb_device_seen(link->device);
	pipe = usb_device_pipe(link->device);
	if (link->trace)
		pipe = trace_tap(link->trace, pipe, &link->seen);
	if (!dfu_session_init(&link->session, pipe, &link->limits)) {
		snprintf(link->why, sizeof(link->why), "wTransferSize %u cannot carry a flash word",
			 pipe->descriptors.transfer_size);
		link_close(link);
		return DFU_BUS_ERROR;
	}
	link->session.fell_back = fell_back;
	link->session.starved_ms = starved_ms;
	link->session.deadline = link->deadline;
	link->session.stop = link->stop;
	link->session.stop_user = link->stop_user;
	link->attached++;
	return DFU_OK;
}

static enum dfu_result to_idle(struct link *link)
{
	bool was_busy = false;
	enum dfu_result result = dfu_to_idle(&link->session, link->busy_ms, &was_busy);

	link->was_busy = link->was_busy || was_busy;
	if (result == DFU_OK)
		result = dfu_select_alt(&link->session, link->alt);
	return result;
}

static enum dfu_result reset_and_reopen(struct link *link)
{
	struct dfu_pipe *pipe = link->session.pipe;
	struct usb_seen before = link->seen;
	enum dfu_io io = pipe->ops->reset(pipe);
	enum dfu_result result;

	if (io == DFU_IO_LEAKED)
		return DFU_LEAKED;
	/* The handle is stale whether or not libusb says so: pointer, alternate setting and UID are
	 * all done again on a new one. */
	if (!link_close(link))
		return DFU_LEAKED;
	if (io == DFU_IO_GONE &&
	    !link_wait_return(link->bus, &before,
			      clock_earlier(link->deadline, clock_after_ms(LINK_RETURN_MS)),
			      link->stop, link->stop_user) &&
	    !usb_bus_present(link->bus, &before)) {
		link->lost_in_reset = true;
		return DFU_GONE;
	}
	result = link_attach(link);
	return result == DFU_OK ? to_idle(link) : result;
}

static enum dfu_result ladder(struct link *link)
{
	enum dfu_result result = to_idle(link);

	if (result_reset_may_help(result))
		result = reset_and_reopen(link);
	return result;
}

enum dfu_result link_open(struct link *link)
{
	enum dfu_result result = link_attach(link);

	link->was_busy = false;
	return result == DFU_OK ? ladder(link) : result;
}

enum dfu_result link_recover(struct link *link)
{
	enum dfu_result result;

	if (!link->device)
		return DFU_GONE;
	result = ladder(link);
	link->was_busy = false; /* only we started operations since; the job knows them */
	return result;
}

bool link_close(struct link *link)
{
	bool clean;

	if (!link->device)
		return !link->leaked;
	clean = usb_device_close(link->device);
	link->device = NULL;
	if (!clean)
		link->leaked = true;
	return clean;
}
