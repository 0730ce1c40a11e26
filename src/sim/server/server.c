/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/fleet/fleet.h"
#include "host.h"
#include "hub.h"
#include "schedule.h"
#include "server_private.h"
#include "sysfs.h"
#include "tray.h"

enum { SETTLE_STEP_MS = 20 };

static void client_free(struct server_client *client)
{
	server_drop_handles(client);
	close(client->source.fd);
	free(client->in.bytes);
	free(client->out.bytes);
	free(client);
}

/* Flushes the output of all clients, and frees clients that are gone. */
static void flush_all(struct server *server)
{
	struct server_client **link = &server->clients;

	while (*link) {
		struct server_client *client = *link;

		if (!client->dead)
			client_flush(client);
		if (client->dead) {
			*link = client->next;
			client_free(client);
		} else {
			link = &client->next;
		}
	}
}

static void take_messages(struct server_client *client)
{
	struct buffer *in = &client->in;

	while (!client->dead && in->end - in->start >= sizeof(struct proto_head)) {
		struct proto_head head;
		const uint8_t *body;

		memcpy(&head, in->bytes + in->start, sizeof(head));
		if (head.size < sizeof(head) || head.size > sizeof(head) + PROTO_BODY_MAX) {
			client->dead = true;
			return;
		}
		if (in->end - in->start < head.size)
			return;
		body = in->bytes + in->start + sizeof(head);
		in->start += head.size;
		switch (head.type) {
		case PROTO_HELLO_CLOCK:
		case PROTO_IDLE:
		case PROTO_BUSY:
			server_pace_message(client, &head, body, head.size - sizeof(head));
			break;
		default:
			server_message(client, &head, body, head.size - sizeof(head));
			break;
		}
	}
}

static void client_input(struct server_client *client)
{
	struct buffer *in = &client->in;
	ssize_t got;

	if (!client_room(in, SERVER_BUFFER)) {
		client->dead = true;
		return;
	}
	got = recv(client->source.fd, in->bytes + in->end, in->size - in->end, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (got <= 0) {
		client->dead = true;
		return;
	}
	in->end += (size_t)got;
	if (client->kind == CLIENT_CONTROL)
		server_control_input(client);
	else
		take_messages(client);
}

static void welcome(struct server *server, const struct source *door)
{
	int fd = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC);
	struct server_client *client;

	if (fd < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return;
	}
	client->source = (struct source){.kind = SOURCE_CLIENT, .fd = fd};
	client->server = server;
	client->kind = door->kind == SOURCE_CONTROL_LISTEN ? CLIENT_CONTROL : CLIENT_NEW;
	client->next = server->clients;
	server->clients = client;
	server_watch(server, &client->source, EPOLL_CTL_ADD, EPOLLIN);
}

static void take_signals(struct server *server)
{
	struct signalfd_siginfo info;

	while (read(server->signals.fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD) {
			/* A terminal sends the signal to the whole group already. */
			if (server->child <= 0)
				server->interrupted = true;
			else if (info.ssi_code != SI_KERNEL)
				kill(server->child, (int)info.ssi_signo);
			continue;
		}
		if (waitpid(server->child, &server->child_status, WNOHANG) == server->child)
			server->child_ended = true;
	}
}

static void take(struct server *server, const struct epoll_event *event)
{
	struct source *source = event->data.ptr;
	uint64_t expirations;

	switch (source->kind) {
	case SOURCE_LISTEN:
	case SOURCE_CONTROL_LISTEN:
		welcome(server, source);
		break;
	case SOURCE_SIGNAL:
		take_signals(server);
		break;
	case SOURCE_TIMER:
		/* It only ends the wait. */
		while (read(source->fd, &expirations, sizeof(expirations)) > 0)
			;
		break;
	case SOURCE_FRONT:
		server->front_service(server->front_user);
		break;
	case SOURCE_PORTS:
		server_switch_ports(server);
		break;
	case SOURCE_CLIENT:
		if (event->events & EPOLLOUT)
			server_watch(server, source, EPOLL_CTL_MOD, EPOLLIN);
		if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			client_input((struct server_client *)source);
		break;
	}
}

/* On virtual time the schedule begins when a program lives in it: nothing else drives that time. */
static bool has_begun(const struct server *server)
{
	const struct server_client *client = server->clients;

	while (client && client->kind != CLIENT_CLOCK)
		client = client->next;
	return !server->clock || client;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_event(const struct server *server)
{
	uint64_t next = tray_next(server->tray);

	if (has_begun(server))
		next = earlier(next, earlier(schedule_next(server->fleet, server->scheduled),
					     server_suspend_next(server)));
	return next;
}

static void run_fleet(struct server *server)
{
	schedule_run(server->fleet, server->hubs, &server->scheduled, server_now(server));
	server_suspend_run(server);
	tray_run(server->tray, server_now(server));
}

/* How long epoll may wait, in ms. The timer covers times between whole milliseconds. */
static int next_wait(struct server *server)
{
	uint64_t next = next_event(server), now = server_now(server);
	struct itimerspec at = {0};
	double ns;

	if (server->clock || next == TRAY_NEVER)
		return -1;
	if (next <= now)
		return 0;
	ns = (double)(next - now) / server->speed + 1;
	if (ns > 1e15)
		ns = 1e15;
	at.it_value.tv_sec = (time_t)(ns / 1e9);
	at.it_value.tv_nsec = (long)(ns - (double)at.it_value.tv_sec * 1e9);
	return timerfd_settime(server->timer.fd, 0, &at, NULL) < 0 ? 1 : -1;
}

static uint64_t real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits for the next events, at most `limit_ms` (-1: no limit), and carries them out. */
static bool turn(struct server *server, int limit_ms)
{
	struct epoll_event events[64];
	int count;

	run_fleet(server);
	flush_all(server);
	if (server->clock)
		count = server_pace_stands(server) ? -1 : 0;
	else
		count = next_wait(server);
	count = epoll_wait(server->epoll, events, 64, count < 0 ? limit_ms : count);
	if (count == 0 && server->clock) {
		/* All messages so far have been read: only now may time advance. */
		if (server_pace_advance(server, next_event(server)))
			return true;
		count = epoll_wait(server->epoll, events, 64, -1);
	}
	if (count < 0 && errno != EINTR)
		return false;
	run_fleet(server);
	for (int i = 0; i < count; i++)
		take(server, &events[i]);
	return true;
}

bool server_settle(struct server *server, bool (*settled)(void *user), void *user,
		   unsigned limit_ms)
{
	uint64_t now = real_ms(), end = now + limit_ms, ask = now;

	for (; now < end && !server->interrupted; now = real_ms()) {
		if (now >= ask) {
			if (settled(user))
				return true;
			ask = now + SETTLE_STEP_MS;
		}
		if (!turn(server, SETTLE_STEP_MS))
			break;
	}
	return false;
}

int server_run(struct server *server, pid_t child)
{
	server->child = child;
	if (server->interrupted)
		kill(child, SIGTERM);
	while (!server->child_ended)
		if (!turn(server, -1))
			return -1;
	return server->child_status;
}

static int listen_at(const char *path, char *why, size_t why_size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(why, why_size, "%s: longer than a socket's path may be", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 128) < 0) {
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool open_sources(struct server *server, char *why, size_t why_size)
{
	sigset_t set;

	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server->socket_path) {
		server->listen.fd = listen_at(server->socket_path, why, why_size);
		if (server->listen.fd < 0)
			return false;
	}
	if (server->control_path) {
		server->control.fd = listen_at(server->control_path, why, why_size);
		if (server->control.fd < 0)
			return false;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	server->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	server->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (server->epoll < 0 || server->signals.fd < 0 || server->timer.fd < 0) {
		snprintf(why, why_size, "%s", strerror(errno));
		return false;
	}
	if (server->socket_path)
		server_watch(server, &server->listen, EPOLL_CTL_ADD, EPOLLIN);
	server_watch(server, &server->signals, EPOLL_CTL_ADD, EPOLLIN);
	server_watch(server, &server->timer, EPOLL_CTL_ADD, EPOLLIN);
	if (server->control_path)
		server_watch(server, &server->control, EPOLL_CTL_ADD, EPOLLIN);
	server->ports.fd = sysfs_ports_fd(server->sysfs);
	if (server->ports.fd >= 0)
		server_watch(server, &server->ports, EPOLL_CTL_ADD, EPOLLIN);
	return true;
}

bool server_add_front(struct server *server, int fd, void (*service)(void *user), void *user)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &server->front};

	server->front.fd = fd;
	server->front_service = service;
	server->front_user = user;
	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

struct server *server_new(const struct fleet *fleet, struct tray *tray,
			  const struct server_options *options, char *why, size_t why_size)
{
	struct server *server = calloc(1, sizeof(*server));
	struct timespec now;

	if (!server) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	server->fleet = fleet;
	server->tray = tray;
	server->speed = options->speed;
	server->socket_path = options->socket;
	server->control_path = options->control;
	server->left = options->left;
	server->epoll = -1;
	server->listen = (struct source){SOURCE_LISTEN, -1};
	server->control = (struct source){SOURCE_CONTROL_LISTEN, -1};
	server->signals = (struct source){SOURCE_SIGNAL, -1};
	server->timer = (struct source){SOURCE_TIMER, -1};
	server->front = (struct source){SOURCE_FRONT, -1};
	server->ports = (struct source){SOURCE_PORTS, -1};
	clock_gettime(CLOCK_MONOTONIC, &now);
	server->started = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	server->hubs = hubs_new(fleet, tray, server_hub_changed, server);
	if (options->sysfs)
		server->sysfs = sysfs_new(options->sysfs);
	if (server->hubs && (server->sysfs || !options->sysfs))
		server->devices = calloc(server_devices(server) + 1, sizeof(*server->devices));
	/* Without the stand-in, no program asks the server for devices. */
	if (!server->devices || (options->socket && !server_plug_in(server))) {
		snprintf(why, why_size, "out of memory");
		goto fail;
	}
	if (options->clock && !server_pace_open(server, options->clock, why, why_size))
		goto fail;
	if (options->sysfs) {
		server->host = host_new(fleet, options->sysfs,
					server->clock ? server->clock->monotonic_base
						      : (uint64_t)server->started);
		if (!server->host) {
			snprintf(why, why_size, "%s: %s", options->sysfs, strerror(errno));
			goto fail;
		}
	}
	if (!open_sources(server, why, why_size))
		goto fail;
	return server;
fail:
	server_free(server);
	return NULL;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	tray_unlisten(server->tray, server);
	while (server->clients) {
		struct server_client *client = server->clients;

		server->clients = client->next;
		client_free(client);
	}
	if (server->listen.fd >= 0) {
		close(server->listen.fd);
		unlink(server->socket_path);
	}
	if (server->control.fd >= 0) {
		close(server->control.fd);
		unlink(server->control_path);
	}
	if (server->signals.fd >= 0)
		close(server->signals.fd);
	if (server->timer.fd >= 0)
		close(server->timer.fd);
	if (server->epoll >= 0)
		close(server->epoll);
	server_pace_close(server);
	free(server->devices);
	hubs_free(server->hubs);
	host_free(server->host);
	sysfs_free(server->sysfs);
	free(server);
}
