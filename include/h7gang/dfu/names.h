/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States, statuses and requests of DFU 1.1, by the field's own names; the one place that has them.
 */
#ifndef H7GANG_DFU_NAMES_H
#define H7GANG_DFU_NAMES_H

#include <stdint.h>

enum dfu_request { /* DFU 1.1 table 3.2 */
		   DFU_DETACH = 0,
		   DFU_DNLOAD = 1,
		   DFU_UPLOAD = 2,
		   DFU_GETSTATUS = 3,
		   DFU_CLRSTATUS = 4,
		   DFU_GETSTATE = 5,
		   DFU_ABORT = 6,
		   /* Standard requests of USB 2.0 9.4 that a session sends, moved out of the way of
		    * the above: only names for messages, never on the wire. */
		   DFU_STANDARD_GET_DESCRIPTOR = 0x80 | 6,
		   DFU_STANDARD_SET_INTERFACE = 0x80 | 11
};

enum dfu_state { /* DFU 1.1 6.1.2 */
		 DFU_APP_IDLE = 0,
		 DFU_APP_DETACH = 1,
		 DFU_IDLE = 2,
		 DFU_DNLOAD_SYNC = 3,
		 DFU_DNBUSY = 4,
		 DFU_DNLOAD_IDLE = 5,
		 DFU_MANIFEST_SYNC = 6,
		 DFU_MANIFEST = 7,
		 DFU_MANIFEST_WAIT_RESET = 8,
		 DFU_UPLOAD_IDLE = 9,
		 DFU_ERROR = 10
};

enum dfu_status_code { /* DFU 1.1 6.1.2 */
		       DFU_STATUS_OK = 0x00,
		       DFU_ERR_TARGET = 0x01,
		       DFU_ERR_FILE = 0x02,
		       DFU_ERR_WRITE = 0x03,
		       DFU_ERR_ERASE = 0x04,
		       DFU_ERR_CHECK_ERASED = 0x05,
		       DFU_ERR_PROG = 0x06,
		       DFU_ERR_VERIFY = 0x07,
		       DFU_ERR_ADDRESS = 0x08,
		       DFU_ERR_NOTDONE = 0x09,
		       DFU_ERR_FIRMWARE = 0x0a,
		       DFU_ERR_VENDOR = 0x0b,
		       DFU_ERR_USBR = 0x0c,
		       DFU_ERR_POR = 0x0d,
		       DFU_ERR_UNKNOWN = 0x0e,
		       DFU_ERR_STALLEDPKT = 0x0f
};

/* "dfuIDLE", "errVENDOR", "DNLOAD"; for a value that does not exist "state 0x2a" and the like in
 * storage of the calling thread. Never NULL. */
const char *dfu_state_name(uint8_t state);
const char *dfu_status_name(uint8_t status);
const char *dfu_request_name(uint8_t request);

#endif
