/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single requests for callers outside the dfu room: each is left out after a stop. */
#include "request.h"

enum dfu_result dfu_get_status(struct dfu_session *s, uint32_t timeout_ms, struct dfu_status *out)
{
	enum dfu_result result = dfu_gate(s);

	if (result == DFU_OK)
		result = dfu_ask_status(s, timeout_ms ? timeout_ms : s->limits.transfer_ms);
	if (result == DFU_OK && out)
		*out = s->last;
	return result;
}

enum dfu_result dfu_get_state(struct dfu_session *s, uint8_t *state)
{
	enum dfu_result result = dfu_gate(s);

	return result == DFU_OK ? dfu_ask_state(s, s->limits.transfer_ms, state) : result;
}

enum dfu_result dfu_clear_status(struct dfu_session *s)
{
	enum dfu_result result = dfu_gate(s);

	return result == DFU_OK ? dfu_send(s, DFU_CLRSTATUS, 0, NULL, 0) : result;
}

enum dfu_result dfu_abort(struct dfu_session *s)
{
	enum dfu_result result = dfu_gate(s);

	return result == DFU_OK ? dfu_send(s, DFU_ABORT, 0, NULL, 0) : result;
}

enum dfu_result dfu_select_alt(struct dfu_session *s, unsigned alt)
{
	enum dfu_result result = dfu_gate(s);

	if (result == DFU_OK)
		result = dfu_set_alt(s, alt);
	if (result == DFU_OK)
		s->alt = alt;
	return result;
}
