/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang-publish --log LOG --mqtt mqtts://HOST[:PORT] [OPTIONS]\n"
	"h7gang-publish --log LOG --http https://HOST[:PORT]/PATH [OPTIONS]\n"
	"h7gang-publish --log LOG --name NAME --after SEQ|end\n"
	"\n"
	"Sends each row of an audit log as JSON to an MQTT broker or an HTTP server: in order,\n"
	"at least once, while the log is written. How far it has come is kept in\n"
	"LOG.published.NAME. The log is only read. `h7gang publish` runs this program.\n"
	"\n"
	"  --log LOG             the audit log; its rotated files must stay beside it\n"
	"  --name NAME           which position (default mqtt or http); one for each target\n"
	"  --positions FOLDER    keep the position in this folder, not beside the log\n"
	"  --mqtt URL            an MQTT 5.0 broker: mqtts://HOST[:8883], mqtt://HOST[:1883]\n"
	"  --http URL            an HTTP server that answers 2xx to a POST once it has the row\n"
	"  --ca FILE             certificates (PEM) to trust; default: those of this computer\n"
	"  --certificate FILE    the client's certificate (PEM)\n"
	"  --key FILE            its private key (PEM), mode 0600\n"
	"  --user NAME           the user, with --password-file\n"
	"  --password-file FILE  the password is its first line; mode 0600\n"
	"  --token-file FILE     HTTP: the bearer token is its first line; mode 0600\n"
	"  --topic PREFIX        MQTT: what topics begin with (default h7gang)\n"
	"  --station NAME        MQTT: the station in the topic of the state (default: that of\n"
	"                        the log's first row to be sent, else the host's name)\n"
	"  --without-subscriber  MQTT: a row counts as sent although no client subscribes\n"
	"  --with-operator       send the operator and the texts of notes, which name operators\n"
	"  --timeout S           how long an answer may take (default 10)\n"
	"  --once                send what there is, then end\n"
	"  --wait S              with --once: end after so long without progress (default 30)\n"
	"  --after SEQ|end       do not send: set the position behind that row, or the last one\n"
	"\n"
	"Exit status: 0 ended by a signal, or everything was sent; 1 --once: rows are left;\n"
	"2 mistake in the options or their files; 4 the log or the position cannot be used;\n"
	"5 internal error.\n";

#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/published.h"
#include "h7gang/base/errors.h"
#include "h7gang/base/version.h"

enum {
	LOG = 256,
	NAME,
	POSITIONS,
	MQTT,
	HTTP,
	CA,
	CERTIFICATE,
	KEY,
	USER,
	PASSWORD_FILE,
	TOKEN_FILE,
	TOPIC,
	STATION,
	AFTER,
	WITHOUT_SUBSCRIBER,
	WITH_OPERATOR,
	TIMEOUT,
	ONCE,
	WAIT,
	HELP,
	VERSION
};

static const struct option table[] = {
	{"log", required_argument, NULL, LOG},
	{"name", required_argument, NULL, NAME},
	{"positions", required_argument, NULL, POSITIONS},
	{"mqtt", required_argument, NULL, MQTT},
	{"http", required_argument, NULL, HTTP},
	{"ca", required_argument, NULL, CA},
	{"certificate", required_argument, NULL, CERTIFICATE},
	{"key", required_argument, NULL, KEY},
	{"user", required_argument, NULL, USER},
	{"password-file", required_argument, NULL, PASSWORD_FILE},
	{"token-file", required_argument, NULL, TOKEN_FILE},
	{"topic", required_argument, NULL, TOPIC},
	{"station", required_argument, NULL, STATION},
	{"after", required_argument, NULL, AFTER},
	{"without-subscriber", no_argument, NULL, WITHOUT_SUBSCRIBER},
	{"with-operator", no_argument, NULL, WITH_OPERATOR},
	{"timeout", required_argument, NULL, TIMEOUT},
	{"once", no_argument, NULL, ONCE},
	{"wait", required_argument, NULL, WAIT},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static bool wrong(const char *text)
{
	publish_say("%s; h7gang-publish --help lists the options", text);
	return false;
}

static bool take_seconds(unsigned *seconds, const char *what)
{
	char *end;
	unsigned long number = strtoul(optarg, &end, 10);

	*seconds = (unsigned)number;
	return (*optarg >= '0' && *optarg <= '9' && !*end && number >= 1 && number <= 3600) ||
	       wrong(what);
}

static bool take(struct publish_options *options, int option)
{
	const char **texts[] = {[LOG - LOG] = &options->log,
				[NAME - LOG] = &options->name,
				[POSITIONS - LOG] = &options->positions,
				[MQTT - LOG] = &options->mqtt,
				[HTTP - LOG] = &options->http,
				[CA - LOG] = &options->ca,
				[CERTIFICATE - LOG] = &options->certificate,
				[KEY - LOG] = &options->key,
				[USER - LOG] = &options->user,
				[PASSWORD_FILE - LOG] = &options->password_file,
				[TOKEN_FILE - LOG] = &options->token_file,
				[TOPIC - LOG] = &options->topic,
				[STATION - LOG] = &options->station,
				[AFTER - LOG] = &options->after};

	switch (option) {
	case WITHOUT_SUBSCRIBER:
		return options->without_subscriber = true;
	case WITH_OPERATOR:
		return options->with_operator = true;
	case ONCE:
		return options->once = true;
	case TIMEOUT:
		return take_seconds(&options->timeout_s, "--timeout: a number from 1 to 3600");
	case WAIT:
		return take_seconds(&options->wait_s, "--wait: a number from 1 to 3600");
	default:
		if (option < LOG || option > AFTER)
			return wrong("an option is not known, or needs a value");
		if (*texts[option - LOG])
			return wrong("an option is given more than once");
		*texts[option - LOG] = optarg;
		return true;
	}
}

/* What a broker lets a client publish to. */
static bool topic_ok(const char *topic)
{
	size_t length = strlen(topic);

	for (const char *at = topic; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~' || *at == '+' ||
		    *at == '#')
			return false;
	return length >= 1 && length <= 200 && topic[0] != '$' && topic[0] != '/' &&
	       topic[length - 1] != '/';
}

static bool check_target(const struct publish_options *options)
{
	if (options->token_file && !options->http)
		return wrong("--token-file goes with --http");
	if (options->token_file && options->password_file)
		return wrong("--token-file excludes --password-file");
	if (options->password_file && !options->user)
		return wrong("--password-file needs --user");
	if (options->user && !options->password_file)
		return wrong("--user needs --password-file");
	if (!options->certificate != !options->key)
		return wrong("--certificate and --key go together");
	return topic_ok(options->topic) || wrong("--topic: printable ASCII without spaces, + and "
						 "#; no $ or / first, no / last");
}

static bool check(struct publish_options *options)
{
	if (!options->log)
		return wrong("--log is missing");
	if (options->after && !options->name)
		return wrong("--after needs --name");
	if (options->after && (options->mqtt || options->http))
		return wrong("--after only sets the position: leave --mqtt and --http away");
	if (!options->after && !options->mqtt == !options->http)
		return wrong("one of --mqtt and --http is needed; for several targets, start the "
			     "program several times, each with its own --name");
	if (!options->name)
		options->name = options->mqtt ? "mqtt" : "http";
	if (!options->topic)
		options->topic = "h7gang";
	if (!audit_published_name_ok(options->name))
		return wrong("--name: 1 to 32 letters, digits, _ and -, with a letter or digit "
			     "first");
	return check_target(options);
}

bool publish_options_read(struct publish_options *options, int argc, char **argv, int *status)
{
	int option;
	bool good = true;

	*options = (struct publish_options){.timeout_s = 10, .wait_s = 30};
	*status = H7_EXIT_USAGE;
	opterr = 0;
	while (good && (option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == HELP || option == VERSION) {
			if (option == HELP)
				fputs(help_text, stdout);
			else
				printf("h7gang-publish %s\n", h7gang_version);
			*status = H7_EXIT_OK;
			return false;
		}
		good = take(options, option);
	}
	if (good && optind < argc)
		good = wrong("it takes options only");
	return good && check(options);
}
