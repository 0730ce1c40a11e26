/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang-web [--connect PATH] [--listen ADDRESS]... [OPTIONS]\n"
	"\n"
	"Shows a station in a browser, and serves an API and metrics. It is a client of the\n"
	"station's socket and a reader of its log: whatever happens to it, no unit, row or run\n"
	"is touched. `h7gang web` runs it.\n"
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
	"  --add-user NAME --role view|lead|admin --users FILE    add a user; the password is the\n"
	"                        first line of standard input\n"
	"  --add-token NAME --role view|lead|admin --users FILE   add a token for a program, and\n"
	"                        print it\n"
	"\n"
	"Exit status: 0 ended by a signal; 2 mistake in the options; 5 internal error.\n";

#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/errors.h"
#include "h7gang/base/version.h"

enum {
	CONNECT = 256,
	LOG,
	LISTEN,
	LISTEN_HOST,
	METRICS,
	CERTIFICATE,
	KEY,
	USERS,
	CLIENT_CA,
	TRUSTED_HEADER,
	SESSION_MINUTES,
	CONTROL,
	TRACE,
	ADD_USER,
	ADD_TOKEN,
	ROLE,
	HELP,
	VERSION
};

static const struct option table[] = {{"connect", required_argument, NULL, CONNECT},
				      {"log", required_argument, NULL, LOG},
				      {"listen", required_argument, NULL, LISTEN},
				      {"listen-host", required_argument, NULL, LISTEN_HOST},
				      {"metrics", required_argument, NULL, METRICS},
				      {"certificate", required_argument, NULL, CERTIFICATE},
				      {"key", required_argument, NULL, KEY},
				      {"users", required_argument, NULL, USERS},
				      {"client-ca", required_argument, NULL, CLIENT_CA},
				      {"trusted-header", required_argument, NULL, TRUSTED_HEADER},
				      {"session-minutes", required_argument, NULL, SESSION_MINUTES},
				      {"control", no_argument, NULL, CONTROL},
				      {"trace", required_argument, NULL, TRACE},
				      {"add-user", required_argument, NULL, ADD_USER},
				      {"add-token", required_argument, NULL, ADD_TOKEN},
				      {"role", required_argument, NULL, ROLE},
				      {"help", no_argument, NULL, HELP},
				      {"version", no_argument, NULL, VERSION},
				      {NULL, 0, NULL, 0}};

static bool wrong(const char *text)
{
	web_say("%s; h7gang-web --help lists the options", text);
	return false;
}

static bool add(const char **list, unsigned *count, unsigned most, const char *what)
{
	if (*count == most)
		return wrong("an option is given too often");
	list[(*count)++] = what;
	return true;
}

static bool take(struct web_options *options, int option)
{
	const char **texts[] = {[CONNECT - CONNECT] = &options->connect,
				[LOG - CONNECT] = &options->log,
				[METRICS - CONNECT] = &options->metrics,
				[CERTIFICATE - CONNECT] = &options->certificate,
				[KEY - CONNECT] = &options->key,
				[USERS - CONNECT] = &options->users,
				[CLIENT_CA - CONNECT] = &options->client_ca,
				[TRUSTED_HEADER - CONNECT] = &options->trusted_header,
				[TRACE - CONNECT] = &options->trace,
				[ADD_USER - CONNECT] = &options->add_user,
				[ADD_TOKEN - CONNECT] = &options->add_token,
				[ROLE - CONNECT] = &options->role};
	char *end;

	switch (option) {
	case LISTEN:
		return add(options->listen, &options->listeners, WEB_LISTENERS_MAX, optarg);
	case LISTEN_HOST:
		return add(options->host, &options->hosts, WEB_HOSTS_MAX, optarg);
	case CONTROL:
		options->control = true;
		return true;
	case SESSION_MINUTES:
		options->session_minutes = (unsigned)strtoul(optarg, &end, 10);
		return (!*end && options->session_minutes >= 1 &&
			options->session_minutes <= 10080) ||
		       wrong("--session-minutes: a number from 1 to 10080");
	default:
		if (option < CONNECT || option > ROLE || !texts[option - CONNECT])
			return wrong("an option is not known, or needs a value");
		if (*texts[option - CONNECT])
			return wrong("an option is given more than once");
		*texts[option - CONNECT] = optarg;
		return true;
	}
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
	int option;
	bool good = true;

	*options = (struct web_options){.session_minutes = 480};
	*status = H7_EXIT_USAGE;
	opterr = 0;
	while (good && (option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == HELP || option == VERSION) {
			if (option == HELP)
				fputs(help_text, stdout);
			else
				printf("h7gang-web %s\n", h7gang_version);
			*status = H7_EXIT_OK;
			return false;
		}
		good = take(options, option);
	}
	if (good && optind < argc)
		good = wrong("it takes options only");
	return good && check(options);
}
