/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] = "h7gang version\n"
				"\n"
				"Prints the version of the program and of the log it writes.\n";

#include <stdio.h>

#include "cli.h"
#include "h7gang/base/version.h"

static enum h7_exit run(const struct cli_options *options)
{
	unsigned columns = 1;

	(void)options;
	for (const char *at = audit_header(); *at; at++)
		columns += *at == ',';
	printf("h7gang %s\nlog of %u columns, profile schema 1\n"
	       "Licence GPL-2.0-or-later: free software, without any warranty.\n",
	       h7gang_version, columns);
	return H7_EXIT_OK;
}

const struct cli_command cli_version = {
	.name = "version",
	.summary = "print the version",
	.help = help_text,
	.run = run,
};
