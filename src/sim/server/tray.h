/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tray: virtual ROMs in ports, each with its queue of control requests, on one event-driven
 * clock, which all fronts serve (stand-in, vhci, usbredir). Single-threaded; the owner drives time
 * by tray_run. */
#ifndef SIM_TRAY_H
#define SIM_TRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAY_NEVER UINT64_MAX

struct tray;
struct fleet;

enum tray_status {
	TRAY_DONE,
	TRAY_STALL,
	TRAY_GONE,
	TRAY_CANCELLED,
	TRAY_OVERFLOW /* IN: it sent more than requested; data is the part that fits */
};

/* One request. Owned by the tray from submit to its done call. */
typedef void tray_done(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
		       size_t length);

/* Plug and unplug, to every listener. `target` is the index in the fleet, `generation` grows with
 * each plug of any target (a fresh bus address). */
typedef void tray_change(void *user, unsigned target, uint64_t generation, bool plugged);

struct tray *tray_new(const struct fleet *fleet, uint64_t now);
void tray_free(struct tray *tray);
/* False: no memory. */
bool tray_listen(struct tray *tray, tray_change *change, void *user);
void tray_unlisten(struct tray *tray, void *user);

/* The state of a target's port. */
unsigned tray_targets(const struct tray *tray);
bool tray_plugged(const struct tray *tray, unsigned target);
const char *tray_path(const struct tray *tray, unsigned target); /* "1-1.4" */
struct rom *tray_rom(struct tray *tray, unsigned target);
/* The longest time in ns from the start of service of a request to its end or cancellation. */
uint64_t tray_longest(const struct tray *tray, unsigned target);

/* Queues a request on target's endpoint 0: executed in order, one at a time. `user`+`tag` name it.
 */
void tray_submit(struct tray *tray, unsigned target, const uint8_t setup[8], const uint8_t *out,
		 size_t out_length, tray_done *done, void *user, uint64_t tag);

/* Cancels: a queued request is dropped unexecuted; one being served has been executed, and its
 * answer is lost. done follows with TRAY_CANCELLED (from within tray_run). False: no such request
 * (any more). */
bool tray_cancel(struct tray *tray, void *user, uint64_t tag);
/* All requests of a client that is gone, without done calls. Returns how many there were. */
unsigned tray_cancel_user(struct tray *tray, void *user);

void tray_bus_reset(struct tray *tray, unsigned target);
/* The host opens it. False: it is not there, or left meanwhile. */
bool tray_open(struct tray *tray, unsigned target);
void tray_plug(struct tray *tray, unsigned target, const char *path /* NULL: as before */);
void tray_unplug(struct tray *tray, unsigned target); /* power cut: requests end as TRAY_GONE */
/* The supply of its port. Without power, a board with a supply of its own also leaves the bus, but
 * keeps running. */
enum tray_power {
	TRAY_DARK, /* no power */
	TRAY_MUTE, /* power, but no data lines */
	TRAY_LIVE
};
void tray_power(struct tray *tray, unsigned target, enum tray_power power);
/* Unplugs it, and plugs it in again `ns` later. */
void tray_bounce(struct tray *tray, unsigned target, uint64_t ns);
/* Takes its power for some time, as in a suspended computer; `other`: another board (other UID,
 * blank flash) is there afterwards. A board that was taken out stays out. */
void tray_dark(struct tray *tray, unsigned target, uint64_t ns, bool other);
/* Tells its application to enter the bootloader. False: none runs. */
bool tray_enter(struct tray *tray, unsigned target);
/* Sets BOOT0, which selects the program after power-on. */
void tray_boot0(struct tray *tray, unsigned target, bool high);
/* Puts a new board (other UID, blank flash) into an empty port. */
void tray_renew(struct tray *tray, unsigned target);
/* A working operator: the next `boards` boards that have started their application for good are
 * each replaced by a new one `ns` later. */
void tray_belt(struct tray *tray, unsigned boards, uint64_t ns);

/* When the next thing happens, TRAY_NEVER if nothing is under way. */
uint64_t tray_next(const struct tray *tray);
uint64_t tray_now(const struct tray *tray);
/* Carries out all events up to `now` (absolute, monotonic, in fleet time), in order of time. */
void tray_run(struct tray *tray, uint64_t now);

#endif
