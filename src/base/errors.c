/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/errors.h"

static const struct {
	const char *name;
	const char *advice;
	bool retried;
} errors[H7_ERROR_COUNT] = {
	[H7_OK] = {"", "Nothing to do.", false},
	[H7_NO_DEVICE] = {"no_device",
			  "The board left the bus: check its cable, its power and the seat in the "
			  "fixture, then insert it again.",
			  true},
	[H7_USB_TIMEOUT] =
		{"usb_timeout",
		 "The board stopped answering: switch its power off and on with BOOT0 high "
		 "and try again; if others on the same hub do it too, look at the hub.",
		 true},
	[H7_USB_ERROR] = {"usb_error",
			  "The bus failed: check cable and hub, and that no other program uses the "
			  "board; the detail names the request.",
			  true},
	[H7_DFU_STATUS] =
		{"dfu_status",
		 "The bootloader answered with an error, named in the detail: power-cycle the "
		 "board and try again.",
		 true},
	[H7_DFU_STUCK] =
		{"dfu_stuck",
		 "The bootloader could not be brought back to idle: switch the board's power "
		 "off and on with BOOT0 high and try again.",
		 true},
	[H7_READ_PROTECTED] =
		{"read_protected",
		 "The part is read-protected (RDP), so nothing was erased: remove the "
		 "protection deliberately with other means, or set the board aside.",
		 false},
	[H7_WRONG_PART] =
		{"wrong_part",
		 "The part is not the one of the profile: check that board and profile belong "
		 "together. Nothing was written.",
		 false},
	[H7_BOOTLOADER_DENIED] =
		{"bootloader_denied",
		 "The bootloader version is not on the profile's list: set the board "
		 "aside, or have the list extended. Nothing was written.",
		 false},
	[H7_NOT_BLANK] =
		{"not_blank",
		 "The flash holds data and the profile does not erase: use a blank board, or a "
		 "profile with another 'erase'.",
		 true},
	[H7_ERASE_FAILED] =
		{"erase_failed",
		 "The flash was not blank after erasing, or this bootloader has no safe way "
		 "to erase it: look for write protection in the option bytes, else set the "
		 "board aside.",
		 true},
	[H7_PROGRAM_FAILED] =
		{"program_failed",
		 "The bootloader refused to program a block: power-cycle the board and try "
		 "again; if it happens again, set the board aside.",
		 true},
	[H7_VERIFY_MISMATCH] =
		{"verify_mismatch",
		 "The flash does not hold the image; the detail says where: program the "
		 "board again, and if it happens again set it aside.",
		 true},
	[H7_LEAVE_FAILED] =
		{"leave_failed",
		 "The flash is right but the board stayed in its bootloader: check BOOT0 and "
		 "power-cycle the board.",
		 false},
	[H7_OPTION_BYTES] =
		{"option_bytes",
		 "The option bytes are not as the profile wants them; the detail shows both "
		 "values: set the board aside.",
		 true},
	[H7_SERIAL_EXHAUSTED] = {"serial_exhausted",
				 "The range of serial numbers is used up: get a new range into the "
				 "profile before going on.",
				 false},
	[H7_SERIAL_UNKNOWN] =
		{"serial_unknown",
		 "No serial number could be found for this board: check the list of numbers "
		 "against the board.",
		 true},
	[H7_UID_UNKNOWN] = {"uid_unknown",
			    "The board's unique ID could not be read and the profile needs it: "
			    "power-cycle the board and try again.",
			    true},
	[H7_DUPLICATE] =
		{"duplicate",
		 "This board was already programmed: look its ID up with 'h7gang audit find' and "
		 "sort it with the finished ones.",
		 false},
	[H7_LIMIT_REACHED] =
		{"limit_reached",
		 "The allowed number of units is reached: close the lot or have the limit "
		 "raised.",
		 false},
	[H7_STORE_UNAVAILABLE] =
		{"store_unavailable",
		 "The store cannot be reached and the profile may not go on without it: look at "
		 "the network and the server, then insert the board again. Nothing was written.",
		 false},
	[H7_HOOK_REFUSED] =
		{"hook_refused",
		 "The station's own check refused this board; its message is in the detail.",
		 false},
	[H7_UNIT_TIMEOUT] =
		{"unit_timeout",
		 "The board took longer than the profile's unit_s: power-cycle it and try "
		 "again; if many boards do it, look at the hub or raise unit_s.",
		 true},
	[H7_ABORTED] =
		{"aborted",
		 "The work was stopped before its end and the flash is in an unknown state: run "
		 "this board again before using it.",
		 false},
};

static const char *const out_of_list = "An internal error: please report it with the log.";

static bool listed(enum h7_error error)
{
	return (unsigned)error < H7_ERROR_COUNT;
}

const char *h7_error_name(enum h7_error error)
{
	return listed(error) ? errors[error].name : "internal";
}

const char *h7_error_advice(enum h7_error error)
{
	return listed(error) ? errors[error].advice : out_of_list;
}

bool h7_error_retried(enum h7_error error)
{
	return listed(error) && errors[error].retried;
}
