/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/errors.h"

#include <string.h>

enum {
	FINAL = 0,
	RETRIED = 1 << 0, /* a further attempt may succeed */
	ASIDE = 1 << 1,   /* concerns neither board nor process: in no yield, no stop rule */
};

static const struct {
	const char *name;
	const char *advice;
	unsigned flags;
} errors[] = {
	[H7_OK] = {"", "Nothing to do.", FINAL},
	[H7_NO_DEVICE] = {"no_device",
			  "The board left the bus: check its cable, its power and the seat in the "
			  "fixture, then insert it again.",
			  RETRIED},
	[H7_USB_TIMEOUT] =
		{"usb_timeout",
		 "The board stopped answering: switch its power off and on with BOOT0 high "
		 "and try again; if others on the same hub do it too, look at the hub.",
		 RETRIED},
	[H7_USB_ERROR] = {"usb_error",
			  "The bus failed: check cable and hub, and that no other program uses the "
			  "board; the detail names the request.",
			  RETRIED},
	[H7_DFU_STATUS] =
		{"dfu_status",
		 "The bootloader answered with an error, named in the detail: power-cycle the "
		 "board and try again.",
		 RETRIED},
	[H7_DFU_STUCK] =
		{"dfu_stuck",
		 "The bootloader could not be brought back to idle: switch the board's power "
		 "off and on with BOOT0 high and try again.",
		 RETRIED},
	[H7_READ_PROTECTED] =
		{"read_protected",
		 "The part is read-protected (RDP), so nothing was erased: set the board aside, or "
		 "remove the protection on purpose with 'option_bytes: {unprotect: true}', which "
		 "erases the board.",
		 FINAL},
	[H7_WRONG_PART] = {"wrong_part",
			   "The board is not the part of the profile, or cannot prove that it is: "
			   "check that board and profile belong together. Nothing was written.",
			   FINAL},
	[H7_BOOTLOADER_DENIED] =
		{"bootloader_denied",
		 "The bootloader version is not on the profile's list: set the board "
		 "aside, or have the list extended. Nothing was written.",
		 FINAL},
	[H7_NOT_BLANK] =
		{"not_blank",
		 "The flash holds data and the profile does not erase: use a blank board, or a "
		 "profile with another 'erase'.",
		 RETRIED},
	[H7_ERASE_FAILED] =
		{"erase_failed",
		 "The flash was not blank after erasing, or this bootloader has no safe way "
		 "to erase it: look for write protection in the option bytes, else set the "
		 "board aside.",
		 RETRIED},
	[H7_PROGRAM_FAILED] =
		{"program_failed",
		 "The bootloader refused to program a block: power-cycle the board and try "
		 "again; if it happens again, set the board aside.",
		 RETRIED},
	[H7_VERIFY_MISMATCH] =
		{"verify_mismatch",
		 "The flash does not hold the image; the detail says where: program the "
		 "board again, and if it happens again set it aside.",
		 RETRIED},
	[H7_LEAVE_FAILED] =
		{"leave_failed",
		 "The flash is right but the board stayed in its bootloader: check BOOT0 and "
		 "power-cycle the board.",
		 FINAL},
	[H7_OPTION_BYTES] = {"option_bytes",
			     "The option bytes differ from the profile; the detail shows both "
			     "values: set the board aside.",
			     RETRIED},
	[H7_SERIAL_EXHAUSTED] = {"serial_exhausted",
				 "The range of serial numbers is used up: write a new range into "
				 "the profile, then start the run again.",
				 ASIDE},
	[H7_SERIAL_UNKNOWN] =
		{"serial_unknown",
		 "No serial number could be found for this board: check the list of numbers "
		 "against the board.",
		 RETRIED},
	[H7_UID_UNKNOWN] = {"uid_unknown",
			    "The board's unique ID could not be read and the profile needs it: "
			    "power-cycle the board and try again.",
			    RETRIED},
	[H7_DUPLICATE] = {"duplicate",
			  "This board, its number or its label is in use already; the detail says "
			  "where. Put the board aside: it is finished only if 'h7gang audit find' "
			  "shows a PASS of its UID.",
			  ASIDE},
	[H7_LIMIT_REACHED] =
		{"limit_reached",
		 "The lot is complete: start the next lot, or ask the engineer to raise "
		 "lot_quantity.",
		 ASIDE},
	[H7_STORE_UNAVAILABLE] =
		{"store_unavailable",
		 "The store cannot be reached, and this unit needs its answer: check the network "
		 "and the server, then insert the board again. Nothing was written.",
		 ASIDE},
	[H7_HOOK_REFUSED] = {"hook_refused",
			     "The station's own check (hook gate) refused this board; its message "
			     "is in the detail: set the board aside, or correct the cause.",
			     ASIDE},
	[H7_UNIT_TIMEOUT] =
		{"unit_timeout",
		 "The board took longer than the profile's unit_s: power-cycle it and try "
		 "again; if many boards do it, look at the hub or raise unit_s.",
		 RETRIED},
	[H7_ABORTED] =
		{"aborted",
		 "The work was stopped before its end and the flash is in an unknown state: run "
		 "this board again before using it.",
		 FINAL},
	[H7_HOST_ERROR] =
		{"host_error",
		 "The computer is at fault, not the board: the detail says what is missing, such "
		 "as memory or a permission. Correct that, then insert the board again.",
		 RETRIED | ASIDE},
	[H7_WRITE_PROTECTED] =
		{"write_protected",
		 "The option bytes protect sectors that the image needs: set the board aside, or "
		 "remove the protection on purpose with 'option_bytes: {unprotect: [wrp]}'.",
		 FINAL},
	[H7_ALREADY_PROTECTED] =
		{"already_protected",
		 "The board is read-protected as this profile leaves its boards: it was finished "
		 "before. Look it up with 'h7gang audit find'.",
		 ASIDE},
	[H7_NOT_RELEASED] =
		{"not_released",
		 "The system that releases boards does not allow this one: ask the person "
		 "responsible, and insert the board again only after it was released. Nothing was "
		 "written.",
		 ASIDE},
	[H7_HOOK_FAILED] =
		{"hook_failed",
		 "A program that the profile calls did not work, so the board was not judged: the "
		 "detail names the program and its message. Correct it, then insert the board "
		 "again.",
		 ASIDE},
	[H7_NO_BOOT] = {"no_boot",
			"The flash is right, but the application's USB device did not appear after "
			"the start: check BOOT0 and the board's power, else set the board aside.",
			FINAL},
	[H7_WRONG_PRODUCT] =
		{"wrong_product",
		 "The scanned code or the board belongs to another product than the profile: "
		 "check label, board and profile. If the application showed another product, check "
		 "the firmware of the profile.",
		 FINAL},
	[H7_POWER_INEFFECTIVE] =
		{"power_ineffective",
		 "The board kept its power, or the port could not be switched: use a hub that "
		 "switches the power of each port and a board without another supply, or remove "
		 "'power' from the profile.",
		 ASIDE},
};
_Static_assert(sizeof(errors) / sizeof(errors[0]) == H7_ERROR_COUNT, "a row for each error");

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
	return listed(error) && (errors[error].flags & RETRIED);
}

bool h7_error_counted(enum h7_error error)
{
	return !listed(error) || !(errors[error].flags & ASIDE);
}

enum h7_error h7_error_find(const char *name)
{
	unsigned error = 0;

	while (error < H7_ERROR_COUNT && strcmp(errors[error].name, name) != 0)
		error++;
	return (enum h7_error)error;
}
