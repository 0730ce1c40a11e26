/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang read --path PORT --bank 1|2|all --output FILE [--part PART] [--quiet]\n"
	"\n"
	"Reads the flash of the board at PORT (a path as list prints it) into a new file: one\n"
	"bank, or bank 1 followed by bank 2. The bootloader tells the part. If it does not tell\n"
	"the flash size, read looks for the last sector, and says so. Where it cannot be found,\n"
	"name the part with --part (h7gang help parts); a part that the board's answers or its\n"
	"flash contradict is refused. read writes nothing to the board and does not replace an\n"
	"existing file.\n"
	"\n"
	"Exit status: 0 success; 1 the flash cannot be read (read-protected, broken, board gone);\n"
	"2 usage, or a part without that bank; 3 no board at that port; 5 internal error.\n";

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "h7gang/attempt/readout.h"
#include "h7gang/usb/power.h"

#define STEP_PERCENT 10

struct told {
	const char *path;
	bool quiet;
	unsigned percent;
};

static void progress(void *user, unsigned percent)
{
	struct told *told = user;

	if (told->quiet || percent < told->percent + STEP_PERCENT)
		return;
	told->percent = percent - percent % STEP_PERCENT;
	fprintf(stderr, "%s: read %u %%\n", told->path, told->percent);
}

static bool bank_of(const char *text, unsigned *bank)
{
	*bank = strcmp(text, "1") == 0 ? 1 : strcmp(text, "2") == 0 ? 2 : 0;
	return *bank || strcmp(text, "all") == 0;
}

static enum h7_exit exit_of(const struct readout *read, enum h7_error error)
{
	if (read->no_bank)
		return H7_EXIT_USAGE;
	return error == H7_NO_DEVICE && !read->part ? H7_EXIT_NO_TARGET : H7_EXIT_FAILED;
}

static enum h7_exit run(const struct cli_options *options)
{
	struct told told = {.path = options->path, .quiet = options->given[CLI_QUIET]};
	struct readout read = {.path = options->path,
			       .filter = {.vid = USB_VID_ST, .pid = USB_PID_ST_DFU},
			       .progress = progress,
			       .user = &told};
	enum h7_exit status;
	enum h7_error error;
	int hold;

	if (!options->path || !options->bank || !options->output)
		return cli_usage("read", "--path, --bank and --output are required");
	if (!bank_of(options->bank, &read.bank))
		return cli_usage("read", "--bank: must be 1, 2 or all");
	read.claimed = options->part ? stm32_part_find(options->part) : NULL;
	if (options->part && !read.claimed)
		return cli_usage("read", "--part: there is no part \"%s\"; see h7gang help parts",
				 options->part);
	status = file_check_new(options->output);
	if (status != H7_EXIT_OK)
		return status;
	hold = usb_port_hold(options->path, false); /* h7gang power leaves it alone meanwhile */
	error = readout_run(&read);
	if (hold >= 0)
		close(hold);
	if (error != H7_OK) {
		cli_say("%s: %s", options->path, read.why);
		if (error == H7_READ_PROTECTED)
			cli_say("%s: %s", options->path, h7_error_advice(error));
		else if (read.end_sought && error != H7_NO_DEVICE)
			cli_say("%s: the board does not tell its flash size: name its part with "
				"--part",
				options->path);
		return exit_of(&read, error);
	}
	status = file_write_new(options->output, read.bytes, read.length);
	if (status == H7_EXIT_OK)
		cli_print("%s: %zu bytes of a part with %u KiB of flash%s into %s", options->path,
			  read.length, read.part->flash_kib,
			  read.end_sought ? " (found by its last sector)" : "", options->output);
	free(read.bytes);
	return status;
}

const struct cli_command cli_read = {
	.name = "read",
	.summary = "read a board's flash into a file",
	.help = help_text,
	.accepts = CLI_LIST(CLI_PATH, CLI_BANK, CLI_OUTPUT, CLI_PART, CLI_QUIET),
	.run = run,
};
