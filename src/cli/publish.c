/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang publish --log LOG --mqtt mqtts://HOST | --http https://HOST/PATH [OPTIONS]\n"
	"\n"
	"Sends each row of an audit log as JSON to an MQTT broker or an HTTP server: in order, at\n"
	"least once, while the log is written. This runs h7gang-publish, a program of its own\n"
	"with a manual page of its own: h7gang-publish(1) lists its options, and so does\n"
	"h7gang-publish --help.\n"
	"\n"
	"  --log LOG         the audit log; the position is kept in LOG.published.NAME\n"
	"  --name NAME       one for each receiver (default mqtt or http)\n"
	"  --mqtt URL        an MQTT 5.0 broker\n"
	"  --http URL        an HTTP server that answers 2xx to a POST once it has the row\n"
	"  --once            send all rows that are not sent yet, then end\n";

#include "cli.h"

static enum h7_exit run(const struct cli_options *options)
{
	(void)options;
	return H7_EXIT_INTERNAL; /* main executes the program */
}

const struct cli_command cli_publish = {
	.name = "publish",
	.summary = "send rows to an MES by MQTT or HTTP (runs h7gang-publish)",
	.help = help_text,
	.program = "h7gang-publish",
	.run = run,
};
