/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The behaviour of one virtual ROM. Each question that the documents leave open is a field with a
 * default. Call rom_config_init, rom_config_part, rom_config_bootloader; then change fields. */
#ifndef SIM_ROM_CONFIG_H
#define SIM_ROM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROM_MS UINT64_C(1000000) /* nanoseconds */
#define ROM_FOR_EVER UINT64_MAX

enum {
	ROM_UID_BYTES = 12,
	ROM_ALTS_MAX = 8,
	ROM_MEMORIES_MAX = 8,
	ROM_MEMORY_BYTES = 64,
	ROM_FAULTS_MAX = 16,
	ROM_BROKEN_MAX = 16,
	ROM_STRING_MAX = 512, /* more than a USB string holds: longer ones are cut at 126 units */
	ROM_PATH_MAX = 32
};

enum rom_series { ROM_SERIES_H74X, ROM_SERIES_H72X, ROM_SERIES_H7A3 };

/* Geometry and addresses: RM0433, RM0399, AN2606 table 3. Bank 2 is always at 0x08100000. */
struct rom_part {
	const char *name;
	enum rom_series series;
	uint32_t sector_bytes;
	uint32_t sectors; /* per bank */
	uint32_t banks;
	uint32_t word_bytes; /* one flash word with ECC */
	uint32_t uid_address;
	uint32_t size_address; /* 16-bit KiB */
	uint32_t id_address;   /* bootloader ID byte */
	uint16_t flash_kib;    /* the value at size_address */
};

/* The program that answers. */
enum rom_personality {
	ROM_PERSONALITY_ROM,
	ROM_PERSONALITY_ST_DFU_CLASS, /* ST's published USB device library: rom_class.c */
	ROM_PERSONALITY_RESIDENT      /* a program in flash, as MicroPython's mboot */
};

enum rom_sector_erase {
	ROM_SECTOR_NORMAL,
	ROM_SECTOR_WEDGES, /* erases, but stays dfuDNBUSY for ever */
	ROM_SECTOR_EARLY   /* answers done while it runs */
};

enum rom_mass_erase {
	ROM_MASS_WORKS,
	ROM_MASS_NOTHING, /* answers OK, erases nothing */
	ROM_MASS_EARLY,   /* answers done while it runs */
	ROM_MASS_PARTIAL, /* leaves some sectors */
	ROM_MASS_BANK1,   /* leaves bank 2 */
	ROM_MASS_STALLS   /* the command is stalled */
};

enum rom_leave {
	ROM_LEAVE_WORKS,
	ROM_LEAVE_STAYS,  /* manifests, never goes */
	ROM_LEAVE_REFUSES /* the zero-length DNLOAD is stalled */
};

/* The effect of a read on the next write: profiles/fleets/README.md, `read_before_write`. */
enum rom_read_before_write { ROM_READ_KEEPS, ROM_READ_LOSES_FIRST_WORD };
enum { ROM_FIRST_WORD = 32 };

enum rom_stride { ROM_STRIDE_REQUEST, ROM_STRIDE_CONSTANT };

/* CLRSTATUS outside dfuERROR. A wedged erase always takes ROM_CLEAR_ERRS. */
enum rom_clear { ROM_CLEAR_STALLS, ROM_CLEAR_ERRS /* dfuERROR/errUNKNOWN */, ROM_CLEAR_IDLES };

enum rom_twice { ROM_TWICE_BREAKS, ROM_TWICE_ANDS, ROM_TWICE_KEEPS };

/* UPLOAD of a broken word. */
enum rom_broken {
	ROM_BROKEN_ERRS,   /* stall, dfuERROR/errVENDOR */
	ROM_BROKEN_STALLS, /* stall, state unchanged */
	ROM_BROKEN_HANGS,  /* the part is dead until power-off */
	ROM_BROKEN_SILENT, /* this request is never answered */
	ROM_BROKEN_GARBAGE /* answers 0xEE */
};

enum rom_option_write { ROM_OPTION_REFUSES, ROM_OPTION_IGNORES, ROM_OPTION_TAKES };

enum rom_contents {
	ROM_CONTENTS_BLANK,
	ROM_CONTENTS_RANDOM,
	ROM_CONTENTS_PATTERN, /* each 32-bit word holds its own address */
	ROM_CONTENTS_HALF,    /* random, with blank and broken words among it */
	ROM_CONTENTS_IMAGE
};

/* Kinds of requests, as a set; fault triggers name one or more. */
enum rom_on {
	ROM_ON_STANDARD = 1 << 0,
	ROM_ON_DESCRIPTOR = 1 << 1,
	ROM_ON_SET_INTERFACE = 1 << 2,
	ROM_ON_CLASS = 1 << 3, /* any DFU request */
	ROM_ON_DNLOAD = 1 << 4,
	ROM_ON_UPLOAD = 1 << 5,
	ROM_ON_GETSTATUS = 1 << 6,
	ROM_ON_GETSTATE = 1 << 7,
	ROM_ON_CLRSTATUS = 1 << 8,
	ROM_ON_ABORT = 1 << 9,
	ROM_ON_SET_POINTER = 1 << 10, /* DNLOAD 0x21 */
	ROM_ON_ERASE = 1 << 11,       /* DNLOAD 0x41 with address */
	ROM_ON_MASS_ERASE = 1 << 12,  /* DNLOAD 0x41 */
	ROM_ON_WRITE = 1 << 13,       /* DNLOAD of data */
	ROM_ON_LEAVE = 1 << 14,       /* DNLOAD of zero length */
	ROM_ON_READ = 1 << 15,        /* UPLOAD of data */
	ROM_ON_BUSY_STATUS = 1 << 16, /* GETSTATUS in dfuDNBUSY */
	ROM_ON_OP_ERASE = 1 << 17,    /* GETSTATUS that carries out a sector erase */
	ROM_ON_OP_MASS = 1 << 18,     /* … a mass erase */
	ROM_ON_OP_PROGRAM = 1 << 19,  /* … the programming of a block */
	ROM_ON_OPERATION = ROM_ON_OP_ERASE | ROM_ON_OP_MASS | ROM_ON_OP_PROGRAM,
	ROM_ON_ANY = (1 << 20) - 1,
	/* Calls of the host that are not requests. Of the faults, only power failures happen during
	   them. */
	ROM_ON_RESET = 1 << 20,
	ROM_ON_OPEN = 1 << 21
};

enum rom_fault_kind {
	/* faults instead of serving the request */
	ROM_FAULT_STALL,       /* state unchanged */
	ROM_FAULT_STALL_ERROR, /* enters dfuERROR with status `value` (default errUNKNOWN) */
	ROM_FAULT_STALL_LATCH, /* and stalls everything from then on until power-off */
	ROM_FAULT_SILENT,      /* never answers, does nothing */
	ROM_FAULT_HANG,        /* never answers anything until power-off */
	ROM_FAULT_VANISH,      /* power fails `ms` into the request; back after `away_ms` */
	ROM_FAULT_SWAP,        /* as vanish, but another board comes back: other UID, blank flash */
	/* faults in the answer to the request that it serves */
	ROM_FAULT_MUTE,         /* never answers */
	ROM_FAULT_SLOW,         /* answers `ms` later */
	ROM_FAULT_BAD_STATE,    /* reports state `value` */
	ROM_FAULT_BAD_STATUS,   /* reports status `value` */
	ROM_FAULT_POLL,         /* reports a poll time of `value` ms */
	ROM_FAULT_SHORT_UPLOAD, /* answers only `value` bytes */
	ROM_FAULT_LONG_UPLOAD,  /* sends more than requested */
	ROM_FAULT_WRONG_DATA,   /* UPLOAD with one bit changed on the way */
	/* faults of the flash operation */
	ROM_FAULT_FAIL,  /* does nothing, and ends in dfuERROR with status `value` */
	ROM_FAULT_DROP,  /* does nothing, and ends well */
	ROM_FAULT_FLIP,  /* leaves bit `bit` of the byte at `address` inverted */
	ROM_FAULT_STUCK, /* leaves that bit at `value` (0 or 1) */
	ROM_FAULT_KINDS
};

struct rom_fault {
	enum rom_fault_kind kind;
	/* The fault happens when all given conditions are true. */
	uint32_t on;  /* a set of enum rom_on; 0 by kind, see rom_fault_default_on */
	uint32_t nth; /* from the Nth request (or operation) that fits, counted from 1; 0 the first
		       */
	uint32_t chance; /* in a million, seeded; 0 certain */
	uint32_t count;  /* how often it happens; 0 for ever */
	bool has_block;
	uint16_t block;   /* wValue */
	bool has_address; /* the request or operation touches address .. address + length - 1 */
	uint32_t address;
	uint32_t length; /* 0 counts as 1 */
	/* its effect */
	uint32_t value;
	bool has_value;
	uint8_t bit;             /* 0..7 */
	uint64_t ns;             /* ms in the file */
	uint64_t away_ns;        /* ROM_FOR_EVER: for ever */
	char port[ROM_PATH_MAX]; /* returns there; "" the same */
};

enum rom_refuse {
	ROM_REFUSE_ID = 1 << 0,
	ROM_REFUSE_UID = 1 << 1,
	ROM_REFUSE_SIZE = 1 << 2,
	ROM_REFUSE_OPTIONS = 1 << 3,
	/* string descriptors, which are stalled: of alternate setting 0, of the others, the serial
	 * string, and all of them */
	ROM_REFUSE_LAYOUT = 1 << 4,
	ROM_REFUSE_OTHER_LAYOUTS = 1 << 5,
	ROM_REFUSE_SERIAL = 1 << 6,
	ROM_REFUSE_STRINGS = 1 << 7
};

/* Manufacturer, product and serial string: as configured, shifted by one, or empty. */
enum rom_strings { ROM_STRINGS_NORMAL, ROM_STRINGS_SHIFTED, ROM_STRINGS_EMPTY };

/* How a read under read protection is refused. */
enum rom_protect {
	ROM_PROTECT_ERRS,   /* AN3156: stall, dfuERROR/errVENDOR */
	ROM_PROTECT_STALLS, /* stall, state unchanged */
	ROM_PROTECT_EMPTY   /* ST's Open Bootloader: an empty packet, then GETSTATE 11, GETSTATUS
			     * dfuERROR/errVENDOR, and two CLRSTATUS */
};

/* The serial string: a text, or the UID in one of its usual forms. */
enum rom_serial {
	ROM_SERIAL_TEXT,     /* as configured */
	ROM_SERIAL_UID,      /* folded: UID0 + UID2 in 8 digits, the upper half of UID1 in 4 */
	ROM_SERIAL_UID_SUMS, /* the same without a carry between the halves of the sum */
	ROM_SERIAL_UID_HEX   /* all of it */
};

/* A few bytes of another chip's address space: readable, never writable. */
struct rom_memory {
	uint32_t address, length;
	uint8_t bytes[ROM_MEMORY_BYTES];
};

/* The firmware in flash as a USB device, once it runs. */
struct rom_application {
	bool given;
	uint16_t vid, pid;
	char product[64];
	uint32_t serial_at; /* address of its serial number in flash, as ASCII; 0: it has none */
	bool detach;        /* has a run-time DFU interface */
	bool touch;         /* has a serial port, and enters the bootloader at 1200 baud */
	uint64_t start_ns;  /* from its start to the bus */
};

/* Which program runs after power-on. */
enum rom_powers_up {
	ROM_POWERS_UP_UNSAID, /* the bootloader; after a leave the board stays away */
	ROM_POWERS_UP_ROM,
	ROM_POWERS_UP_APPLICATION /* if there is one: blank parts start in the ROM */
};

struct rom_config {
	struct rom_part part;
	uint64_t seed; /* of contents, chances and words after a power cut */
	uint8_t uid[ROM_UID_BYTES];

	enum rom_personality personality;

	/* The bootloader version. */
	uint8_t id;
	uint32_t refuse; /* reads that answer refuse_status, strings that stall: set of enum
			    rom_refuse */
	uint8_t refuse_status;
	enum rom_sector_erase sector_erase[2]; /* by address: from 0x08100000 it is [1] */
	bool wedge_repeats; /* each GETSTATUS in the dfuDNBUSY of a wedged erase starts it again
			     * (ST's published class) */
	enum rom_mass_erase mass_erase;
	enum rom_leave leave;
	uint64_t early_ns;  /* how long the first GETSTATUS of an early or wedged erase takes */
	uint32_t busy_hang; /* chance in a million that touching flash in an early erase hangs the
			       part */

	/* Descriptors. */
	uint16_t vid, pid, bcd_device;
	uint8_t dfu_attributes;
	uint16_t transfer_size;      /* wTransferSize as announced */
	uint16_t real_transfer_size; /* the size that the ROM really uses */
	bool functional;             /* there is a functional descriptor */
	uint8_t functional_length;   /* its announced bLength; 0: correct */
	uint8_t string_length;       /* announced bLength of every string; 0: correct */
	uint16_t total_length;       /* announced wTotalLength of the configuration; 0: correct */
	unsigned alts;
	char layout[ROM_ALTS_MAX][ROM_STRING_MAX]; /* UTF-8 */
	enum rom_strings strings;
	char manufacturer[64], product[64];
	char status_string[64]; /* of a status that is not OK; "": iString is 0 */
	enum rom_serial serial_kind;
	char serial[ROM_STRING_MAX]; /* TEXT: H74x has the same on every board of a revision */
	uint16_t dfu_version;        /* bcdDFUVersion */

	/* DFU behaviour. */
	enum rom_stride stride;
	enum rom_read_before_write read_before_write;
	enum rom_clear clear;
	bool unexpected_errs; /* an unexpected request enters dfuERROR (DFU 1.1), else only a stall.
			       * In dfuDNBUSY it never changes the state. */
	bool errors_at_first; /* a failed operation shows in the first GETSTATUS, not the second */
	bool mass_in_second;  /* mass erase runs in the second GETSTATUS */
	bool erase_moves_pointer;
	bool alt_confined;      /* an alternate setting reaches only its own memory */
	bool reset_keeps_state; /* a bus reset leaves DFU state and pointer alone */
	bool early_poll_stalls; /* GETSTATUS before the poll time is over is stalled */
	bool option_whole;      /* option bytes are read whole or not at all */
	uint32_t poll_pointer_ms, poll_write_ms, poll_erase_ms, poll_mass_ms, poll_idle_ms;

	/* The state left by an earlier host. */
	uint8_t initial_state;   /* DFU state; dfuIDLE by default */
	uint8_t initial_status;  /* with dfuERROR */
	uint8_t initial_command; /* dfuDNLOAD-SYNC, dfuDNBUSY: 0x21, 0x41 */
	uint32_t initial_address;
	uint64_t initial_busy_ns; /* dfuDNBUSY: its erase runs so long yet, from the first power-on
				   */

	/* Flash. */
	enum rom_twice twice;
	enum rom_broken broken;
	uint32_t wrp[2][4];                  /* protected sectors of a bank, one bit a sector */
	uint32_t secure_start, secure_bytes; /* never erased */
	enum rom_contents contents;
	uint32_t contents_start, contents_bytes; /* limits; bytes 0: all */
	const uint8_t *image; /* borrowed; at contents_start (0: flash start), image_bytes long */
	size_t image_bytes;
	unsigned broken_words;
	uint32_t broken_at[ROM_BROKEN_MAX];

	/* Option bytes. */
	uint8_t rdp; /* 0xAA level 0, 0xCC level 2, else level 1 */
	enum rom_protect protect;
	uint64_t claimed_ns; /* another program claims it for this time after it is plugged in */
	bool unauthorized;   /* the kernel does not authorize it */
	bool unconfigured;   /* the kernel has set no configuration: its hub lacks power for it */
	bool swap_bank, security;
	bool watchdog; /* IWDG1_SW is 0: it runs from power-on, and the ROM does not feed it while
			* it erases flash at length (public report of a reset in a mass erase) */

	/* Other chips. */
	bool system_echo;  /* reads of system memory answer with the first bytes of flash */
	bool uid_unstable; /* each read of the UID differs */
	unsigned memories;
	struct rom_memory memory[ROM_MEMORIES_MAX]; /* before anything else */
	enum rom_option_write option_write;
	bool option_reset; /* resets itself after a write of option bytes and a read unprotect */

	/* Times. */
	uint64_t sector_ns, mass_ns, word_ns;
	uint64_t sector_worst_ns, mass_worst_ns; /* nothing may touch flash before, where erase is
						  * early or wedges */
	uint64_t wire_small_ns;                  /* a control transfer of up to 64 bytes */
	uint64_t wire_block_ns;                  /* of 1024 bytes */
	uint64_t start_ns;                       /* from power to the bus */
	bool own_supply;                         /* goes on running when its port loses power */
	bool boot0_high;                         /* comes back after leaving */
	uint64_t return_ns;                      /* then, and after read unprotect, after so long */

	struct rom_application application;
	enum rom_powers_up powers_up;

	unsigned faults;
	struct rom_fault fault[ROM_FAULTS_MAX];
};

/* A healthy blank STM32H743xI with V9.2 on the times of the bench model. */
void rom_config_init(struct rom_config *config);
/* By name ("stm32h743xi", also without "stm32"): geometry, layout strings, the series' V9.2. */
bool rom_config_part(struct rom_config *config, const char *name);
/* By name ("V9.0") within the part's series, or "unknown": no host can read it. */
bool rom_config_bootloader(struct rom_config *config, const char *name);

/* Sets the differences of that personality from a ROM. After part and bootloader. */
void rom_config_personality(struct rom_config *config, enum rom_personality personality);

/* The default trigger of that kind of fault. */
uint32_t rom_fault_default_on(enum rom_fault_kind kind);

#endif
