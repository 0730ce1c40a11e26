/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One board being measured: shared by the steps. */
#ifndef H7GANG_SRC_CHARACTERIZE_MEASURE_H
#define H7GANG_SRC_CHARACTERIZE_MEASURE_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/attempt/link.h"
#include "h7gang/base/clock.h"
#include "h7gang/characterize/characterize.h"
#include "h7gang/stm32/evidence.h"
#include "h7gang/stm32/option.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/stm32/series.h"

enum {
	MEASURE_TRANSFER_MS = 2000,
	MEASURE_SAMPLES = 9,           /* of a time; odd, for a median */
	MEASURE_FREE_RAM = 0x24040000, /* AN2606 t.226: a host may write it on every series */
	MEASURE_LOST_BYTES = 32
};

/* Refused requests: words of the fleet key `refuse`. */
enum {
	REFUSED_ID = 1 << 0,
	REFUSED_UID = 1 << 1,
	REFUSED_SIZE = 1 << 2,
	REFUSED_OPTIONS = 1 << 3,
	REFUSED_LAYOUT = 1 << 4,
	REFUSED_OTHER_LAYOUTS = 1 << 5,
	REFUSED_SERIAL = 1 << 6,
	REFUSED_STRINGS = 1 << 7
};

/* How one request ended. */
struct reply {
	enum dfu_io io;
	size_t length;
	int64_t ns, landed;
	uint8_t data[DFU_PIPE_MAX_LENGTH];
};

struct measure {
	struct characterize *job;
	struct usb_bus *bus;
	struct link link;
	_Atomic int64_t arrived; /* when a board last appeared at the port */
	json_t *root, *measured, *details;
	struct stm32_answers answers;
	struct stm32_evidence evidence;
	const struct stm32_part *part; /* NULL: not an STM32H7, or not proved */
	const struct stm32_rom *rom;
	char uid[25];
	unsigned refused; /* REFUSED_* */
	struct stm32_option_block option;
	unsigned option_alt;
	bool confined;      /* an alternate setting reaches only its own memory */
	bool flash_refused; /* read protection */
	bool early_stalls;  /* a GETSTATUS before the poll time is over is stalled */
	bool class_manners; /* ST's published class */
	bool loses_word;    /* a read takes the first word of the next write */
	bool has_read;      /* flash was read since the last write */
	bool dead;          /* it answers nothing until its power was off */
	bool destroying;    /* the guard has confirmed that its flash may be lost */
	bool unproved;      /* it was attached again, and has no UID to show that it is the same */
	int64_t suspended_ms;          /* clock_suspended_ms when its UID was last compared */
	bool forbidden;                /* the guard refuses to let its flash be lost */
	unsigned described;            /* link.attached when its identification began */
	unsigned recorded;             /* steps that the file had when it was opened, a bit each */
	enum characterize_end stopped; /* EXCHANGED or UNPROVED: nothing more is sent */
	char stop_why[120];
	bool left;         /* it started its application */
	int64_t small_ns;  /* a request of up to 64 bytes */
	int64_t sector_ns; /* an erase in bank 1; 0: unknown */
	char why[240];     /* why the step could not be done */
};

/* ask.c */
void ask(struct measure *m, uint8_t type, uint8_t request, uint16_t value, const uint8_t *out,
	 uint16_t length, uint32_t timeout_ms, struct reply *reply);
void ask_out(struct measure *m, uint8_t request, uint16_t value, const uint8_t *out,
	     uint16_t length, struct reply *reply);
void ask_in(struct measure *m, uint8_t request, uint16_t value, uint16_t length,
	    struct reply *reply);
/* GETSTATUS. False: not answered, or not with six bytes. */
bool ask_status(struct measure *m, uint32_t timeout_ms, struct dfu_status *status,
		struct reply *reply);
/* GETSTATE; -1: not answered. */
int ask_state(struct measure *m);
/* A DNLOAD command with an address (0x21, 0x41). */
void ask_command(struct measure *m, uint8_t command, uint32_t address, struct reply *reply);
const char *reply_word(const struct reply *reply); /* "answered", "stalled", "no answer", .. */
/* Back to dfuIDLE, and still the board that was identified. False: `why`, or stopped; the board
 * left, must lose its power, or is another one. */
bool back_to_idle(struct measure *m);
/* Before each erase or write: whether this is the board whose loss was confirmed. */
bool may_write(struct measure *m);
/* Opens a board that was reset or came back: the kernel needs time before it can be used. */
bool reopen(struct measure *m);
/* Whether it can be asked at all; a closed device cannot. */
bool alive(const struct measure *m);
/* These are dfu_* on a board that is there. */
bool set_pointer(struct measure *m, uint32_t address);
bool select_alt(struct measure *m, unsigned alt);
bool unwedge(struct measure *m);
enum dfu_result get_string(struct measure *m, uint8_t index, char *text, size_t size);
/* The pointer is there and the board in dfuIDLE. False: refused, and back in dfuIDLE or not. */
bool point_at(struct measure *m, uint32_t address);
/* One UPLOAD of all bytes behind a pointer. False: `answer` says how it was refused, and it is
 * back in dfuIDLE. */
bool read_at(struct measure *m, uint32_t address, uint8_t *bytes, size_t length,
	     const char **answer);
int64_t median(int64_t *ns, unsigned count);

/* same.c */
/* The board was identified, and answered everything since it was attached. */
void keep_board(struct measure *m);
/* False: it was attached again, or the computer slept, since its UID was last compared. */
bool board_known(const struct measure *m);
/* Compares its UID. DFU_OK once it was asked; it may be stopped, or unproved. */
enum dfu_result confirm_board(struct measure *m);
/* No UID shows whether it is the same board: false, and stopped, if its flash may be lost. */
bool unproved(struct measure *m);
/* Closes the device for good. Always false. */
bool stop(struct measure *m, enum characterize_end end, const char *why);

/* document.c */
bool document_new(struct measure *m);
bool document_load(struct measure *m);
bool document_save(struct measure *m);
void put_word(struct measure *m, const char *key, const char *word);
void put_number(struct measure *m, const char *key, int64_t number);
void put_bool(struct measure *m, const char *key, bool value);
void put_ms(struct measure *m, const char *key, int64_t ns);
void put_value(struct measure *m, const char *key, json_t *value); /* takes the value */
bool has(const struct measure *m, const char *key);
/* Into details[name]; takes the value. */
void detail(struct measure *m, const char *name, json_t *value);
json_t *ms_of(int64_t ns); /* three significant digits */
json_t *word_of(const char *text);
/* The keys that no step measured, and the tool's version. */
bool document_finish(struct measure *m);

/* findings.c */
bool findings_put(struct measure *m);
void findings_print(const struct measure *m, FILE *to);

/* The steps: false with `why` if they could not be done. Their measurements stay. */
bool characterize_descriptors(struct measure *m);
bool characterize_identity(struct measure *m);
bool characterize_manners(struct measure *m);
bool characterize_wire(struct measure *m);
bool characterize_reset(struct measure *m);
bool characterize_erase(struct measure *m);
bool characterize_program(struct measure *m);
bool characterize_mass(struct measure *m);
bool characterize_bank2(struct measure *m);
bool characterize_twice(struct measure *m);
bool characterize_leave(struct measure *m);

/* flash.c: shared by the destructive steps. */
struct erasing {
	int64_t first_ns, second_ns; /* without the time of the request itself */
	uint32_t poll_ms;
	bool refused, wedged;
	bool repeats;   /* a question in the dfuDNBUSY of a wedged erase starts it again */
	uint8_t status; /* if refused */
};
/* Erases one sector in the most careful way and waits until nothing can run any more. False: the
 * board is lost, or the step's time is over. */
bool erase_at(struct measure *m, uint32_t address, struct erasing *seen);
/* Sends a block behind a pointer at `address`; `value` 2 for the first one. */
struct writing {
	int64_t first_ns, second_ns;
	uint32_t poll_ms;
	bool refused;
	uint8_t status;
};
bool write_block(struct measure *m, uint16_t value, const uint8_t *bytes, uint16_t length,
		 struct writing *seen);
/* Points at the address, after a write that costs nothing if a read lost the next word. */
bool point_to_write(struct measure *m, uint32_t address);
/* A sector of that bank that may be lost: open in table and layout, not write-protected. */
bool test_sector(struct measure *m, unsigned bank, uint32_t *address);
/* Addresses of system memory whose contents differ from place to place (the ROM's own code). */
uint32_t rom_code(const struct measure *m);
bool sector_usable(const struct measure *m, unsigned sector);
void fill_pattern(uint8_t *bytes, size_t length, uint32_t seed);

#endif
