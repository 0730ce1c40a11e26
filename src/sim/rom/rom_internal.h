/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the ROM's files: rom.c (life and dispatch), rom_descriptors.c, rom_dfu.c (states),
 * rom_operation.c (operations run by a GETSTATUS), rom_memory.c (addresses), rom_fault.c. */
#ifndef SIM_ROM_INTERNAL_H
#define SIM_ROM_INTERNAL_H

#include "flash.h"
#include "rom.h"
#include "rom_config.h"

enum { ROM_STATUS_STRING = 0x40 }; /* iString of GETSTATUS */

/* DFU 1.1, 6.1.2 */
enum dfu_state {
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

enum dfu_status {
	DFU_OK = 0x00,
	DFU_ERR_TARGET = 0x01,
	DFU_ERR_WRITE = 0x03,
	DFU_ERR_ERASE = 0x04,
	DFU_ERR_PROG = 0x06,
	DFU_ERR_VENDOR = 0x0B,
	DFU_ERR_UNKNOWN = 0x0E,
	DFU_ERR_STALLEDPKT = 0x0F
};

enum dfu_request {
	DFU_DETACH = 0,
	DFU_DNLOAD = 1,
	DFU_UPLOAD = 2,
	DFU_GETSTATUS = 3,
	DFU_CLRSTATUS = 4,
	DFU_GETSTATE = 5,
	DFU_ABORT = 6
};

enum dfuse { DFUSE_POINTER = 0x21, DFUSE_ERASE = 0x41, DFUSE_UNPROTECT = 0x92 };

enum {
	FLASH_START = 0x08000000,
	ROM_BOOT_SYSTEM = 0x1FF00000, /* the bootloader's address in boot_add0 (AN2606) */
	BANK2_START = 0x08100000,
	OPTION_START = 0x5200201C,
	OPTION_BYTES = 308 /* up to FLASH_WPSN_CUR2R and its neighbours */
};

/* A DNLOAD that was stored and waits for its GETSTATUS. */
struct rom_command {
	enum {
		COMMAND_NONE,
		COMMAND_POINTER,
		COMMAND_ERASE,
		COMMAND_MASS,
		COMMAND_UNPROTECT,
		COMMAND_WRITE,
		COMMAND_UNKNOWN
	} kind;
	uint32_t address;
	uint16_t block;
	uint16_t length;
	uint8_t data[ROM_DATA_MAX];
};

/* The parts of one request. */
struct rom_request {
	uint64_t now; /* time at which the ROM starts on it */
	uint8_t type, code;
	uint16_t value, index, length;
	const uint8_t *out;
	uint32_t on; /* set of enum rom_on */
	uint32_t address, span;
	bool has_block;
	uint16_t block;
};

/* The program that starts at the next power-on. */
enum rom_next { ROM_NEXT_BY_BOOT0, ROM_NEXT_BOOTLOADER, ROM_NEXT_APPLICATION };

struct rom {
	const struct rom_config *config;
	struct flash flash;
	struct rom_counters counters;
	uint64_t random;
	uint8_t uid[ROM_UID_BYTES];
	uint8_t option[OPTION_BYTES];

	bool on, started, asked; /* powered; has been since; had a DFU request since */
	bool hung, latched;
	bool has_read; /* an UPLOAD of data came after the last write */
	uint8_t rdp;   /* in effect */
	bool swapped;

	enum rom_powers_up powers_up;
	enum rom_next next;
	bool in_app;   /* its application runs */
	bool in_vain;  /* no application starts: it is not on the bus */
	uint32_t baud; /* rate of the application's serial port */
	uint8_t configuration, alt;
	uint8_t state, status;
	uint32_t pointer;
	struct rom_command command;
	uint8_t failure;   /* of the command carried out; shown by the second GETSTATUS */
	bool mass_pending; /* runs in the second GETSTATUS */
	bool wedged;
	bool refused_empty;  /* an UPLOAD was answered with an empty packet: not told yet */
	unsigned clears_due; /* CLRSTATUS to come before it is idle again */
	uint32_t poll_ms;
	uint64_t poll_end;
	uint64_t inside_until; /* the ROM's interrupt runs until then, and answers nothing */
	uint64_t unsafe_until; /* flash must not be used until then */
	bool unsafe_hangs;

	uint32_t fits[ROM_FAULTS_MAX], strikes[ROM_FAULTS_MAX];
	bool struck[ROM_FAULTS_MAX]; /* by the request being served */
};

static inline uint32_t rom_get32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static inline void rom_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

/* rom_state.c */
void rom_off(struct rom *rom, uint64_t now);
void rom_hang(struct rom *rom, struct rom_result *result);
void rom_fail(struct rom *rom, struct rom_result *result, enum dfu_status status);
/* Before each use of flash: waits for a running operation, counts it, and may hang the part
 * (false).
 */
bool rom_touch_flash(struct rom *rom, uint64_t now, struct rom_result *result);

/* rom_command.c */
/* Parses the command in a DNLOAD; does not copy its data. */
void rom_parse_command(const struct rom *rom, const struct rom_request *request,
		       struct rom_command *command);
void rom_count_dnload(struct rom *rom, const struct rom_request *request);
/* The GETSTATUS that starts the application. */
void rom_manifest(struct rom *rom, uint64_t now, struct rom_result *result);
/* The address of a numbered block of that length. */
uint32_t rom_block_address(const struct rom *rom, uint16_t block, uint16_t length);

/* rom_app.c */
bool rom_app_starts(struct rom *rom, uint32_t address);
void rom_app_serve(struct rom *rom, const struct rom_request *request, struct rom_result *result);

/* rom_descriptors.c: standard requests */
size_t rom_put_string(const char *text, uint8_t *out);
void rom_serial_text(const struct rom *rom, char *text, size_t size);
void rom_standard(struct rom *rom, const struct rom_request *request, struct rom_result *result);

/* rom_dfu.c */
void rom_dfu_reset(struct rom *rom);
void rom_dfu_classify(const struct rom *rom, struct rom_request *request);
void rom_dfu(struct rom *rom, const struct rom_request *request, struct rom_result *result);
/* rom_class.c: the same requests as ST's published class serves them. */
void rom_class(struct rom *rom, const struct rom_request *request, struct rom_result *result);

/* rom_operation.c: carries out the stored command, or the second half of a mass erase; adds its
 * time to result->ns. */
void rom_operate(struct rom *rom, uint64_t now, struct rom_result *result);
void rom_operate_mass(struct rom *rom, uint64_t now, struct rom_result *result);
/* A GETSTATUS in the dfuDNBUSY of a wedged erase. */
void rom_repeat_erase(struct rom *rom, uint64_t now);
void rom_begin_left_erase(struct rom *rom, uint64_t now); /* an earlier host's */

/* rom_memory.c */
enum rom_region { REGION_NONE, REGION_FLASH, REGION_SYSTEM, REGION_RAM, REGION_OPTION, REGION_OTP };
enum rom_region rom_region(const struct rom *rom, uint32_t address, uint32_t length);
bool rom_flash_offset(const struct rom *rom, uint32_t address, uint32_t *offset);
enum dfu_status rom_read(struct rom *rom, const struct rom_request *request, uint32_t length,
			 struct rom_result *result);
void rom_options_init(struct rom *rom);
void rom_options_reset(struct rom *rom);
void rom_options_load(struct rom *rom);           /* applies the stored ones */
uint32_t rom_cold_address(const struct rom *rom); /* boot_add0: the start with BOOT0 low */
enum dfu_status rom_options_write(struct rom *rom, uint32_t address, const uint8_t *data,
				  uint32_t length);
bool rom_watchdog_runs(const struct rom *rom);

/* rom_fault.c */
void rom_fault_arm(struct rom *rom, const struct rom_request *request);
const struct rom_fault *rom_struck(const struct rom *rom, enum rom_fault_kind kind);
/* True if a fault answers the request instead of the ROM. */
bool rom_fault_before(struct rom *rom, const struct rom_request *request,
		      struct rom_result *result);
void rom_fault_after(struct rom *rom, const struct rom_request *request, struct rom_result *result);
/* Power failures, once it is known how long the request takes. */
void rom_fault_power(struct rom *rom, const struct rom_request *request, struct rom_result *result);
void rom_fault_defects(struct rom *rom, struct flash_operation *op, uint32_t address);

#endif
