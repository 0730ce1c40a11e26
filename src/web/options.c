/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang-web [--connect PATH] [--listen ADDRESS]... [OPTIONS]\n"
	"\n"
	"Shows a station in a browser, and serves an API and metrics. It is a client of the\n"
	"station's socket and a reader of its log: if it fails, no unit, row or run is affected.\n"
	"`h7gang web` runs it.\n"
	"\n"
	"  --connect PATH        the station's socket (h7gang run --watch --socket PATH);\n"
	"                        default: station.sock in RUNTIME_DIRECTORY\n"
	"  --log FILE            the station's log, where it has another path for this program\n"
	"  --listen ADDRESS      127.0.0.1:8742 (default), [::1]:PORT, unix:PATH; up to 8 times.\n"
	"                        An address outside this computer needs TLS and users.\n"
	"  --listen-host NAME    another name of this computer that browsers may ask for\n"
	"  --metrics ADDRESS     metrics for Prometheus at http://ADDRESS/metrics; no login\n"
	"  --certificate FILE    TLS: the certificate with its chain (PEM)\n"
	"  --key FILE            TLS: its private key (PEM); both are read again when they change\n"
	"  --users FILE          users and tokens, mode 0600: see --add-user\n"
	"  --client-ca FILE      accept client certificates that this CA signed; the user is "
	"their\n"
	"                        common name\n"
	"  --trusted-header NAME the header in which a reverse proxy on this computer names the\n"
	"                        user\n"
	"  --session-minutes N   how long a login lasts (default 480)\n"
	"  --control             let users with the role lead or admin give commands\n"
	"  --trace DIR           offer the traces of failed attempts (h7gang run --trace DIR)\n"
	"\n"
	"  --add-user NAME --role view|lead|admin --users FILE    add a user, or replace the\n"
	"                        password and role of one; the password is the first line of\n"
	"                        standard input\n"
	"  --add-token NAME --role view|lead|admin --users FILE   add a token for a program, and\n"
	"                        print it\n"
	"\n"
	"Exit status: 0 ended by a signal; 2 mistake in the options; 5 internal error.\n";

#include "options.h"

#include "h7gang/base/errors.h"
#include "h7gang/base/options.h"

#define SESSION_MINUTES_MAX 10080 /* a week */

static bool wrong(const char *text)
{
	web_say("%s; h7gang-web --help lists the options", text);
	return false;
}

static bool check(struct web_options *options)
{
	if (!options->certificate != !options->key)
		return wrong("--certificate and --key go together");
	if (options->client_ca && !options->certificate)
		return wrong("--client-ca needs --certificate and --key");
	if ((options->client_ca || options->trusted_header) && !options->users)
		return wrong("--client-ca and --trusted-header need --users, where roles stand");
	if (options->control && !options->users)
		return wrong("--control needs --users: each command has its user in the log");
	if (options->add_user && options->add_token)
		return wrong("--add-user excludes --add-token");
	if ((options->add_user || options->add_token) && !options->role)
		return wrong("--role is missing");
	if (options->listeners == 0)
		options->listen[options->listeners++] = "127.0.0.1:8742";
	return true;
}

bool web_options_read(struct web_options *options, int argc, char **argv, int *status)
{
	const struct option_row rows[] = {
		{.name = "connect", .kind = OPTION_TEXT, .to = &options->connect},
		{.name = "log", .kind = OPTION_TEXT, .to = &options->log},
		{.name = "metrics", .kind = OPTION_TEXT, .to = &options->metrics},
		{.name = "certificate", .kind = OPTION_TEXT, .to = &options->certificate},
		{.name = "key", .kind = OPTION_TEXT, .to = &options->key},
		{.name = "users", .kind = OPTION_TEXT, .to = &options->users},
		{.name = "client-ca", .kind = OPTION_TEXT, .to = &options->client_ca},
		{.name = "trusted-header", .kind = OPTION_TEXT, .to = &options->trusted_header},
		{.name = "trace", .kind = OPTION_TEXT, .to = &options->trace},
		{.name = "add-user", .kind = OPTION_TEXT, .to = &options->add_user},
		{.name = "add-token", .kind = OPTION_TEXT, .to = &options->add_token},
		{.name = "role", .kind = OPTION_TEXT, .to = &options->role},
		{.name = "listen",
		 .kind = OPTION_LIST,
		 .to = options->listen,
		 .count = &options->listeners,
		 .high = WEB_LISTENERS_MAX},
		{.name = "listen-host",
		 .kind = OPTION_LIST,
		 .to = options->host,
		 .count = &options->hosts,
		 .high = WEB_HOSTS_MAX},
		{.name = "control", .kind = OPTION_FLAG, .to = &options->control},
		{.name = "session-minutes",
		 .kind = OPTION_NUMBER,
		 .to = &options->session_minutes,
		 .low = 1,
		 .high = SESSION_MINUTES_MAX},
		{0},
	};
	enum options_read found;

	*options = (struct web_options){.session_minutes = 480};
	found = options_read(WEB_PROGRAM, help_text, rows, argc, argv);
	*status = found == OPTIONS_SHOWN ? H7_EXIT_OK : H7_EXIT_USAGE;
	return found == OPTIONS_GOOD && check(options);
}
