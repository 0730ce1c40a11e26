/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang web [--connect PATH] [--listen ADDRESS]... [OPTIONS]\n"
	"\n"
	"Shows a station in a browser, and serves an API and metrics. This runs h7gang-web, a\n"
	"program of its own with a manual page of its own: h7gang-web(1) lists its options, and\n"
	"so does h7gang-web --help.\n"
	"\n"
	"  --connect PATH    the station's socket (run --watch --socket PATH)\n"
	"  --listen ADDRESS  127.0.0.1:8742 (the default), [::1]:PORT or unix:PATH; an address\n"
	"                    outside this computer needs TLS and users\n"
	"  --metrics ADDRESS metrics for Prometheus, on an address of their own\n";

#include "cli.h"

static enum h7_exit run(const struct cli_options *options)
{
	(void)options;
	return H7_EXIT_INTERNAL; /* main executes the program */
}

const struct cli_command cli_web = {
	.name = "web",
	.summary = "show a station in a browser (runs h7gang-web)",
	.help = help_text,
	.program = "h7gang-web",
	.run = run,
};
