/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual STM32H7 ROM bootloader: endpoint 0, DFU 1.1 and DfuSe, flash with ECC words, option
 * bytes, and the faults a fleet file gives it. Pure logic on given times; no clock, no thread, no
 * I/O. All times are nanoseconds of the fleet's clock. The state an earlier host left
 * (initial_state) holds until the first power-off or leave; a bus reset before the first DFU
 * request keeps it, since a kernel's enumeration looks like one. */
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
	uint64_t wire_ns; /* the part of ns that is spent on the wire, alone on it */
	size_t length;    /* IN: bytes in data; OUT: bytes accepted */
	bool babble;      /* IN: the part sent more than was asked for; the host sees an overflow */
	bool leaves; /* drops off the bus at the end of this request (leave, read unprotect, fault)
		      */
	uint64_t away_ns;    /* then: for how long; UINT64_MAX for ever */
	char returns_at[32]; /* then: port path it comes back on, "" the same */
	uint8_t data[ROM_DATA_MAX];
};

/* NULL: no memory, or a geometry that makes no sense. The config is borrowed and must outlive the
 * ROM. */
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
/* While it is off: another board takes its place, with another UID and blank flash. */
void rom_swap(struct rom *rom);
/* The host resets (ROM_ON_RESET) or opens (ROM_ON_OPEN) it. True: a fault of the fleet's cuts its
 * power meanwhile; `result` says for how long. A swap with away 0 is a board that was exchanged so
 * fast that the host notices nothing: it keeps its address. */
bool rom_fault_call(struct rom *rom, uint32_t on, uint64_t now, struct rom_result *result);

/* Flash as a reader would find it (bank 1 then bank 2; broken words read as 0xEE), for --save. */
size_t rom_flash_size(const struct rom *rom);
void rom_flash_copy(const struct rom *rom, uint8_t *bytes);

/* The same page by page, of ROM_PAGE_BYTES each: what never changed, and what is blank, need not be
 * kept. */
enum rom_page { ROM_PAGE_INITIAL, ROM_PAGE_BLANK, ROM_PAGE_DATA };
enum { ROM_PAGE_BYTES = 8192 };
enum rom_page rom_flash_page(const struct rom *rom, uint32_t index, uint8_t *bytes);

/* What the oracle counts. All of the first block must be 0 after a good program. */
struct rom_counters {
	uint64_t busy_touches;    /* flash commands or reads that came while an operation ran */
	uint64_t double_programs; /* words programmed twice without an erase between */
	uint64_t stray_downloads; /* DNLOAD outside dfuIDLE and dfuDNLOAD-IDLE */
	uint64_t value_one;       /* data with wValue 1 */
	uint64_t short_numbered;  /* a short block with wValue over 2 */
	uint64_t outside;         /* writes or erases outside flash */
	/* and for information */
	uint64_t requests, sector_erases, mass_erases, words_programmed, bytes_uploaded, resets,
		stalls;
	uint64_t hung;          /* the part hung (V9.1 touched while erasing) */
	uint64_t left;          /* leaves that happened */
	uint64_t started_at;    /* the address that the last of them started from */
	uint64_t faults_struck; /* of the fleet file's faults */
	uint64_t early_polls;   /* GETSTATUS in dfuDNBUSY before the poll time was over */
	uint64_t broken_reads;  /* UPLOADs that met a broken word */
	uint64_t wedged_asks;   /* GETSTATUS in the dfuDNBUSY of a wedged erase */
	uint64_t power_cuts;    /* power lost while a flash operation ran */
	uint64_t dnloads, uploads, getstatuses;
	/* DNLOADs that ask for an erase (a read unprotect among them) or carry data, in whatever
	 * state and with any result */
	uint64_t erases_sent, writes_sent;
	uint64_t flash_ns; /* time flash operations took, */
	uint64_t wire_ns;  /* and transfers on the wire */
};
const struct rom_counters *rom_counters(const struct rom *rom);

/* Whether it shows on the bus when it is on, and what its strings are now. */
bool rom_shows(const struct rom *rom);
const char *rom_product(const struct rom *rom);
void rom_serial(struct rom *rom, char *text, size_t size);
/* By hand: an application that runs is told to enter the bootloader. False: none runs. */
bool rom_enter(struct rom *rom);
/* By hand: which program starts from cold. */
void rom_set_boot0(struct rom *rom, bool high);

/* For the oracle and the log of a run. */
const uint8_t *rom_uid(const struct rom *rom); /* 12 bytes; another one after a swap */
void rom_settle(struct rom *rom,
		uint64_t now); /* what flash was at and has ended by now shows in it */
uint32_t rom_option_status(const struct rom *rom); /* FLASH_OPTSR as stored */
const uint8_t *rom_option_bytes(const struct rom *rom, size_t *length);
size_t rom_broken_words(const struct rom *rom);

#endif
