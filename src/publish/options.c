/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang-publish --log LOG --mqtt mqtts://HOST[:PORT] [OPTIONS]\n"
	"h7gang-publish --log LOG --http https://HOST[:PORT]/PATH [OPTIONS]\n"
	"h7gang-publish --log LOG --name NAME --after SEQ|end\n"
	"\n"
	"Sends each row of an audit log as JSON to an MQTT broker or an HTTP server: in order,\n"
	"at least once, while the log is written. LOG.published.NAME keeps the last row that the\n"
	"receiver has. The log is only read. `h7gang publish` runs this program.\n"
	"\n"
	"  --log LOG             the audit log; its rotated files must stay beside it\n"
	"  --name NAME           name of the position (default mqtt or http); one for each "
	"receiver\n"
	"  --positions FOLDER    keep the position in this folder, not beside the log\n"
	"  --mqtt URL            an MQTT 5.0 broker: mqtts://HOST[:8883], mqtt://HOST[:1883]\n"
	"  --http URL            an HTTP server that answers 2xx to a POST once it has the row\n"
	"  --ca FILE             certificates (PEM) to trust; default: those of this computer\n"
	"  --certificate FILE    the client's certificate (PEM)\n"
	"  --key FILE            its private key (PEM), mode 0600\n"
	"  --user NAME           the user, with --password-file\n"
	"  --password-file FILE  the password is its first line; mode 0600\n"
	"  --token-file FILE     HTTP: the bearer token is its first line; mode 0600\n"
	"  --topic PREFIX        MQTT: the beginning of each topic (default h7gang)\n"
	"  --station NAME        MQTT: the station in the topic of the state (default: that of\n"
	"                        the first row that is sent, else the host name)\n"
	"  --without-subscriber  MQTT: a row counts as sent although no client subscribes\n"
	"  --with-operator       send the operator and the texts of notes, which name operators\n"
	"  --timeout S           how long an answer may take (default 10)\n"
	"  --once                send all rows that are not sent yet, then end\n"
	"  --wait S              with --once: end after S seconds without progress (default 30)\n"
	"  --after SEQ|end       send nothing; continue after row SEQ, or after the last row\n"
	"\n"
	"Exit status: 0 ended by a signal, or everything was sent; 1 --once: rows are left;\n"
	"2 mistake in the options or their files; 4 the log or the position cannot be used;\n"
	"5 internal error.\n";

#include "options.h"

#include <string.h>

#include "h7gang/audit/published.h"
#include "h7gang/base/errors.h"
#include "h7gang/base/options.h"

#define SECONDS_MAX 3600

static bool wrong(const char *text)
{
	publish_say("%s; h7gang-publish --help lists the options", text);
	return false;
}

/* Whether a broker lets a client publish to this topic. */
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
		return wrong("one of --mqtt and --http is needed; for several receivers, start the "
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
	const struct option_row rows[] = {
		{.name = "log", .kind = OPTION_TEXT, .to = &options->log},
		{.name = "name", .kind = OPTION_TEXT, .to = &options->name},
		{.name = "positions", .kind = OPTION_TEXT, .to = &options->positions},
		{.name = "mqtt", .kind = OPTION_TEXT, .to = &options->mqtt},
		{.name = "http", .kind = OPTION_TEXT, .to = &options->http},
		{.name = "ca", .kind = OPTION_TEXT, .to = &options->ca},
		{.name = "certificate", .kind = OPTION_TEXT, .to = &options->certificate},
		{.name = "key", .kind = OPTION_TEXT, .to = &options->key},
		{.name = "user", .kind = OPTION_TEXT, .to = &options->user},
		{.name = "password-file", .kind = OPTION_TEXT, .to = &options->password_file},
		{.name = "token-file", .kind = OPTION_TEXT, .to = &options->token_file},
		{.name = "topic", .kind = OPTION_TEXT, .to = &options->topic},
		{.name = "station", .kind = OPTION_TEXT, .to = &options->station},
		{.name = "after", .kind = OPTION_TEXT, .to = &options->after},
		{.name = "without-subscriber",
		 .kind = OPTION_FLAG,
		 .to = &options->without_subscriber},
		{.name = "with-operator", .kind = OPTION_FLAG, .to = &options->with_operator},
		{.name = "once", .kind = OPTION_FLAG, .to = &options->once},
		{.name = "timeout",
		 .kind = OPTION_NUMBER,
		 .to = &options->timeout_s,
		 .low = 1,
		 .high = SECONDS_MAX},
		{.name = "wait",
		 .kind = OPTION_NUMBER,
		 .to = &options->wait_s,
		 .low = 1,
		 .high = SECONDS_MAX},
		{0},
	};
	enum options_read found;

	*options = (struct publish_options){.timeout_s = 10, .wait_s = 30};
	found = options_read(PUBLISH_PROGRAM, help_text, rows, argc, argv);
	*status = found == OPTIONS_SHOWN ? H7_EXIT_OK : H7_EXIT_USAGE;
	return found == OPTIONS_GOOD && check(options);
}
