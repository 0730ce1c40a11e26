/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stand-in for libusb-1.0: the same calls, answered by the fleet's server over a unix socket. */
#ifndef SIM_STANDIN_H
#define SIM_STANDIN_H

/* Only declarations of this header are exported. */
#pragma GCC visibility push(default)
#include <libusb.h>
#pragma GCC visibility pop

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/proto.h"

#define STANDIN_NEVER UINT64_MAX

struct standin_buffer {
	uint8_t *bytes;
	size_t start, end, size;
};

struct libusb_device {
	unsigned references;
	atomic_bool gone;
	struct libusb_context *context;
	uint32_t generation;
	struct proto_device wire;
	uint8_t *config;
};

struct libusb_device_handle {
	struct libusb_device_handle *next;
	struct libusb_device *device;
	uint32_t number;
	uint32_t claimed; /* bit set of interfaces; under the context's lock */
};

enum standin_state { STANDIN_IDLE, STANDIN_FLYING, STANDIN_ENDED };

/* Lies before each struct libusb_transfer. */
struct standin_transfer {
	struct standin_transfer *next, **link;   /* in the list of its state */
	struct standin_transfer *later, *sooner; /* flying with a time-out, by deadline */
	struct libusb_context *context;          /* while flying or ended */
	enum standin_state state;
	bool cancelled, timed_out;
	bool timed;
	size_t charged; /* bytes of the kernel's memory while flying */
	uint64_t deadline;
	uint64_t tag;
	enum libusb_transfer_status status;
	int actual;
};

struct standin_rpc {
	struct standin_rpc *next;
	uint64_t tag;
	bool answered;
	enum proto_status status;
};

struct standin_hotplug {
	struct standin_hotplug *next;
	libusb_hotplug_callback_handle number;
	int events, vid, pid, device_class;
	libusb_hotplug_callback_fn callback;
	void *user;
	bool dead;
};

struct standin_change {
	struct standin_change *next;
	struct libusb_device *device;
	libusb_hotplug_event event;
};

/* The link calls these for the messages that it reads, with the lock held. */
struct standin_listener {
	void (*arrived)(struct libusb_context *context, const struct proto_head *head,
			const uint8_t *body, size_t length);
	void (*left)(struct libusb_context *context, uint32_t generation);
	void (*done)(struct libusb_context *context, const struct proto_head *head,
		     const uint8_t *body, size_t length);
	void (*lost)(struct libusb_context *context); /* the server has gone: no answer will come */
};

struct libusb_context {
	const struct standin_listener *listens;
	/* `lock` guards everything below. It is not held during callbacks. */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* `reading` ended, or something was read */
	int socket, kick;
	bool reading; /* one thread reads the socket, until then at the latest: */
	uint64_t reading_until;
	bool lost; /* the server has gone */
	/* Makes about as many system calls per transfer as libusb's Linux backend: one to submit
	 * it, two to reap it, and one EAGAIN a wake-up (os/linux_usbfs.c, op_handle_events).
	 * Otherwise one call carries many transfers, which no kernel offers. */
	bool as_usbfs;
	bool interrupted;
	_Atomic uint64_t received;
	bool sending; /* one thread empties `wire`, and also sends what others add to `out` */
	struct standin_buffer in, out, wire;

	struct libusb_device **devices;
	size_t device_count;
	struct libusb_device_handle *handles;
	uint32_t last_handle;
	uint64_t last_rpc;
	struct standin_rpc *rpcs;

	struct standin_transfer **slots; /* flying, by the low half of their tag */
	uint32_t *free_slots;
	uint32_t slot_count, free_count, serial;
	struct standin_transfer *soonest, *latest;
	struct standin_transfer *ended, **ended_tail;

	struct standin_hotplug *hotplugs;
	struct standin_change *changes, **changes_tail;
	int last_hotplug, hotplug_depth;
	unsigned references; /* of the default context; under its own lock */

	/* libusb's own locks, as libusb_lock_events and its kin offer them. */
	pthread_mutex_t events_lock;
	atomic_bool handler_active;
	pthread_mutex_t waiters_lock;
	pthread_cond_t waiters;
};

/* standin_default.c */
struct libusb_context *standin_context(struct libusb_context *context);
/* Adds a user; the first one calls `make`. NULL: it failed. */
struct libusb_context *standin_default_hold(struct libusb_context *(*make)(void));
/* Removes a user. After the last one, returns the context, to be freed. */
struct libusb_context *standin_default_drop(void);

/* standin_link.c: all with the lock held */
extern _Thread_local struct libusb_context *standin_dispatching; /* this thread calls back */
uint64_t standin_now(void);
bool standin_link_open(struct libusb_context *context);
void standin_link_close(struct libusb_context *context);
void standin_send(struct libusb_context *context, struct proto_head *head, const void *body,
		  size_t length);
/* Releases the lock while it sends. */
void standin_flush(struct libusb_context *context);
/* Waits until a message was read, a wake-up or the deadline. */
void standin_wait(struct libusb_context *context, uint64_t deadline);
void standin_wake(struct libusb_context *context);
enum proto_status standin_call(struct libusb_context *context, struct proto_head *head,
			       const void *body, size_t length, uint64_t deadline);

/* standin_device.c */
void standin_arrived(struct libusb_context *context, const struct proto_head *head,
		     const uint8_t *body, size_t length);
void standin_left(struct libusb_context *context, uint32_t generation);
void standin_forget_devices(struct libusb_context *context);

/* standin_transfer.c */
void standin_done(struct libusb_context *context, const struct proto_head *head,
		  const uint8_t *body, size_t length);
void standin_lose_transfers(struct libusb_context *context);
void standin_abandon(struct libusb_context *context, const struct libusb_device_handle *handle);
void standin_expire(struct libusb_context *context, uint64_t now);
void standin_finish_ended(struct libusb_context *context);

/* standin_memory.c: from any thread. False: the kernel has no memory for the transfer. */
bool standin_charge(size_t bytes, uint64_t now);
void standin_discharge(size_t bytes);

/* standin_hotplug.c */
void standin_post_change(struct libusb_context *context, struct libusb_device *device,
			 libusb_hotplug_event event);
void standin_tell_changes(struct libusb_context *context);
void standin_free_hotplugs(struct libusb_context *context);

#endif
