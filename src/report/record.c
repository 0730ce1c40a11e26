/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/report/record.h"

#include <string.h>

#include "h7gang/base/version.h"
#include "html.h"

/* record.css and record.sh of src/report/page. */
extern const char report_record_css[], report_record_sh[];

static const char *field(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->fields; i++) {
		if (strcmp(record->field[i].name, name) == 0)
			return record->field[i].text;
	}
	return "";
}

static void put(FILE *to, const struct record *record, const char *title, const char *name)
{
	const char *text = field(record, name);

	if (!*text)
		return;
	fprintf(to, "<dt>%s</dt><dd>", title);
	html_text(to, text);
	fputs("</dd>\n", to);
}

/* The bytes themselves: only HTML's own characters are written otherwise. */
static void put_exact(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", to);
		else if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '>')
			fputs("&gt;", to);
		else
			putc(*text, to);
	}
}

static void put_bank(FILE *to, const struct record *record, char bank)
{
	char name[40];
	static const struct {
		const char *title, *name;
	} rows[] = {{"result", "result"},
		    {"bytes compared", "bytes"},
		    {"SHA-256 as wanted", "expected_sha256"},
		    {"SHA-256 as read back", "readback_sha256"}};

	fprintf(to, "<h2>Bank %c</h2>\n<dl>\n", bank);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(name, sizeof(name), "bank%c_%s", bank, rows[i].name);
		put(to, record, rows[i].title, name);
	}
	fputs("</dl>\n", to);
}

static void put_facts(FILE *to, const struct record *record)
{
	static const struct {
		const char *title, *name;
	} board[] = {{"UID", "uid"},       {"Serial number", "unit_serial"},
		     {"Part", "part"},     {"Bootloader", "bootloader"},
		     {"Result", "result"}, {"Error", "error"},
		     {"Detail", "detail"}},
	  image[] = {{"Lot", "lot"},
		     {"Profile", "profile"},
		     {"Profile SHA-256", "profile_sha256"},
		     {"Firmware version", "firmware_version"},
		     {"SHA-256 of the whole flash as wanted", "image_sha256"},
		     {"Erased by", "erase_method"},
		     {"Compared", "verify_scope"},
		     {"Option bytes", "option_bytes"},
		     {"Started the application", "leave"}},
	  claims[] = {{"Started", "started_at"},
		      {"Finished", "finished_at"},
		      {"Station", "station"},
		      {"Operator", "operator"},
		      {"Slot", "slot"},
		      {"Attempt", "attempt"},
		      {"Overrides in use", "overrides"},
		      {"h7gang", "tool_version"}};

	fputs("<dl>\n", to);
	for (size_t i = 0; i < sizeof(board) / sizeof(board[0]); i++)
		put(to, record, board[i].title, board[i].name);
	fputs("</dl>\n<h2>What was programmed</h2>\n<dl>\n", to);
	for (size_t i = 0; i < sizeof(image) / sizeof(image[0]); i++)
		put(to, record, image[i].title, image[i].name);
	fputs("</dl>\n<div class=\"banks\"><div>\n", to);
	put_bank(to, record, '1');
	fputs("</div><div>\n", to);
	put_bank(to, record, '2');
	fputs("</div></div>\n<h2>When and by whom, as stated by the station</h2>\n<dl>\n", to);
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		put(to, record, claims[i].title, claims[i].name);
	fputs("</dl>\n", to);
}

static void put_proof(FILE *to, const struct record *record)
{
	fprintf(to,
		"<h2>Proof</h2>\n<p>The board's row%s, as written in the audit log; each ends with "
		"the hash of the row before it and its own:</p>\n<pre id=\"rows\">\n",
		record->rows > 1 ? " and the rows from it to the next seal" : "");
	for (size_t i = 0; i < record->rows; i++) {
		put_exact(to, record->row[i]);
		putc('\n', to);
	}
	fputs("</pre>\n<p>The seal: the station's signature (Ed25519) of the last of these "
	      "rows:</p>\n<pre id=\"seal\">\n",
	      to);
	put_exact(to, record->seal);
	fprintf(to,
		"\n</pre>\n<p>This page is signed by the same key, %s, in the file beside it that "
		"ends in .sig. Take the public key from the manufacturer, not from the sender of "
		"this  "
		"page. To check page, row and seal, run:</p>\n<pre id=\"check\">\n",
		record->key_id);
}

/* A text as one word of a shell. */
static void put_word(FILE *to, const char *text, void (*put_text)(FILE *to, const char *text))
{
	putc('\'', to);
	for (; *text; text++) {
		char one[2] = {*text, '\0'};

		put_text(to, *text == '\'' ? "'\\''" : one);
	}
	putc('\'', to);
}

static void put_check(FILE *to, const struct record *record,
		      void (*put_text)(FILE *to, const char *text))
{
	fputs("page=", to);
	put_word(to, record->page, put_text);
	fputs(" key=", to);
	put_word(to, record->key, put_text);
	putc('\n', to);
	put_text(to, report_record_sh);
}

static void put_plain(FILE *to, const char *text)
{
	fputs(text, to);
}

void record_check(FILE *to, const struct record *record)
{
	put_check(to, record, put_plain);
}

void record_html(FILE *to, const struct record *record)
{
	html_begin(to, "Programming record", report_record_css, NULL);
	fputs("<h1>Programming record: ", to);
	html_text(to, field(record, "result"));
	fputs("</h1>\n", to);
	put_facts(to, record);
	put_proof(to, record);
	put_check(to, record, put_exact);
	fprintf(to, "</pre>\n<p>Made by h7gang %s.</p>\n", h7gang_version);
	html_end(to, NULL);
}
