/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire_private.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/dfu/pipe.h"
#include "h7gang/usb/bus.h"

#define FRAME_NS 1000000
#define PACKET 64u
#define PACKET_OVERHEAD 13u
#define TRANSFER_OVERHEAD 34u
#define PACKETS_A_FRAME 19u

#define BLOCK_USUAL 1024u /* wTransferSize of ST's bootloaders */

#define FULL 1000u /* of a wire, in permille */
#define BUS_FULL ((unsigned)(USB_WIRES_A_BUS * FULL))
/* Turns are granted until they need all of it together. Where boards need more than there is, gaps
 * cost more than boards that wait for each other, and one transfer in flight a board leaves some.
 */
#define CROWD 160u      /* percent */
#define FIRST_GUESS 200 /* permille of a wire: the share of writing before it was measured */
#define LOOK_MS 200     /* how often a waiting board looks for a stop, and for stale turns */

struct wire { /* never freed, so that its measured values are not lost */
	struct wire *next;
	char domain[USB_PATH_SIZE];
	unsigned seats;
	double share[USB_LOADS]; /* largest part used by a board alone; 0: not measured */
	unsigned used;           /* permille, by turns */
	unsigned need;           /* of all boards there, permille */
	unsigned turns;          /* granted so far */
};

struct trunk { /* a bus above translators */
	struct trunk *next;
	unsigned number;
	unsigned seats;
	unsigned used; /* permille of one wire */
	unsigned need; /* of all boards there, likewise */
	unsigned turns;
};

enum seat_state { SEAT_QUIET, SEAT_WAITING, SEAT_SERVED };

struct usb_seat {
	struct usb_seat *next;
	struct usb_wires *wires;
	struct wire *wire;
	struct trunk *trunk;
	pthread_cond_t granted;
	enum seat_state state;
	struct usb_turn turn;
	bool early;    /* it got its turn at once when its survey began */
	unsigned cost; /* permille of the wire */
	int64_t since; /* start of that state */
	int64_t lag;   /* how long it waits at first */
	bool idles;
};

struct usb_wires {
	pthread_mutex_t mutex;
	struct usb_seat *seats;
	struct wire *list;
	struct trunk *trunks;
	int64_t looked; /* when turns were granted last */
};

int64_t usb_wire_ns(uint32_t bytes)
{
	uint32_t packets = (bytes + PACKET - 1) / PACKET;
	int64_t times = TRANSFER_OVERHEAD + bytes + (int64_t)packets * PACKET_OVERHEAD;

	return times * FRAME_NS / ((PACKET + PACKET_OVERHEAD) * PACKETS_A_FRAME);
}

struct usb_wires *usb_wires_new(void)
{
	struct usb_wires *wires = calloc(1, sizeof(*wires));

	if (wires && pthread_mutex_init(&wires->mutex, NULL) != 0) {
		free(wires);
		return NULL;
	}
	return wires;
}

void usb_wires_free(struct usb_wires *wires)
{
	if (!wires)
		return;
	while (wires->list) {
		struct wire *next = wires->list->next;

		free(wires->list);
		wires->list = next;
	}
	while (wires->trunks) {
		struct trunk *next = wires->trunks->next;

		free(wires->trunks);
		wires->trunks = next;
	}
	pthread_mutex_destroy(&wires->mutex);
	free(wires);
}

static struct wire *find_wire(struct usb_wires *wires, const char *domain)
{
	struct wire *wire = wires->list;

	while (wire && strcmp(wire->domain, domain) != 0)
		wire = wire->next;
	if (wire)
		return wire;
	wire = calloc(1, sizeof(*wire));
	if (!wire)
		return NULL;
	snprintf(wire->domain, sizeof(wire->domain), "%s", domain);
	wire->next = wires->list;
	wires->list = wire;
	return wire;
}

static struct trunk *find_trunk(struct usb_wires *wires, unsigned number)
{
	struct trunk *trunk = wires->trunks;

	while (trunk && trunk->number != number)
		trunk = trunk->next;
	if (trunk)
		return trunk;
	trunk = calloc(1, sizeof(*trunk));
	if (!trunk)
		return NULL;
	trunk->number = number;
	trunk->next = wires->trunks;
	wires->trunks = trunk;
	return trunk;
}

struct usb_seat *usb_seat_take(struct usb_wires *wires, const char *domain, unsigned bus)
{
	struct usb_seat *seat = calloc(1, sizeof(*seat));

	if (!seat)
		return NULL;
	if (clock_cond_init(&seat->granted) != 0) {
		free(seat);
		return NULL;
	}
	seat->wires = wires;
	pthread_mutex_lock(&wires->mutex);
	seat->wire = find_wire(wires, domain);
	seat->trunk = find_trunk(wires, bus);
	if (seat->wire && seat->trunk) {
		seat->wire->seats++;
		seat->trunk->seats++;
		seat->next = wires->seats;
		wires->seats = seat;
	}
	pthread_mutex_unlock(&wires->mutex);
	if (seat->wire && seat->trunk)
		return seat;
	pthread_cond_destroy(&seat->granted);
	free(seat);
	return NULL;
}

/* --- turns --- */

static unsigned cost_of(const struct usb_seat *seat, enum usb_load load)
{
	double share = seat->wire->share[load];

	if (share > 0)
		return share < 1 ? (unsigned)(share * FULL) + 1 : FULL;
	return load == USB_WRITING ? FIRST_GUESS : FULL / 2;
}

/* Counts the turns in use. A turn that has lasted too long does not count. */
static void count_used(struct usb_wires *wires, int64_t now)
{
	for (struct wire *wire = wires->list; wire; wire = wire->next)
		wire->used = wire->need = 0;
	for (struct trunk *trunk = wires->trunks; trunk; trunk = trunk->next)
		trunk->used = trunk->need = 0;
	for (struct usb_seat *seat = wires->seats; seat; seat = seat->next) {
		seat->wire->need += seat->turn.need;
		seat->trunk->need += seat->turn.need;
		if (seat->state != SEAT_SERVED || now - seat->since >= USB_TURN_MS * CLOCK_MS)
			continue;
		seat->wire->used += seat->cost;
		seat->trunk->used += seat->cost;
	}
}

static bool has_room(unsigned used, unsigned need, unsigned full)
{
	return used < (need > full ? full * CROWD / 100 : full);
}

static bool fits(const struct usb_seat *seat)
{
	return has_room(seat->wire->used, seat->wire->need, FULL) &&
	       has_room(seat->trunk->used, seat->trunk->need, BUS_FULL);
}

static bool ranks_higher(const struct usb_seat *a, const struct usb_seat *b)
{
	if (!a->turn.survey || !b->turn.survey)
		return a->turn.rank > b->turn.rank;
	if (a->early != b->early)
		return a->early;
	return a->early ? a->turn.rank > b->turn.rank : a->turn.rank < b->turn.rank;
}

static bool is_before(const struct usb_seat *a, const struct usb_seat *b, int64_t now)
{
	bool a_aged = now - a->since >= USB_AGED_MS * CLOCK_MS;
	bool b_aged = now - b->since >= USB_AGED_MS * CLOCK_MS;

	if (a_aged != b_aged)
		return a_aged;
	if (!a_aged && ranks_higher(a, b) != ranks_higher(b, a))
		return ranks_higher(a, b);
	return a->since < b->since;
}

/* Boards whose turns begin together would send together and then program together, and the wire
 * would idle. So the starts are spread over the time of one block. */
static void set_lag(struct usb_seat *seat)
{
	/* A transfer leaves at least a third of its own wire to gaps. */
	bool crowded = seat->trunk->seats > 1.5 * USB_WIRES_A_BUS;
	unsigned *turns = seat->wire->seats > 1 ? &seat->wire->turns : &seat->trunk->turns;
	unsigned room = seat->wire->seats > 1 ? FULL : BUS_FULL;
	unsigned together = room / seat->cost + 1;

	seat->lag = 0;
	if (seat->turn.load == USB_WRITING && (seat->wire->seats > 1 || crowded))
		seat->lag = (*turns)++ % together *
			    (usb_wire_ns(seat->turn.block) * FULL / seat->cost / together);
}

static void grant_turns(struct usb_wires *wires)
{
	int64_t now = clock_now();

	wires->looked = now;
	count_used(wires, now);
	for (;;) {
		struct usb_seat *first = NULL;

		for (struct usb_seat *seat = wires->seats; seat; seat = seat->next) {
			if (seat->state == SEAT_WAITING && fits(seat) &&
			    (!first || is_before(seat, first, now)))
				first = seat;
		}
		if (!first)
			return;
		first->state = SEAT_SERVED;
		first->since = now;
		first->cost = cost_of(first, first->turn.load);
		first->wire->used += first->cost;
		first->trunk->used += first->cost;
		set_lag(first);
		pthread_cond_signal(&first->granted);
	}
}

bool usb_turn_take(struct usb_seat *seat, const struct usb_turn *turn, int64_t deadline,
		   bool (*stop)(void *user), void *user)
{
	struct usb_wires *wires = seat->wires;
	bool served, begins;
	int64_t until;

	pthread_mutex_lock(&wires->mutex);
	begins = turn->survey && !seat->turn.survey;
	if (begins)
		seat->early = false;
	seat->turn = *turn;
	seat->state = SEAT_WAITING;
	seat->since = clock_now();
	grant_turns(wires);
	if (begins)
		seat->early = seat->state == SEAT_SERVED;
	while (seat->state == SEAT_WAITING && clock_now() < deadline) {
		bool stopped;

		pthread_mutex_unlock(&wires->mutex);
		stopped = stop && stop(user);
		pthread_mutex_lock(&wires->mutex);
		if (stopped || seat->state != SEAT_WAITING)
			break;
		if (!clock_wait_until(&seat->granted, &wires->mutex,
				      clock_earlier(deadline, clock_after_ms(LOOK_MS))) &&
		    clock_now() - wires->looked >= LOOK_MS * CLOCK_MS)
			grant_turns(wires); /* one board looks for all that wait */
	}
	served = seat->state == SEAT_SERVED;
	if (!served)
		seat->state = SEAT_QUIET;
	until = served && seat->lag ? clock_now() + seat->lag : 0;
	pthread_mutex_unlock(&wires->mutex);
	if (until)
		clock_sleep_until(clock_earlier(until, deadline));
	return served;
}

void usb_turn_give(struct usb_seat *seat)
{
	pthread_mutex_lock(&seat->wires->mutex);
	if (seat->state == SEAT_SERVED) {
		seat->state = SEAT_QUIET;
		grant_turns(seat->wires);
	}
	pthread_mutex_unlock(&seat->wires->mutex);
}

void usb_seat_leave(struct usb_seat *seat)
{
	struct usb_wires *wires = seat->wires;
	struct usb_seat **link = &wires->seats;

	pthread_mutex_lock(&wires->mutex);
	while (*link != seat)
		link = &(*link)->next;
	*link = seat->next;
	seat->wire->seats--;
	seat->trunk->seats--;
	grant_turns(wires);
	pthread_mutex_unlock(&wires->mutex);
	pthread_cond_destroy(&seat->granted);
	free(seat);
}

/* --- properties of a wire --- */

struct usb_sharers usb_seat_sharers(struct usb_seat *seat)
{
	struct usb_sharers sharers;

	pthread_mutex_lock(&seat->wires->mutex);
	sharers.wire = seat->wire->seats;
	sharers.bus = seat->trunk->seats;
	pthread_mutex_unlock(&seat->wires->mutex);
	return sharers;
}

int64_t usb_seat_patience(struct usb_seat *seat)
{
	struct usb_sharers sharers = usb_seat_sharers(seat);
	unsigned others = sharers.wire - 1;

	if (others < sharers.bus / USB_WIRES_A_BUS)
		others = (unsigned)(sharers.bus / USB_WIRES_A_BUS);
	return others * DFU_WINDOW_MOST * usb_wire_ns(BLOCK_USUAL);
}

int64_t usb_wire_best(struct usb_seat *seat, enum usb_load load, uint32_t block, int64_t best)
{
	double wire_ns = (double)usb_wire_ns(block), share;

	pthread_mutex_lock(&seat->wires->mutex);
	if (best > 0 && wire_ns / (double)best > seat->wire->share[load])
		seat->wire->share[load] = wire_ns / (double)best;
	share = seat->wire->share[load];
	pthread_mutex_unlock(&seat->wires->mutex);
	return share > 0 ? (int64_t)(wire_ns / share) : 0;
}

bool usb_wire_may_idle(struct usb_seat *seat, unsigned wire, unsigned bus)
{
	unsigned on_wire = 0, on_bus = 0;

	pthread_mutex_lock(&seat->wires->mutex);
	for (const struct usb_seat *other = seat->wires->seats; other; other = other->next) {
		if (other == seat || !other->idles)
			continue;
		on_wire += other->wire == seat->wire;
		on_bus += other->trunk == seat->trunk;
	}
	seat->idles = on_wire < wire && on_bus < bus;
	pthread_mutex_unlock(&seat->wires->mutex);
	return seat->idles;
}
