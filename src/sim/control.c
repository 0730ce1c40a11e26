/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands that plug and unplug, as text lines: "unplug NAME", "plug NAME [PATH]", "swap NAME NAME",
 * "bounce NAME MS", "renew NAME", "belt BOARDS MS", "list"; "save FOLDER [pages]" writes what --save does, as of now.
 * Each answer ends with a line "ok" or "error REASON". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet.h"
#include "sim/save.h"
#include "sim/server_private.h"
#include "sim/tray.h"

#define NS_PER_MS UINT64_C(1000000)

enum { LINE_SIZE = 256, WORDS_MAX = 4, PATH_SIZE = 32 };

static void refuse(struct server_client *client, const char *reason, const char *what)
{
	char text[LINE_SIZE + 64];

	snprintf(text, sizeof(text), "error %s%s%s\n", reason, *what ? ": " : "", what);
	server_send_text(client, text);
}

static int find(const struct server *server, const char *name)
{
	for (unsigned i = 0; i < fleet_targets(server->fleet); i++) {
		if (strcmp(fleet_name(server->fleet, i), name) == 0)
			return (int)i;
	}
	return -1;
}

static bool valid_path(const char *path)
{
	size_t bus = strspn(path, "0123456789");
	size_t ports = path[bus] == '-' ? strspn(path + bus + 1, "0123456789.") : 0;

	return bus > 0 && ports > 0 && !path[bus + 1 + ports] && strlen(path) < PATH_SIZE;
}

static const char *occupant(const struct server *server, const char *path, unsigned except)
{
	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		if (i != except && tray_plugged(server->tray, i) &&
		    strcmp(tray_path(server->tray, i), path) == 0)
			return fleet_name(server->fleet, i);
	}
	return NULL;
}

static void list(struct server_client *client)
{
	struct server *server = client->server;
	char line[LINE_SIZE];

	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		snprintf(line, sizeof(line), "%s %s %s\n", fleet_name(server->fleet, i),
			 tray_path(server->tray, i),
			 tray_plugged(server->tray, i) ? "plugged" : "unplugged");
		server_send_text(client, line);
	}
}

static bool plug(struct server_client *client, unsigned target, const char *path)
{
	struct server *server = client->server;
	const char *there = path ? path : tray_path(server->tray, target);

	if (path && !valid_path(path))
		refuse(client, "not a port path", path);
	else if (tray_plugged(server->tray, target))
		refuse(client, "already plugged", fleet_name(server->fleet, target));
	else if (occupant(server, there, target))
		refuse(client, "port taken", there);
	else
		tray_plug(server->tray, target, path);
	return tray_plugged(server->tray, target);
}

static void swap(struct server *server, unsigned a, unsigned b)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s", tray_path(server->tray, a));
	tray_unplug(server->tray, a);
	tray_unplug(server->tray, b);
	tray_plug(server->tray, a, tray_path(server->tray, b));
	tray_plug(server->tray, b, path);
}

static bool number(struct server_client *client, const char *text, unsigned *value)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[digits] || digits > 9) {
		refuse(client, "not a number of at most nine digits", text);
		return false;
	}
	*value = (unsigned)strtoul(text, NULL, 10);
	return true;
}

static void belt(struct server_client *client, const char *boards, const char *ms)
{
	unsigned count, wait;

	if (!number(client, boards, &count) || !number(client, ms, &wait))
		return;
	tray_belt(client->server->tray, count, wait * NS_PER_MS);
	server_send_text(client, "ok\n");
}

static void bounce(struct server_client *client, unsigned target, const char *ms)
{
	unsigned away;

	if (!number(client, ms, &away))
		return;
	tray_bounce(client->server->tray, target, away * NS_PER_MS);
	server_send_text(client, "ok\n");
}

static void renew(struct server_client *client, unsigned target)
{
	struct server *server = client->server;
	const char *there = tray_path(server->tray, target);

	if (tray_plugged(server->tray, target)) {
		refuse(client, "already plugged", fleet_name(server->fleet, target));
	} else if (occupant(server, there, target)) {
		refuse(client, "port taken", there);
	} else {
		tray_renew(server->tray, target);
		server_send_text(client, "ok\n");
	}
}

static void save(struct server_client *client, const char *folder, bool pages)
{
	struct server *server = client->server;
	char why[LINE_SIZE];

	if (save_fleet(server->fleet, server->tray, folder, pages, false, why, sizeof(why)))
		server_send_text(client, "ok\n");
	else
		refuse(client, why, "");
}

static void command(struct server_client *client, char *line)
{
	struct server *server = client->server;
	char *words[WORDS_MAX] = {NULL}, *rest = line;
	unsigned count = 0;
	int target, other;

	while (count < WORDS_MAX && (words[count] = strtok_r(rest, " \t\r", &rest)))
		count++;
	if (count == 1 && strcmp(words[0], "list") == 0) {
		list(client);
		server_send_text(client, "ok\n");
		return;
	}
	if (count == 3 && strcmp(words[0], "belt") == 0) {
		belt(client, words[1], words[2]);
		return;
	}
	if ((count == 2 || (count == 3 && strcmp(words[2], "pages") == 0)) && strcmp(words[0], "save") == 0) {
		save(client, words[1], count == 3);
		return;
	}
	target = count > 1 ? find(server, words[1]) : -1;
	other = count > 2 ? find(server, words[2]) : -1;
	if (count > 1 && target < 0) {
		refuse(client, "no such target", words[1]);
	} else if (count == 2 && strcmp(words[0], "unplug") == 0) {
		tray_unplug(server->tray, (unsigned)target);
		server_send_text(client, "ok\n");
	} else if ((count == 2 || count == 3) && strcmp(words[0], "plug") == 0) {
		bool was = tray_plugged(server->tray, (unsigned)target);

		if (plug(client, (unsigned)target, words[2]) && !was)
			server_send_text(client, "ok\n");
	} else if (count == 2 && strcmp(words[0], "renew") == 0) {
		renew(client, (unsigned)target);
	} else if (count == 3 && strcmp(words[0], "bounce") == 0) {
		bounce(client, (unsigned)target, words[2]);
	} else if (count == 3 && strcmp(words[0], "swap") == 0 && other >= 0 && other != target) {
		swap(server, (unsigned)target, (unsigned)other);
		server_send_text(client, "ok\n");
	} else {
		refuse(client,
		       "expected: unplug NAME | plug NAME [PATH] | swap NAME NAME | "
		       "bounce NAME MS | renew NAME | belt BOARDS MS | save FOLDER [pages] | list",
		       "");
	}
}

void server_control_input(struct server_client *client)
{
	struct buffer *in = &client->in;
	uint8_t *end;

	while ((end = memchr(in->bytes + in->start, '\n', in->end - in->start))) {
		char line[LINE_SIZE];
		size_t length = (size_t)(end - (in->bytes + in->start));

		if (length >= sizeof(line) || memchr(in->bytes + in->start, 0, length)) {
			client->dead = true;
			return;
		}
		memcpy(line, in->bytes + in->start, length);
		line[length] = '\0';
		in->start += length + 1;
		command(client, line);
	}
	if (in->end - in->start >= LINE_SIZE)
		client->dead = true;
}
