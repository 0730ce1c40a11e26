/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE.begun of anything. A mark proves itself by a SHA-256 that no mutation hits, so each line of
 * the input, up to its LF, also gets its check; every mark that is taken must be one that can be
 * written as a row. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/begun.h"
#include "h7gang/base/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static int folder;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[] = "/tmp/fuzz-begun.XXXXXX";

	(void)argc;
	(void)argv;
	if (!mkdtemp(path) || (folder = open(path, O_RDONLY | O_DIRECTORY)) < 0)
		abort();
	return 0;
}

static void store(const uint8_t *data, size_t size, bool checked)
{
	int fd = openat(folder, "begun", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	FILE *file = fdopen(fd, "w");

	if (!file)
		abort();
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t n = end ? (size_t)(end - data) : size;
		char hash[SHA256_HEX_SIZE];

		fwrite(data, 1, n, file);
		if (checked && sha256_hex(data, n, hash) == 0)
			fputs(hash, file);
		if (end)
			fputc('\n', file);
		data += end ? n + 1 : n;
		size -= end ? n + 1 : n;
	}
	if (fclose(file) != 0)
		abort();
}

static int count_bad(void *user, uint64_t line, const char *text, size_t length)
{
	(void)line;
	(void)text;
	if (length == 0)
		abort();
	++*(unsigned *)user;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct marks marks = {0};
	unsigned bad = 0;

	if (size == 0)
		return 0;
	store(data + 1, size - 1, data[0] & 1);
	if (begun_load(folder, "begun", &marks, count_bad, &bad) < 0)
		abort();
	for (size_t i = 0; i < marks.count; i++) {
		struct row_fields fields;
		struct row_body body;
		struct csv_row csv;

		if (csv_split(&csv, marks.mark[i].body, marks.mark[i].length - 1))
			abort();
		row_fields_from_csv(&fields, &csv, BODY_FIRST);
		if (row_build(&body, &fields, true) != AUDIT_OK || row_problem(&body))
			abort();
	}
	marks_sort(&marks);
	marks_free(&marks);
	return 0;
}
