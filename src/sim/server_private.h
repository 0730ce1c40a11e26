/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SIM_SERVER_PRIVATE_H
#define SIM_SERVER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/proto.h"
#include "sim/server.h"

enum {
	SERVER_INTERFACES = 32, /* claimed ones are a bit set */
	SERVER_BUFFER = 65536
};

/* What one socket has to do with us: epoll's data points at one of these. */
enum source_kind {
	SOURCE_LISTEN,
	SOURCE_CONTROL_LISTEN,
	SOURCE_SIGNAL,
	SOURCE_TIMER,
	SOURCE_FRONT,
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

/* One open of a device, as usbfs has it: the interfaces it claims, the requests made through it. */
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

/* What is plugged in, as the kernel found it at enumeration. */
struct server_device {
	bool present;
	uint32_t generation;
	uint8_t alts[SERVER_INTERFACES]; /* alternate settings chosen */
	struct proto_device wire;
	uint8_t config[PROTO_CONFIG_MAX];
};

struct server {
	const struct fleet *fleet;
	struct tray *tray;
	int epoll;
	struct source listen, control, signals, timer, front;
	void (*front_service)(void *user);
	void *front_user;
	const char *socket_path, *control_path;
	struct server_client *clients;
	struct server_device *devices; /* by target */
	uint8_t last_address[256];     /* by bus */
	double speed;
	int64_t started; /* CLOCK_MONOTONIC, ns */
	struct proto_clock *clock;
	struct server_left *left;
	pid_t child;
	bool child_ended;
	bool interrupted; /* before there was a child to pass the signal on to */
	int child_status;
};

/* server.c */
void server_send(struct server_client *client, const struct proto_head *head, const void *body,
		 size_t length);
void server_send_text(struct server_client *client, const char *text);

/* server_usb.c */
bool server_plug_in(struct server *server);
void server_message(struct server_client *client, const struct proto_head *head,
		    const uint8_t *body, size_t length);
void server_drop_handles(struct server_client *client); /* of a client that ends */

/* server_pace.c */
uint64_t server_now(const struct server *server);
bool server_pace_open(struct server *server, const char *path, char *why, size_t why_size);
void server_pace_close(struct server *server);
void server_pace_message(struct server_client *client, const struct proto_head *head,
			 const uint8_t *body, size_t length);
/* Sets the clock forward if nobody has anything left to do at its present time. True: it did. */
bool server_pace_advance(struct server *server);

/* control.c */
void server_control_input(struct server_client *client);

#endif
