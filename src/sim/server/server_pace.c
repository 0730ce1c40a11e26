/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fleet time: real time at some speed, or virtual time, which advances only while all threads of
 * all processes that use it are waiting. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "server_private.h"
#include "shared.h"
#include "tray.h"

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t server_now(const struct server *server)
{
	uint64_t real;

	if (server->clock)
		return atomic_load(&server->clock->now);
	real = read_clock(CLOCK_MONOTONIC) - (uint64_t)server->started;
	return (uint64_t)((double)real * server->speed);
}

bool server_pace_open(struct server *server, const char *path, char *why, size_t why_size)
{
	server->clock = shared_new(path, sizeof(*server->clock));
	if (!server->clock) {
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
		return false;
	}
	server->clock->monotonic_base = read_clock(CLOCK_MONOTONIC);
	server->clock->realtime_base = read_clock(CLOCK_REALTIME);
	atomic_store(&server->clock->now, tray_now(server->tray));
	return true;
}

void server_pace_close(struct server *server)
{
	if (server->clock)
		munmap(server->clock, sizeof(*server->clock));
	server->clock = NULL;
}

void server_pace_message(struct server_client *client, const struct proto_head *head,
			 const uint8_t *body, size_t length)
{
	struct proto_idle idle;

	switch (head->type) {
	case PROTO_HELLO_CLOCK:
		client->kind = CLIENT_CLOCK;
		client->pid = (pid_t)head->tag;
		client->idle = false;
		break;
	case PROTO_IDLE:
		if (length != sizeof(idle)) {
			client->dead = true;
			break;
		}
		memcpy(&idle, body, sizeof(idle));
		client->idle = true;
		client->deadline = head->tag;
		client->seen = idle.seen;
		client->attended = idle.attended;
		break;
	default:
		client->idle = false;
		break;
	}
}

/* Bytes sent to a process on all connections except its clock's (which only carries wake-ups). */
static uint64_t sent_to(const struct server *server, pid_t pid)
{
	uint64_t sent = 0;

	for (const struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_USB && client->pid == pid)
			sent += client->sent;
	}
	return sent;
}

/* Whether a thread of that program runs, or is about to: an answer is on its way to it. */
static bool is_awake(const struct server *server, const struct server_client *client)
{
	return client->kind == CLIENT_CLOCK &&
	       (!client->idle ||
		(client->attended && client->seen != sent_to(server, client->pid)));
}

bool server_pace_stands(const struct server *server)
{
	for (const struct server_client *client = server->clients; client; client = client->next) {
		if (is_awake(server, client))
			return true;
	}
	return false;
}

static void wake(struct server_client *client)
{
	struct proto_head head = {.type = PROTO_WAKE};

	client->idle = false;
	server_send(client, &head, NULL, 0);
}

bool server_pace_advance(struct server *server, uint64_t next)
{
	uint64_t now = server_now(server);

	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind != CLIENT_CLOCK)
			continue;
		if (is_awake(server, client))
			return false;
		/* The answer came to a program that called itself idle without looking at its
		 * socket. */
		if (client->seen != sent_to(server, client->pid)) {
			wake(client);
			return true;
		}
		if (client->deadline < next)
			next = client->deadline;
	}
	if (next == TRAY_NEVER)
		return false;
	if (next > now)
		atomic_store(&server->clock->now, now = next);
	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_CLOCK && client->idle && client->deadline <= now)
			wake(client);
	}
	return true;
}
