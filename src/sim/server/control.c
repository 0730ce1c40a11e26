/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands to the fleet as text lines: the table at the end has them all. Each answer ends with a
 * line "ok" or "error REASON". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/fleet.h"
#include "host.h"
#include "save.h"
#include "hub.h"
#include "server_private.h"
#include "tray.h"

#define NS_PER_MS UINT64_C(1000000)

enum { LINE_SIZE = 256, WORDS_MAX = 4, PATH_SIZE = 32, HELP_COLUMN = 40 };

/* A line from a client, with the number of its words checked and its board found. */
struct request {
	struct server_client *client;
	struct server *server;
	char *word[WORDS_MAX]; /* the command's name first; NULL where there are no more */
	unsigned board;        /* of the command, if it acts on a board */
};

static void refuse(const struct request *request, const char *reason, const char *what)
{
	char text[LINE_SIZE + 64];

	snprintf(text, sizeof(text), "error %s%s%s\n", reason, *what ? ": " : "", what);
	server_send_text(request->client, text);
}

static void agree(const struct request *request)
{
	server_send_text(request->client, "ok\n");
}

/* False: there is none of that name, and the command was refused. */
static bool find_board(const struct request *request, const char *name, unsigned *board)
{
	const struct fleet *fleet = request->server->fleet;

	for (unsigned i = 0; i < fleet_targets(fleet); i++) {
		if (strcmp(fleet_name(fleet, i), name) == 0) {
			*board = i;
			return true;
		}
	}
	refuse(request, "no such target", name);
	return false;
}

/* -1, and it was refused: it is another text than a number of at most nine digits. */
static int take_number(const struct request *request, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits > 0 && !text[digits] && digits <= 9)
		return (int)strtoul(text, NULL, 10);
	refuse(request, "not a number of at most nine digits", text);
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

/* Whether a board may be put into that port. False: the command was refused. */
static bool may_plug(const struct request *request, const char *path)
{
	const struct server *server = request->server;

	if (tray_plugged(server->tray, request->board))
		refuse(request, "already plugged", fleet_name(server->fleet, request->board));
	else if (occupant(server, path, request->board))
		refuse(request, "port taken", path);
	else
		return true;
	return false;
}

static void unplug_board(const struct request *request)
{
	tray_unplug(request->server->tray, request->board);
	agree(request);
}

static void plug_board(const struct request *request)
{
	struct tray *tray = request->server->tray;
	const char *path = request->word[2];

	if (path && !valid_path(path)) {
		refuse(request, "not a port path", path);
	} else if (may_plug(request, path ? path : tray_path(tray, request->board))) {
		tray_plug(tray, request->board, path);
		agree(request); /* also if its port has no power, or the board shows nothing */
	}
}

static void swap_boards(const struct request *request)
{
	struct tray *tray = request->server->tray;
	unsigned a = request->board, b;
	char path[PATH_SIZE];

	if (!find_board(request, request->word[2], &b))
		return;
	if (a == b) {
		refuse(request, "one board cannot be swapped with itself", request->word[2]);
		return;
	}
	snprintf(path, sizeof(path), "%s", tray_path(tray, a));
	tray_unplug(tray, a);
	tray_unplug(tray, b);
	tray_plug(tray, a, tray_path(tray, b));
	tray_plug(tray, b, path);
	agree(request);
}

static void bounce_board(const struct request *request)
{
	int ms = take_number(request, request->word[2]);

	if (ms < 0)
		return;
	tray_bounce(request->server->tray, request->board, (uint64_t)ms * NS_PER_MS);
	agree(request);
}

static void renew_board(const struct request *request)
{
	struct tray *tray = request->server->tray;

	if (!may_plug(request, tray_path(tray, request->board)))
		return;
	tray_renew(tray, request->board);
	agree(request);
}

static void enter_bootloader(const struct request *request)
{
	if (tray_enter(request->server->tray, request->board))
		agree(request);
	else
		refuse(request, "no application runs", request->word[1]);
}

static void set_boot0(const struct request *request)
{
	bool high = strcmp(request->word[2], "high") == 0;

	if (!high && strcmp(request->word[2], "low") != 0) {
		refuse(request, "neither high nor low", request->word[2]);
		return;
	}
	tray_boot0(request->server->tray, request->board, high);
	agree(request);
}

static void start_belt(const struct request *request)
{
	int boards = take_number(request, request->word[1]);
	int ms = boards < 0 ? -1 : take_number(request, request->word[2]);

	if (ms < 0)
		return;
	tray_belt(request->server->tray, (unsigned)boards, (uint64_t)ms * NS_PER_MS);
	agree(request);
}

static void answer_hub(const struct request *request, bool known)
{
	if (known)
		agree(request);
	else
		refuse(request, "no such hub", request->word[1]);
}

static void unplug_hub(const struct request *request)
{
	answer_hub(request, hub_unplug(request->server->hubs, request->word[1]));
}

static void plug_hub(const struct request *request)
{
	answer_hub(request, hub_plug(request->server->hubs, request->word[1]));
}

static void take_memory(const struct request *request)
{
	int kib = take_number(request, request->word[1]);

	if (kib < 0)
		return;
	if (request->server->host)
		host_take(request->server->host, (unsigned)kib);
	agree(request);
}

static void suspend_host(const struct request *request)
{
	const char *fate = request->word[2];
	enum fleet_asleep boards = FLEET_ASLEEP_LOST;
	int seconds = take_number(request, request->word[1]);

	if (seconds < 0)
		return;
	if (fate && !fleet_asleep_find(fate, &boards))
		refuse(request, "not lost, kept or exchanged", fate);
	else if (!server_suspend(request->server, (unsigned)seconds, boards))
		refuse(request, "only on virtual time can the clocks be moved", "");
	else
		agree(request);
}

static void save_boards(const struct request *request)
{
	const struct server *server = request->server;
	const char *what = request->word[2];
	char why[LINE_SIZE];

	if (what && strcmp(what, "pages") != 0)
		refuse(request, "expected \"pages\" or nothing", what);
	else if (save_fleet(server->fleet, server->tray, request->word[1], what, false, why,
			    sizeof(why)))
		agree(request);
	else
		refuse(request, why, "");
}

static void list_boards(const struct request *request)
{
	const struct server *server = request->server;
	char line[LINE_SIZE];

	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		snprintf(line, sizeof(line), "%s %s %s\n", fleet_name(server->fleet, i),
			 tray_path(server->tray, i),
			 tray_plugged(server->tray, i) ? "plugged" : "unplugged");
		server_send_text(request->client, line);
	}
	agree(request);
}

static const struct command {
	const char *name;
	const char *words;    /* that follow it, as the usage text shows them */
	unsigned least, most; /* how many; the first one is a board if it is shown as NAME */
	void (*run)(const struct request *request);
	const char *help;
} commands[] = {
	{"list", "", 0, 0, list_boards, "prints the boards and their ports"},
	{"unplug", "NAME", 1, 1, unplug_board, "takes the board out"},
	{"plug", "NAME [PATH]", 1, 2, plug_board, "puts it into its port, or into PATH"},
	{"swap", "NAME NAME", 2, 2, swap_boards, "exchanges two boards"},
	{"bounce", "NAME MS", 2, 2, bounce_board, "takes the board out for so long"},
	{"renew", "NAME", 1, 1, renew_board, "puts another board into the empty port"},
	{"enter", "NAME", 1, 1, enter_bootloader, "its application enters the bootloader"},
	{"boot0", "NAME high|low", 2, 2, set_boot0, "selects the program after power-on"},
	{"belt", "BOARDS MS", 2, 2, start_belt,
	 "replaces so many boards, MS after each started its application"},
	{"unplug-hub", "PATH", 1, 1, unplug_hub, "takes the hub out with all behind it"},
	{"plug-hub", "PATH", 1, 1, plug_hub, "puts that hub in again"},
	{"usbfs-taken", "KIB", 1, 1, take_memory, "other programs take memory for transfers"},
	{"suspend", "SECONDS [lost|kept|exchanged]", 1, 2, suspend_host,
	 "suspends the computer (on virtual time), and loses or keeps the boards"},
	{"save", "FOLDER [pages]", 1, 2, save_boards, "writes the files of --save now"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void server_control_help(FILE *to)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		int used = fprintf(to, "  %s %s", commands[i].name, commands[i].words);

		fprintf(to, "%*s%s\n", used < HELP_COLUMN ? HELP_COLUMN - used : 1, "",
			commands[i].help);
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; name && i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static void carry_out(struct server_client *client, char *line)
{
	struct request request = {.client = client, .server = client->server};
	const struct command *command;
	char *rest = line, usage[LINE_SIZE];
	unsigned count = 0;

	while (count < WORDS_MAX && (request.word[count] = strtok_r(rest, " \t\r", &rest)))
		count++;
	command = find_command(request.word[0]);
	if (!command) {
		refuse(&request, "no such command (h7gang-sim --help lists them)",
		       count ? request.word[0] : "");
	} else if (count - 1 < command->least || count - 1 > command->most) {
		snprintf(usage, sizeof(usage), "%s %s", command->name, command->words);
		refuse(&request, "expected", usage);
	} else if (strncmp(command->words, "NAME", 4) != 0 ||
		   find_board(&request, request.word[1], &request.board)) {
		command->run(&request);
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
		carry_out(client, line);
	}
	if (in->end - in->start >= LINE_SIZE)
		client->dead = true;
}
