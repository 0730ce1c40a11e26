/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one thread that serves the clients. */
#include "h7gang/station/server.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h7gang/base/version.h"
#include "server_private.h"

#define QUEUE_MAX 4096u    /* events that may wait for the thread */
#define PROGRESS_MAX 1024u /* progress is left out while so many wait */
#define STEP_PERMILLE 20
#define CLOSE_MS 5000

/* --- clients --- */

static json_t *hello_json(const struct station_server *server, const struct peer *peer)
{
	const struct profile_control *control = &server->options.profile->control;
	json_t *object = json_object(), *allow = json_array();
	bool good = object && allow && station_set_number(object, "v", 2) &&
		    station_set_text(object, "event", "hello") &&
		    station_set_text(object, "tool_version", h7gang_version) &&
		    station_set_text(object, "you", peer->who);
	const char *name;
	char why[200];

	for (unsigned i = 0; good && (name = profile_control_name(i)); i++)
		if (profile_control_allows(control, peer->uid, name, why, sizeof(why)))
			good = json_array_append_new(allow, json_string(name)) == 0;
	if (object && json_object_set_new(object, "allow", allow) == 0 && good)
		return object;
	json_decref(object);
	return NULL;
}

static void take_client(struct station_server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++) {
		struct peer *peer = &server->peer[i];

		if (peer->outbox.fd >= 0)
			continue;
		peer_open(peer, fd, server->peer_number++);
		server->peers++;
		server_tell_object(server, peer, hello_json(server, peer));
		if (peer->outbox.fd >= 0 && peer->leaves == CLOCK_NEVER)
			server_snapshot(server, peer);
		return;
	}
	close(fd);
	server_trouble(server, "socket: more than %d clients: one was refused", SERVER_PEERS_MAX);
}

/* --- events --- */

/* Whether the progress must be sent. */
static bool moved(struct station_model *model, const struct gang_event *event)
{
	const struct station_slot *slot = station_model_slot(model, event->slot);

	return slot && event->permille / STEP_PERMILLE != slot->permille / STEP_PERMILLE;
}

/* An answer is its client's own: other clients see it without the id. */
static void distribute(struct station_server *server, const struct queued_event *node)
{
	const struct gang_event *event = &node->event;
	const struct station_facts facts = {server->model->command, server->model->profile,
					    server->model->part, server->model->lot,
					    server->model->figures.log};
	struct server_asked *asked =
		event->kind == GANG_ANSWER ? server_asked_find(server, event->id) : NULL;
	json_t *object;
	char *line;

	if (event->kind == GANG_PROGRESS && !moved(server->model, event))
		return;
	station_model_event(server->model, event, node->at);
	server->told++;
	if (server->peers == 0)
		goto out;
	object = station_event_json(&facts, event);
	if (object && (!station_set_number(object, "n", (int64_t)server->told) ||
		       (event->kind == GANG_ANSWER && !station_set_text(object, "id", "")))) {
		json_decref(object);
		object = NULL;
	}
	line = object ? station_json_line(object) : NULL;
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++) {
		struct peer *peer = &server->peer[i];

		if (peer->outbox.fd < 0)
			continue;
		if (!line) {
			server_dismiss(server, peer, "the station is out of memory");
		} else if (asked && asked->peer == peer->number) {
			station_set_text(object, "id", asked->id);
			server_tell_object(server, peer, json_incref(object));
		} else {
			server_tell(server, peer, line);
		}
	}
	free(line);
	json_decref(object);
out:
	if (asked)
		asked->used = event->later; /* a second answer may follow */
}

/* --- the thread --- */

static bool anything_waits(const struct station_server *server)
{
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++)
		if (server->peer[i].outbox.fd >= 0 && server->peer[i].outbox.used)
			return true;
	return false;
}

static bool anyone_leaves(const struct station_server *server)
{
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++)
		if (server->peer[i].outbox.fd >= 0 && server->peer[i].leaves != CLOCK_NEVER)
			return true;
	return false;
}

static void serve(struct station_server *server, struct peer *peer, short ready)
{
	if (peer->outbox.fd < 0)
		return;
	if (ready & (POLLIN | POLLHUP | POLLERR)) {
		if (!peer_hear(peer)) {
			server_leave(server, peer);
			return;
		}
		server_obey(server, peer);
	}
	server_flush(server, peer);
}

static void wait_for_work(struct station_server *server, int limit_ms)
{
	struct pollfd fds[SERVER_PEERS_MAX + 2] = {{.fd = server->queue.wake, .events = POLLIN},
						   {.fd = server->listener, .events = POLLIN}};
	uint64_t count;

	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++) {
		const struct peer *peer = &server->peer[i];

		fds[i + 2].fd = peer->outbox.fd;
		fds[i + 2].events = (short)(peer->outbox.used ? POLLIN | POLLOUT : POLLIN);
	}
	if (poll(fds, SERVER_PEERS_MAX + 2, limit_ms) < 0)
		return;
	if (fds[0].revents)
		(void)!read(server->queue.wake, &count, sizeof(count));
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++)
		serve(server, &server->peer[i], fds[i + 2].revents);
	if (fds[1].revents)
		take_client(server);
}

/* The clients' displays would be wrong from now on: tells them to connect again. */
static void tell_loss(struct station_server *server)
{
	bool lost;

	pthread_mutex_lock(&server->queue.lock);
	lost = server->lost;
	server->lost = false;
	pthread_mutex_unlock(&server->queue.lock);
	for (unsigned i = 0; i < SERVER_PEERS_MAX && lost; i++)
		if (server->peer[i].outbox.fd >= 0)
			server_dismiss(server, &server->peer[i], "the station lost an event");
}

static void *server_main(void *user)
{
	struct station_server *server = user;
	int64_t end = CLOCK_NEVER;
	struct queued_event *node;

	for (;;) {
		while ((node = event_queue_take(&server->queue))) {
			distribute(server, node);
			free(node);
		}
		tell_loss(server);
		if (event_queue_closing(&server->queue)) {
			if (end == CLOCK_NEVER)
				end = clock_after_ms(CLOSE_MS / 2);
			if (!anything_waits(server) || clock_now() >= end)
				break;
		}
		wait_for_work(server, end != CLOCK_NEVER || anyone_leaves(server) ? 100 : -1);
	}
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++)
		outbox_close(&server->peer[i].outbox);
	event_queue_end(&server->queue);
	return NULL;
}

/* --- the calls --- */

static void fill_model(struct station_model *model, const struct station_options *options)
{
	const struct profile *profile = options->profile;

	snprintf(model->tool_version, sizeof(model->tool_version), "%s", h7gang_version);
	snprintf(model->command, sizeof(model->command), "%s", options->command);
	snprintf(model->profile, sizeof(model->profile), "%s", profile->name);
	snprintf(model->part, sizeof(model->part), "%s", profile->part->name);
	snprintf(model->firmware_version, sizeof(model->firmware_version), "%s",
		 profile->firmware_version);
	snprintf(model->station, sizeof(model->station), "%s", options->station);
	snprintf(model->lot, sizeof(model->lot), "%s", options->lot);
	snprintf(model->operator_name, sizeof(model->operator_name), "%s", options->operator_name);
	model->watch = options->watch;
	model->fixed_slots = profile->slots > 0;
	for (unsigned i = 0; i < profile->slots && i < STATION_SLOTS_MAX; i++) {
		struct station_slot *slot = &model->slot[model->slots++];

		snprintf(slot->name, sizeof(slot->name), "%s", profile->slot[i].name);
		if (!profile->slot[i].by_id_path)
			snprintf(slot->path, sizeof(slot->path), "%.*s", USB_PATH_SIZE - 1,
				 profile->slot[i].path);
		slot->row = profile->slot[i].row;
		slot->column = profile->slot[i].column;
	}
}

static void server_free(struct station_server *server)
{
	if (server->listener >= 0)
		close(server->listener);
	if (server->made && server->options.path)
		unlink(server->options.path);
	event_queue_free(&server->queue);
	free(server->model);
	free(server);
}

static bool open_socket(struct station_server *server, char *why, size_t why_size)
{
	const struct station_options *options = &server->options;

	server->listener = options->listener;
	if (options->listener < 0) {
		server->listener = station_listen(options->path, options->profile->control.group,
						  why, why_size);
		server->made = server->listener >= 0;
	}
	return server->listener >= 0;
}

struct station_server *station_server_open(const struct station_options *options, char *why,
					   size_t why_size)
{
	struct station_server *server = calloc(1, sizeof(*server));

	snprintf(why, why_size, "out of memory, or no thread");
	if (!server || !event_queue_open(&server->queue)) {
		free(server);
		return NULL;
	}
	server->options = *options;
	server->listener = -1;
	for (unsigned i = 0; i < SERVER_PEERS_MAX; i++)
		server->peer[i].outbox.fd = -1;
	server->model = calloc(1, sizeof(*server->model));
	if (server->model)
		fill_model(server->model, options);
	if (server->model && open_socket(server, why, why_size) &&
	    pthread_create(&server->thread, NULL, server_main, server) == 0)
		return server;
	server_free(server);
	return NULL;
}

void station_server_event(void *user, const struct gang_event *event)
{
	struct station_server *server = user;
	bool progress = event->kind == GANG_PROGRESS;

	if (event_queue_put(&server->queue, event, progress ? PROGRESS_MAX : QUEUE_MAX) || progress)
		return;
	pthread_mutex_lock(&server->queue.lock);
	server->lost = true;
	pthread_mutex_unlock(&server->queue.lock);
	(void)!eventfd_write(server->queue.wake, 1);
}

void station_server_close(struct station_server *server)
{
	if (!server)
		return;
	if (!event_queue_close(&server->queue, CLOSE_MS)) {
		/* The thread hangs in a call for the figures: its memory stays allocated. */
		if (server->made)
			unlink(server->options.path);
		pthread_detach(server->thread);
		return;
	}
	pthread_join(server->thread, NULL);
	server_free(server);
}
