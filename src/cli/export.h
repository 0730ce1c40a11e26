/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by audit export and store export. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli.h"
#include "h7gang/report/export.h"
#include "h7gang/report/report.h"

/* The beginning of every workbook: it is a ZIP file. */
#define CLI_EXPORT_XLSX "PK\003\004"

/* Whether the options name one form; if not, says so. */
bool cli_export_options(const char *command, const struct cli_options *options);

void cli_export_column(struct export_column *column, const char *name, bool number);

/* The sheet that names the source: its head, then a line a log. */
void cli_export_source_head(struct xlsx *xlsx, const char *of);
void cli_export_source_log(struct xlsx *xlsx, const struct report_log *log);

/* Keeps the workbook, or drops it where memory ran out. `status`, or H7_EXIT_INTERNAL. */
enum h7_exit cli_export_close(struct xlsx *xlsx, enum h7_exit status);

#endif
