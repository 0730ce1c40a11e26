/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A production profile: YAML, checked in full before any target is touched. */
#ifndef H7GANG_PROFILE_PROFILE_H
#define H7GANG_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/sha256.h"
#include "h7gang/image/image.h"
#include "h7gang/image/start.h"
#include "h7gang/audit/published.h"
#include "h7gang/profile/control.h"
#include "h7gang/profile/operation.h"
#include "h7gang/profile/serial.h"
#include "h7gang/stm32/option.h"
#include "h7gang/stm32/part.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/usb/bus.h"

#define PROFILE_NAME_SIZE 65 /* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
#define PROFILE_SLOTS_MAX 120
#define PROFILE_FILES_MAX 32
#define PROFILE_ROMS_MAX 32
#define PROFILE_HOOK_WORDS_MAX 64 /* a hook's command and its arguments */

struct profile_limits {
	uint64_t lot_quantity; /* 0: no limit */
	bool once_per_lot;
};

/* How leased numbers end that a run did not need. */
enum profile_unused {
	PROFILE_UNUSED_KEEP,  /* they stay the station's, for its next run */
	PROFILE_UNUSED_REUSE, /* they go back, to be given out again */
	PROFILE_UNUSED_BURN   /* they go back and are discarded */
};

/* How a station works with the store. */
struct profile_store {
	bool offline_lease; /* offline: lease: works on leased numbers while the store is away */
	bool offline_start; /* offline: start: likewise, also a run that begins without the store */
	unsigned lease_size; /* numbers taken ahead, 1..100000 */
	enum profile_unused unused;
	unsigned places; /* of a lot, taken ahead; 0 unless offline: lease */
};

struct profile_option {
	const struct stm32_option_field *field;
	uint32_t value;
};

struct profile_option_list {
	unsigned count;
	struct profile_option option[STM32_OPTION_FIELDS_MAX];
};

/* The field with that name ("swap_bank") in the list; NULL: it is not there. */
const struct profile_option *profile_option_find(const struct profile_option_list *list,
						 const char *name);

struct profile_options {
	struct profile_option_list expect, set;
	bool unprotect;     /* a part at RDP level 1 is erased by the read-unprotect command */
	bool unprotect_wrp; /* sectors to be erased or written lose their write protection */
};

enum profile_erase {
	PROFILE_ERASE_AUTO,
	PROFILE_ERASE_TOUCHED,
	PROFILE_ERASE_MASS,
	PROFILE_ERASE_NONE
};
enum profile_verify { PROFILE_VERIFY_FULL, PROFILE_VERIFY_IMAGE };
enum profile_leave { PROFILE_LEAVE_FALSE, PROFILE_LEAVE_TRUE, PROFILE_LEAVE_REQUIRED };
enum profile_poll { PROFILE_POLL_ADAPTIVE, PROFILE_POLL_SPEC };

/* Where the application starts, and the vector tables there. */
struct profile_start {
	uint32_t address;          /* stated, else boot_add0 as set or expected, else 0x08000000 */
	bool stated;               /* by the key `start` */
	bool unchecked;            /* start: {check: off} */
	struct image_start core;   /* at `address` */
	struct image_start second; /* the Cortex-M4's at 0x08100000; dual-core parts only */
};

struct profile_slot {
	char name[PROFILE_NAME_SIZE];
	char path[USB_ID_PATH_SIZE]; /* kernel name or udev ID_PATH form */
	bool by_id_path;
	bool power;           /* the power of its port may be switched */
	unsigned row, column; /* place in the fixture, from 1; 0: not said */
};

struct profile_file {
	char *file;               /* as written */
	char *path;               /* relative to the profile's folder, resolved; owned */
	uint32_t line, column;    /* of `file` in the profile */
	enum image_format format; /* as asked for; once read, as found */
	bool has_address;
	uint32_t address;
	bool has_range; /* take only first..last (both included) of the file's own addresses */
	uint32_t first, last;
	int alternate;                  /* DfuSe: the setting whose targets are taken, if stated */
	int64_t offset;                 /* added to every address after `range` */
	char sha256[SHA256_HEX_SIZE];   /* demanded; "" none */
	char actual[SHA256_HEX_SIZE];   /* of the file that was read */
	uint32_t used, lowest, highest; /* bytes it states and where */
	unsigned image;                 /* its number among the flash's images; 0: none */
};

/* When a command of the user runs. */
enum profile_hook_time {
	PROFILE_HOOK_START,  /* once, before any target is touched: a failure ends the run */
	PROFILE_HOOK_BEFORE, /* each unit, once it is identified, before anything is written */
	PROFILE_HOOK_GATE,   /* each attempt that would PASS, before its row: a failure is
				hook_refused */
	PROFILE_HOOK_AFTER,  /* each unit, after its last row is on disk */
	PROFILE_HOOK_END,    /* once, at the end of the run */
	PROFILE_HOOK_STATE,  /* each change of the station's state; its exit status does not matter
			      */
	PROFILE_HOOKS
};

struct profile_hook {
	char *program; /* the file to be executed, found when the profile was loaded; NULL: no hook
			*/
	char **argv;   /* as written, NULL-terminated */
	uint32_t timeout_s; /* 1..3600 */
};

/* When the power of a slot's port is cycled, ORed. */
enum {
	PROFILE_CYCLE_RECOVER = 1 << 0,      /* a board that hangs, before it is tried again */
	PROFILE_CYCLE_OPTION_BYTES = 1 << 1, /* after option bytes were set */
	PROFILE_CYCLE_AFTER_PASS = 1 << 2    /* instead of the start by the bootloader */
};

struct profile_power {
	unsigned cycle;
	uint32_t off_ms; /* 100..30000 */
};

/* How a board gets from its application into the ROM bootloader. */
enum profile_enter_by {
	PROFILE_ENTER_NOT,
	PROFILE_ENTER_DETACH, /* DFU_DETACH to its run-time interface (DFU 1.1, 5.1) */
	PROFILE_ENTER_TOUCH,  /* its CDC serial port is opened at 1200 baud */
	PROFILE_ENTER_COMMAND /* `command` is run */
};

struct profile_enter {
	enum profile_enter_by by;
	struct usb_filter usb; /* the application's */
	struct profile_hook command;
	uint32_t within_s; /* for the bootloader to appear, 1..60 */
};

/* The USB device that the application must show at the same port once it runs. */
struct profile_boot {
	bool given;
	struct usb_filter usb;
	char *product;     /* NULL: any */
	char *serial;      /* with {serial} in it; NULL: any */
	uint32_t within_s; /* 1..60 */
};

#define PROFILE_PUBLISH_NAMES_MAX AUDIT_PUBLISHED_NAMES_MAX

/* When rows that h7gang-publish has not sent hold back new units. */
struct profile_publish {
	unsigned max_lag; /* rows, 1..1000000; 0: they hold back none */
	unsigned names;   /* publishers that count; 0: each that has a position */
	char name[PROFILE_PUBLISH_NAMES_MAX][AUDIT_PUBLISHED_NAME_SIZE];
	char *positions; /* their folder, resolved; NULL: beside the log */
};

struct profile {
	char *path; /* as given on the command line */
	char name[PROFILE_NAME_SIZE];
	char sha256[SHA256_HEX_SIZE]; /* of the profile file */
	const struct stm32_part *part;
	bool accept_unidentified; /* target.unidentified: accept */
	bool allow_resident;      /* target.resident: allow */
	struct usb_filter usb;
	unsigned bootloaders;                 /* 0: every version, and unknown */
	uint8_t bootloader[PROFILE_ROMS_MAX]; /* ID bytes, from "V9.0" by series */
	char *firmware_version;               /* "" if absent */
	unsigned files;
	struct profile_file file[PROFILE_FILES_MAX];
	struct image_flash flash; /* the wanted flash; `touched` includes sectors with patches */
	enum profile_erase erase;
	enum profile_verify verify;
	enum profile_poll poll;
	unsigned upload_window; /* UPLOADs in flight, 1..DFU_WINDOW_MOST */
	enum profile_leave leave;
	struct profile_start start;
	unsigned attempts;    /* 1..9 */
	uint32_t transfer_ms; /* 100..60000 */
	uint32_t claim_ms;    /* 0..60000 */
	uint32_t unit_s;      /* 1..3600, per attempt */
	unsigned parallel;    /* boards that run at once; 0: no bound */
	uint32_t stagger_ms;  /* between two starts, 0..60000 */
	bool require_lot, require_operator;
	unsigned slots;
	struct profile_slot slot[PROFILE_SLOTS_MAX];
	struct profile_serial *serial; /* NULL: units have no data of their own */
	struct profile_limits limits;
	struct profile_options options;
	struct profile_hook hook[PROFILE_HOOKS];
	struct profile_power power;
	struct profile_enter enter;
	struct profile_boot boot;
	struct profile_scan scan;
	struct profile_stop stop;
	bool stop_on_change; /* on_change: stop: nothing starts once a file of the profile changed
			      */
	enum profile_bell bell;
	struct profile_control control;
	struct profile_publish publish;
	char *audit_file; /* resolved against the profile's folder, {lot} not yet replaced;
			   * NULL if absent */
	char *audit_key;  /* private key that seals the log, resolved likewise; NULL: none */
	unsigned audit_seal_every; /* rows between seals, 1..1000000 */
	unsigned audit_rotate_mb;  /* a new file after so many 1000000 bytes; 0: never */
	bool audit_rotate_lot;     /* a new file for a new lot */
	char *state_dir;           /* station.state_dir, resolved likewise; NULL: absent */
	char *store_url; /* sqlite:FILE, resolved likewise, or postgresql://...; NULL: none */
	struct profile_store store;
	size_t remarks;
	struct profile_remark *remark; /* owned */
};

/* A hint about a profile that can be used as it is. */
struct profile_remark {
	bool warning;          /* else a note */
	uint32_t line, column; /* of the profile; 0: of the whole */
	char *text;
};

struct profile_problem {
	char *file;            /* profile or firmware file */
	uint32_t line, column; /* 0 where there is none */
	char *what;
	uint32_t at_line, at_column; /* the place in the profile it belongs to; 0: the whole */
};

#define PROFILE_SIZE_MAX (1u << 20) /* bytes; a larger profile is refused */

/* Every error of the profile and its images, in order of their place in the profile. A problem of a
 * text firmware file names that file and line, and in `what` the place in the profile. */
struct profile_problems {
	size_t count;
	struct profile_problem *problem;
	bool lost; /* one could not be noted: no memory */
};

/* Loads and checks. NULL: see problems (not empty then, unless memory was out: `lost`). Free both.
 */
struct profile *profile_load(const char *path, struct profile_problems *problems);

/* The same for a command that only compares: firmware that is implausible where the application
 * starts is a remark. */
struct profile *profile_load_to_verify(const char *path, struct profile_problems *problems);

/* AUDIT_OVERRIDE_*, ORed: the safeguards that the profile switches off for every attempt. */
unsigned profile_overrides(const struct profile *profile);

/* Whether boards get numbers or places in a lot, which a store decides if there is one. */
bool profile_has_counters(const struct profile *profile);

/* The index of the file that states the byte at `offset` of the flash; profile->files: none does.
 */
unsigned profile_file_at(const struct profile *profile, uint32_t offset);
void profile_free(struct profile *profile);
void profile_problems_free(struct profile_problems *problems);

/* "keep", "reuse", "burn". Static. */
const char *profile_unused_name(enum profile_unused unused);

/* "start", "before", "gate", "after", "end", "state". Static. */
const char *profile_hook_name(enum profile_hook_time time);

/* Whether the power of a slot's port may be switched. */
bool profile_has_power(const struct profile *profile);

/* Whether `seen` is plugged in at that slot. */
bool profile_slot_holds(const struct profile_slot *slot, const struct usb_seen *seen);

/* The slot of that name. NULL: there is none. */
const struct profile_slot *profile_slot_find(const struct profile *profile, const char *name);

/* The kernel's name of the slot's port. False: this computer has no USB controller with the name in
 * the slot's path. */
bool profile_slot_port(const struct profile_slot *slot, char port[USB_PATH_SIZE]);

/* Whether two slots name one port in the two ways, as far as sysfs knows the host controllers. */
bool profile_slot_twins(const struct profile *profile, unsigned *first, unsigned *second);

/* Whether the number file at `path` would be the log `log` or one of the log's own files. */
bool profile_path_of_log(const char *path, const char *log);

/* Whether `text` may be a profile or slot name, or a lot used in a path. */
bool profile_name_ok(const char *text);

#endif
