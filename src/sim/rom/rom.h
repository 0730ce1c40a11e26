/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual STM32H7 ROM bootloader: endpoint 0, DFU 1.1 and DfuSe, flash with ECC words, option
 * bytes, and the faults in a fleet file. Pure logic on given times; no clock, no thread, no I/O.
 * All times are nanoseconds of the fleet's clock. The state left by an earlier host (initial_state)
 * lasts until the first power-off or leave; a bus reset before the first DFU request keeps it,
 * since a kernel's enumeration looks like one. */
#ifndef SIM_ROM_H
#define SIM_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROM_DATA_MAX 4096

struct rom;
struct rom_config; /* rom_config.h */

enum rom_answer {
	ROM_ACK,
	ROM_STALL,  /* protocol stall of endpoint 0 */
	ROM_SILENT, /* never answers: the host must time out and cancel */
	ROM_GONE    /* leaves the bus before answering */
};

struct rom_result {
	enum rom_answer answer;
	uint64_t ns; /* from the start of service until the answer is complete: wire, and flash work
		      * inside it. The next request starts after that */
	uint64_t wire_ns; /* the part of ns on the wire, if alone on it */
	size_t length;    /* IN: bytes in data; OUT: bytes accepted */
	bool babble;      /* IN: the part sent more than requested; the host sees an overflow */
	bool leaves; /* drops off the bus at the end of this request (leave, read unprotect, fault)
		      */
	uint64_t away_ns;    /* then: for how long; UINT64_MAX for ever */
	char returns_at[32]; /* then: port path at which it returns, "" the same */
	uint8_t data[ROM_DATA_MAX];
};

/* NULL: no memory, or an invalid geometry. The config is borrowed and must outlive the ROM. */
struct rom *rom_new(const struct rom_config *config);
void rom_free(struct rom *rom);

/* Serves one control request (8 bytes of setup, then `out` with `out_length` bytes for OUT). If the
 * host cancels the request meanwhile, the operation that it started still completes. */
void rom_control(struct rom *rom, uint64_t now, const uint8_t setup[8], const uint8_t *out,
		 size_t out_length, struct rom_result *result);

/* A bus reset (vhci shows it as SET_CONFIGURATION); power on; power off, also in the middle of a
 * flash operation, which leaves undefined contents. */
void rom_bus_reset(struct rom *rom, uint64_t now);
void rom_power_on(struct rom *rom, uint64_t now);
void rom_power_off(struct rom *rom, uint64_t now);
/* While it is off: another board with another UID and blank flash replaces it. */
void rom_swap(struct rom *rom);
/* The host resets (ROM_ON_RESET) or opens (ROM_ON_OPEN) it. True: a fault in the fleet file cuts
 * its power meanwhile; `result` says for how long. A swap with away 0 exchanges the board so fast
 * that the host does not notice: it keeps its address. */
bool rom_fault_call(struct rom *rom, uint32_t on, uint64_t now, struct rom_result *result);

/* Flash as read by a host (bank 1 then bank 2; broken words read as 0xEE), for --save. */
size_t rom_flash_size(const struct rom *rom);
void rom_flash_copy(const struct rom *rom, uint8_t *bytes);

/* The same by pages of ROM_PAGE_BYTES, so that unchanged and blank pages need not be saved. */
enum rom_page { ROM_PAGE_INITIAL, ROM_PAGE_BLANK, ROM_PAGE_DATA };
enum { ROM_PAGE_BYTES = 8192 };
enum rom_page rom_flash_page(const struct rom *rom, uint32_t index, uint8_t *bytes);

/* The oracle's counters. All of the first block must be 0 after a correct programmer. */
struct rom_counters {
	uint64_t busy_touches;    /* flash commands or reads that came while an operation ran */
	uint64_t double_programs; /* words programmed twice without an erase between */
	uint64_t stray_downloads; /* DNLOAD outside dfuIDLE and dfuDNLOAD-IDLE */
	uint64_t value_one;       /* data with wValue 1 */
	uint64_t short_numbered;  /* a short block with wValue over 2 */
	uint64_t outside;         /* writes or erases outside flash */
	/* for information */
	uint64_t requests, sector_erases, mass_erases, words_programmed, bytes_uploaded, resets,
		stalls;
	uint64_t hung;          /* the part hung (V9.1 touched while erasing) */
	uint64_t left;          /* number of leaves */
	uint64_t started_at;    /* start address of the last leave */
	uint64_t faults_struck; /* number of faults that happened */
	uint64_t early_polls;   /* GETSTATUS in dfuDNBUSY before the poll time was over */
	uint64_t broken_reads;  /* UPLOADs of a broken word */
	uint64_t wedged_asks;   /* GETSTATUS in the dfuDNBUSY of a wedged erase */
	uint64_t power_cuts;    /* power lost while a flash operation ran */
	uint64_t dnloads, uploads, getstatuses;
	/* DNLOADs that request an erase (or a read unprotect) or carry data, in any state and with
	 * any result */
	uint64_t erases_sent, writes_sent;
	uint64_t flash_ns; /* total time of flash operations, */
	uint64_t wire_ns;  /* and transfers on the wire */
};
const struct rom_counters *rom_counters(const struct rom *rom);

/* Whether it appears on the bus when it is on, and its product string now. */
bool rom_shows(const struct rom *rom);
const char *rom_product(const struct rom *rom);
void rom_serial(struct rom *rom, char *text, size_t size);
/* The operator tells the running application to enter the bootloader. False: none runs. */
bool rom_enter(struct rom *rom);
/* The operator sets BOOT0, which selects the program after power-on. */
void rom_set_boot0(struct rom *rom, bool high);

/* For the oracle and the log of a run. */
const uint8_t *rom_uid(const struct rom *rom); /* 12 bytes; another one after a swap */
void rom_settle(struct rom *rom,
		uint64_t now); /* completes flash operations that are over by now */
uint32_t rom_option_status(const struct rom *rom); /* FLASH_OPTSR as stored */
const uint8_t *rom_option_bytes(const struct rom *rom, size_t *length);
size_t rom_broken_words(const struct rom *rom);

#endif
