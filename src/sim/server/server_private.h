/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SIM_SERVER_PRIVATE_H
#define SIM_SERVER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/fleet/fleet_host.h"
#include "sim/proto.h"
#include "server.h"

enum {
	SERVER_INTERFACES = 32, /* the claimed ones are a bit set */
	SERVER_BUFFER = 65536
};

/* One descriptor that the server waits for: epoll's data points at one of these. */
enum source_kind {
	SOURCE_LISTEN,
	SOURCE_CONTROL_LISTEN,
	SOURCE_SIGNAL,
	SOURCE_TIMER,
	SOURCE_FRONT,
	SOURCE_PORTS,
	SOURCE_CLIENT
};

enum client_kind { CLIENT_NEW, CLIENT_USB, CLIENT_CLOCK, CLIENT_CONTROL };

struct source {
	enum source_kind kind;
	int fd;
};

struct buffer {
	uint8_t *bytes;
	size_t start, end, size;
};

struct server_client;

/* An open device as in usbfs: its claimed interfaces, its requests. */
struct server_handle {
	struct server_handle *next;
	struct server_client *client;
	uint32_t number;
	uint32_t device;
	unsigned target;
	uint32_t claimed;
	uint8_t interface, alt; /* of the SET_ALT under way */
};

struct server_client {
	struct source source; /* first */
	struct server_client *next;
	struct server *server;
	enum client_kind kind;
	bool dead;
	pid_t pid;
	struct buffer in, out;
	uint64_t sent; /* bytes queued for it since its hello */
	struct server_handle *handles;
	/* virtual time */
	bool idle;
	uint64_t deadline; /* while idle */
	uint64_t seen;
	bool attended;
};

/* A plugged-in device, as the kernel enumerated it. */
struct server_device {
	bool present;
	char path[32]; /* as the kernel names it, while it is present */
	uint32_t generation;
	uint64_t since;                  /* fleet time of its arrival */
	uint8_t alts[SERVER_INTERFACES]; /* alternate settings chosen */
	struct proto_device wire;
	uint8_t config[PROTO_CONFIG_MAX];
};

struct server {
	const struct fleet *fleet;
	struct tray *tray;
	int epoll;
	struct source listen, control, signals, timer, front, ports;
	void (*front_service)(void *user);
	void *front_user;
	const char *socket_path, *control_path;
	struct server_client *clients;
	struct server_device *devices; /* by target; hubs after the boards */
	struct hubs *hubs;
	struct sysfs *sysfs; /* NULL: without */
	struct host *host;   /* likewise */
	unsigned scheduled;  /* steps of the fleet's schedule carried out */
	unsigned suspends;   /* suspends of the fleet file carried out */
	uint32_t hub_generation;
	uint8_t last_address[256]; /* by bus */
	double speed;
	int64_t started; /* CLOCK_MONOTONIC, ns */
	struct proto_clock *clock;
	struct server_left *left;
	pid_t child;
	bool child_ended;
	bool interrupted; /* before there was a child to get the signal */
	int child_status;
};

/* client.c */
void server_watch(struct server *server, struct source *source, int operation, uint32_t events);
/* False: no memory. */
bool client_room(struct buffer *buffer, size_t length);
/* Sends the queue; bytes that the socket does not take yet stay in it. */
void client_flush(struct server_client *client);
void server_send(struct server_client *client, const struct proto_head *head, const void *body,
		 size_t length);
void server_send_text(struct server_client *client, const char *text);

/* server_bus.c */
bool server_plug_in(struct server *server);
unsigned server_devices(const struct server *server); /* boards and hubs */
bool server_is_hub(const struct server *server, unsigned target);
/* Enumerates it after a plug or a reset. False: it does not answer correctly. */
bool server_enumerate(struct server *server, unsigned target);
void server_lose(struct server *server, struct server_device *device);
void server_send_arrival(struct server_client *client, const struct server_device *device);
void server_hub_changed(void *user, unsigned hub, bool present);
void server_switch_ports(struct server *server); /* as programs requested in sysfs */

/* server_usb.c */
void server_message(struct server_client *client, const struct proto_head *head,
		    const uint8_t *body, size_t length);
void server_drop_handles(struct server_client *client); /* of a client that ends */

/* server_pace.c */
uint64_t server_now(const struct server *server);
bool server_pace_open(struct server *server, const char *path, char *why, size_t why_size);
void server_pace_close(struct server *server);

/* server_suspend.c: the computer sleeps for `seconds`. Only on virtual time; else false. */
bool server_suspend(struct server *server, unsigned seconds, enum fleet_asleep boards);
uint64_t server_suspend_next(const struct server *server); /* of the fleet's suspends */
void server_suspend_run(struct server *server);
void server_pace_message(struct server_client *client, const struct proto_head *head,
			 const uint8_t *body, size_t length);
/* Whether time stands still because a thread of a client runs. */
bool server_pace_stands(const struct server *server);
/* Sets the clock forward, to `next` at most, if no program and no board can act at the present
 * time. True: it did. */
bool server_pace_advance(struct server *server, uint64_t next);

/* control.c */
void server_control_input(struct server_client *client);

#endif
