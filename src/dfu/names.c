/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/dfu/names.h"

#include <stddef.h>
#include <stdio.h>

static const char *const states[] = {
	[DFU_APP_IDLE] = "appIDLE",
	[DFU_APP_DETACH] = "appDETACH",
	[DFU_IDLE] = "dfuIDLE",
	[DFU_DNLOAD_SYNC] = "dfuDNLOAD-SYNC",
	[DFU_DNBUSY] = "dfuDNBUSY",
	[DFU_DNLOAD_IDLE] = "dfuDNLOAD-IDLE",
	[DFU_MANIFEST_SYNC] = "dfuMANIFEST-SYNC",
	[DFU_MANIFEST] = "dfuMANIFEST",
	[DFU_MANIFEST_WAIT_RESET] = "dfuMANIFEST-WAIT-RESET",
	[DFU_UPLOAD_IDLE] = "dfuUPLOAD-IDLE",
	[DFU_ERROR] = "dfuERROR",
};

static const char *const statuses[] = {
	[DFU_STATUS_OK] = "OK",
	[DFU_ERR_TARGET] = "errTARGET",
	[DFU_ERR_FILE] = "errFILE",
	[DFU_ERR_WRITE] = "errWRITE",
	[DFU_ERR_ERASE] = "errERASE",
	[DFU_ERR_CHECK_ERASED] = "errCHECK_ERASED",
	[DFU_ERR_PROG] = "errPROG",
	[DFU_ERR_VERIFY] = "errVERIFY",
	[DFU_ERR_ADDRESS] = "errADDRESS",
	[DFU_ERR_NOTDONE] = "errNOTDONE",
	[DFU_ERR_FIRMWARE] = "errFIRMWARE",
	[DFU_ERR_VENDOR] = "errVENDOR",
	[DFU_ERR_USBR] = "errUSBR",
	[DFU_ERR_POR] = "errPOR",
	[DFU_ERR_UNKNOWN] = "errUNKNOWN",
	[DFU_ERR_STALLEDPKT] = "errSTALLEDPKT",
};

static const char *const requests[] = {
	[DFU_DETACH] = "DETACH",       [DFU_DNLOAD] = "DNLOAD",       [DFU_UPLOAD] = "UPLOAD",
	[DFU_GETSTATUS] = "GETSTATUS", [DFU_CLRSTATUS] = "CLRSTATUS", [DFU_GETSTATE] = "GETSTATE",
	[DFU_ABORT] = "ABORT",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *named(const char *const *names, size_t count, uint8_t value, const char *kind,
			 char *spare, size_t size)
{
	if (value < count)
		return names[value];
	snprintf(spare, size, "%s 0x%02x", kind, value);
	return spare;
}

const char *dfu_state_name(uint8_t state)
{
	static _Thread_local char spare[16];

	return named(states, COUNT(states), state, "state", spare, sizeof(spare));
}

const char *dfu_status_name(uint8_t status)
{
	static _Thread_local char spare[16];

	return named(statuses, COUNT(statuses), status, "status", spare, sizeof(spare));
}

const char *dfu_request_name(uint8_t request)
{
	static _Thread_local char spare[16];

	if (request == DFU_STANDARD_GET_DESCRIPTOR)
		return "GET_DESCRIPTOR";
	if (request == DFU_STANDARD_SET_INTERFACE)
		return "SET_INTERFACE";
	return named(requests, COUNT(requests), request, "request", spare, sizeof(spare));
}
