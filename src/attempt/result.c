/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "result.h"

/* One row a result. DFU_OK and DFU_REFUSED, our own mistake, have no meaning of their own here. */
/* clang-format off */
static const struct {
	enum h7_error error;
	bool transient, final, reset_may_help;
} results[] = {
	/*                 error           transient final  reset_may_help */
	[DFU_OK]         = {H7_USB_ERROR,    false, false, false},
	[DFU_BAD_STATUS] = {H7_DFU_STATUS,   false, false, true},
	[DFU_BAD_STATE]  = {H7_DFU_STATUS,   true,  false, true},
	[DFU_WEDGED]     = {H7_DFU_STUCK,    true,  false, true},
	[DFU_STALLED]    = {H7_USB_ERROR,    true,  false, true},
	[DFU_TIMED_OUT]  = {H7_USB_TIMEOUT,  true,  false, true},
	[DFU_GONE]       = {H7_NO_DEVICE,    false, true,  false},
	[DFU_SHORT]      = {H7_USB_ERROR,    true,  false, true},
	[DFU_LONG]       = {H7_USB_ERROR,    true,  false, true},
	[DFU_BUS_ERROR]  = {H7_USB_ERROR,    true,  false, true},
	[DFU_STUCK]      = {H7_DFU_STUCK,    false, false, true},
	[DFU_LEAKED]     = {H7_USB_TIMEOUT,  false, true,  false},
	[DFU_EXPIRED]    = {H7_UNIT_TIMEOUT, false, true,  false},
	[DFU_STOPPED]    = {H7_ABORTED,      false, true,  false},
	[DFU_REFUSED]    = {H7_USB_ERROR,    false, false, false},
	[DFU_NO_MEMORY]  = {H7_HOST_ERROR,   false, true,  false},
	[DFU_DENIED]     = {H7_HOST_ERROR,   false, true,  false},
};
/* clang-format on */

enum h7_error result_error(enum dfu_result result)
{
	return results[result].error;
}

bool result_is_transient(enum dfu_result result)
{
	return results[result].transient;
}

bool result_is_final(enum dfu_result result)
{
	return results[result].final;
}

bool result_reset_may_help(enum dfu_result result)
{
	return results[result].reset_may_help;
}
