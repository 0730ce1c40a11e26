/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/station/client.h"
#include "service.h"

static void note(void *user, const char *text)
{
	const struct cli_socket *socket = user;

	cli_feeding_note(socket->run_log->feeding, text);
}

static void figures(void *user, const char *lot, struct station_figures *to)
{
	const struct cli_socket *socket = user;

	(void)lot;
	run_log_figures(socket->run_log, to);
	for (unsigned t = 0; t < USB_COUNT_TYPES; t++)
		for (unsigned s = 0; s < USB_COUNT_STATUSES; s++)
			to->usb[t][s] = usb_counted(t, s);
}

/* Whether there is to be a socket: by an option, by systemd, or beside a watch under
 * RUNTIME_DIRECTORY. False with a status: the reason of the failure has been said. */
static bool wanted(struct cli_socket *socket, int *listener, enum h7_exit *status)
{
	const char *folder = getenv("RUNTIME_DIRECTORY");
	char why[200];

	*status = H7_EXIT_OK;
	*listener = service_listener();
	if (*listener == -2) {
		*status = cli_usage("run", "systemd passes more than one socket, or no unix socket "
					   "that listens: see the unit h7gang-watch@.socket");
		return false;
	}
	if (*listener >= 0)
		return true;
	if (!socket->options->socket &&
	    (!socket->options->given[CLI_WATCH] || !folder || !folder[0]))
		return false;
	if (station_path(socket->options->socket, socket->path, sizeof(socket->path), why,
			 sizeof(why)))
		return true;
	*status = cli_usage("run", "--socket: %s", why);
	return false;
}

enum h7_exit cli_socket_open(struct cli_socket *socket, struct gang_control *control)
{
	const struct cli_options *options = socket->options;
	struct station_options station = {
		.command = "run",
		.profile = socket->profile,
		.lot = options->lot ? options->lot : "",
		.operator_name = options->operator_name ? options->operator_name : "",
		.station = options->station,
		.watch = options->given[CLI_WATCH],
		.gang_control = control,
		.figures = figures,
		.note = note,
		.user = socket,
	};
	enum h7_exit status;
	char why[300];

	if (!station.station) {
		if (gethostname(socket->host, sizeof(socket->host) - 1) != 0)
			socket->host[0] = 0;
		station.station = socket->host;
	}
	if (wanted(socket, &station.listener, &status)) {
		station.path = station.listener < 0 ? socket->path : NULL;
		if (station.listener >= 0)
			fcntl(station.listener, F_SETFL, O_NONBLOCK);
		socket->server = station_server_open(&station, why, sizeof(why));
		if (!socket->server)
			return cli_usage("run", "--socket: %s", why);
	}
	if (status == H7_EXIT_OK)
		socket->service = service_start(control);
	return status;
}

void cli_socket_event(void *user, const struct gang_event *event)
{
	struct cli_socket *socket = user;

	if (socket->server)
		station_server_event(socket->server, event);
	if (socket->service)
		service_event(socket->service, event);
}

void cli_socket_close(struct cli_socket *socket)
{
	station_server_close(socket->server);
	service_end(socket->service);
	socket->server = NULL;
	socket->service = NULL;
}
