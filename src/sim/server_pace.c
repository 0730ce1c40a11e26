/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fleet time: real time at some speed, or virtual time that goes on only when every process that
 * keeps it has all its threads waiting. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sim/server_private.h"
#include "sim/tray.h"

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
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	void *map = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(*server->clock)) == 0)
		map = mmap(NULL, sizeof(*server->clock), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
		return false;
	server->clock = map;
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

/* What we have sent to all of a process, its clock apart (which only ever says "wake up"). */
static uint64_t sent_to(const struct server *server, pid_t pid)
{
	uint64_t sent = 0;

	for (const struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_USB && client->pid == pid)
			sent += client->sent;
	}
	return sent;
}

static void wake(struct server_client *client)
{
	struct proto_head head = {.type = PROTO_WAKE};

	client->idle = false;
	server_send(client, &head, NULL, 0);
}

bool server_pace_advance(struct server *server)
{
	uint64_t next = tray_next(server->tray), now = server_now(server);

	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind != CLIENT_CLOCK)
			continue;
		if (!client->idle)
			return false;
		/* An answer is on its way to who called itself idle before it came. */
		if (client->seen != sent_to(server, client->pid)) {
			if (client->attended)
				return false;
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
