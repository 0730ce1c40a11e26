/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#include "h7gang/base/sha256.h"
#include "h7gang/base/text.h"

#define SHOWN 300 /* bytes of a text */
#define HASH_SIZE 32

void html_text(FILE *to, const char *text)
{
	char shown[SHOWN];

	text_html(text, shown, sizeof(shown));
	fputs(shown, to);
}

void html_number(FILE *to, uint64_t number)
{
	fprintf(to, "<td class=\"n\">%" PRIu64 "</td>", number);
}

void html_share(FILE *to, double part, double whole, int digits)
{
	if (whole > 0)
		fprintf(to, "<td class=\"n\">%.*f %%</td>", digits, 100 * part / whole);
	else
		fputs("<td class=\"n\">-</td>", to);
}

void html_seconds(FILE *to, bool known, double ms)
{
	if (known)
		fprintf(to, "<td class=\"n\">%.2f</td>", ms / 1000);
	else
		fputs("<td class=\"n\">-</td>", to);
}

void html_cell(FILE *to, const char *text)
{
	fputs("<td class=\"name\">", to);
	html_text(to, *text ? text : "-");
	fputs("</td>", to);
}

/* 'sha256-BASE64' of a text, as a policy names it. */
static bool put_hash(FILE *to, const char *text)
{
	char hex[SHA256_HEX_SIZE];
	unsigned char bytes[HASH_SIZE], base64[4 * (HASH_SIZE / 3 + 1) + 1];

	if (sha256_hex(text, strlen(text), hex) < 0)
		return false;
	for (size_t i = 0; i < HASH_SIZE; i++) {
		unsigned byte;

		sscanf(hex + 2 * i, "%2x", &byte);
		bytes[i] = (unsigned char)byte;
	}
	EVP_EncodeBlock(base64, bytes, HASH_SIZE);
	fprintf(to, "'sha256-%s'", (const char *)base64);
	return true;
}

bool html_begin(FILE *to, const char *title, const char *style, const char *script)
{
	bool good;

	fputs(HTML_FIRST "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			 "'none'; style-src ",
	      to);
	good = put_hash(to, style);
	if (script) {
		fputs("; script-src ", to);
		good = put_hash(to, script) && good;
	}
	fputs("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<title>",
	      to);
	html_text(to, title);
	fprintf(to, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
	return good;
}

void html_end(FILE *to, const char *script)
{
	if (script)
		fprintf(to, "<script>%s</script>\n", script);
	fputs("</body>\n</html>\n", to);
}
