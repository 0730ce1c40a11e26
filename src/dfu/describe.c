/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/dfu/session.h"

#include <stdio.h>

static const char *what_happened(enum dfu_result result)
{
	switch (result) {
	case DFU_OK:
		return "was answered";
	case DFU_BAD_STATUS:
		return "refused";
	case DFU_BAD_STATE:
		return "left a wrong state";
	case DFU_WEDGED:
		return "busy beyond the worst case";
	case DFU_STALLED:
		return "stalled";
	case DFU_TIMED_OUT:
		return "timed out";
	case DFU_GONE:
		return "lost: the board left the bus";
	case DFU_SHORT:
		return "moved fewer bytes than asked";
	case DFU_LONG:
		return "moved more bytes than asked";
	case DFU_BUS_ERROR:
		return "failed on the bus";
	case DFU_STUCK:
		return "failed: no way back to dfuIDLE";
	case DFU_LEAKED:
		return "could not be cancelled";
	case DFU_EXPIRED:
		return "not sent: the time allowed is over";
	case DFU_STOPPED:
		return "not sent: stopped";
	case DFU_REFUSED:
		return "not sent: address or length out of range";
	case DFU_NO_MEMORY:
		return "not sent: out of memory";
	case DFU_DENIED:
		return "not sent: this computer does not let the board be used";
	}
	return "failed";
}

void dfu_describe(const struct dfu_session *s, enum dfu_result result, char *text, size_t size)
{
	bool status_tells = result == DFU_BAD_STATUS || result == DFU_BAD_STATE ||
			    result == DFU_WEDGED || result == DFU_STALLED || result == DFU_STUCK;
	bool request_tells = result != DFU_OK && result != DFU_EXPIRED && result != DFU_STOPPED &&
			     result != DFU_REFUSED;
	const char *what = what_happened(result);

	if (size == 0)
		return;
	/* A stall whose reason the target reported is still a stall in a bus trace. */
	if (result == DFU_BAD_STATUS && s->last_io == DFU_IO_STALL)
		what = what_happened(DFU_STALLED);
	if (request_tells)
		snprintf(text, size, "%s %s", dfu_request_name(s->last_request), what);
	else
		snprintf(text, size, "%s", what);
	if (status_tells && s->last.known) {
		char head[96];

		snprintf(head, sizeof(head), "%s", text);
		snprintf(text, size, "%s, %s, %s%s%s%s", head, dfu_state_name(s->last.state),
			 dfu_status_name(s->last.status), s->reason[0] ? ": \"" : "", s->reason,
			 s->reason[0] ? "\"" : "");
	}
}
