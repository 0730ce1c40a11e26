/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One POST for a row by libcurl. Only a whole answer with a status of 2xx counts. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "url.h"
#include "h7gang/base/clock.h"
#include "receiver.h"

#define ANSWER_SHOWN 120 /* bytes of an answer that refuses; the others are read past */

struct http {
	struct receiver receiver;
	const struct publish_options *options;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	char answer[ANSWER_SHOWN + 1];
	size_t answered;
	bool begun,
		whole; /* of the last status line: it came, and the empty line after its headers */
};

static struct http *http_of(struct receiver *receiver)
{
	return (struct http *)receiver;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *user)
{
	struct http *http = user;
	size_t length = size * count, room;

	room = http->answered < ANSWER_SHOWN ? ANSWER_SHOWN - http->answered : 0;
	memcpy(http->answer + (room ? http->answered : 0), bytes, room < length ? room : length);
	if (room)
		http->answer[http->answered + (room < length ? room : length)] = 0;
	http->answered += length;
	return length;
}

/* libcurl takes an answer that ends within its headers for a whole one. */
static size_t take_header(char *line, size_t size, size_t count, void *user)
{
	static const char begins[] = "HTTP/";
	struct http *http = user;
	size_t length = size * count;

	if (length >= sizeof(begins) - 1 && memcmp(line, begins, sizeof(begins) - 1) == 0) {
		http->begun = true;
		http->whole = false;
	} else if (length > 0 && (line[0] == '\r' || line[0] == '\n')) {
		http->whole = true;
	}
	return length;
}

static int look(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)user;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return publish_ending();
}

static bool header(struct curl_slist **list, const char *text)
{
	struct curl_slist *more = curl_slist_append(*list, text);

	if (more)
		*list = more;
	return more;
}

/* Secrets are read again for each request, so that they can be replaced. */
static bool set_secret(struct http *http, struct curl_slist **headers, char *why, size_t why_size)
{
	const struct publish_options *options = http->options;
	char secret[PUBLISH_ONE_TEXT], line[PUBLISH_ONE_TEXT + 32];
	bool good = true;

	if (options->token_file) {
		if (!url_secret(options->token_file, secret, why, why_size))
			return false;
		snprintf(line, sizeof(line), "Authorization: Bearer %s", secret);
		good = header(headers, line);
	} else if (options->password_file) {
		if (!url_secret(options->password_file, secret, why, why_size))
			return false;
		curl_easy_setopt(http->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		good = curl_easy_setopt(http->curl, CURLOPT_USERNAME, options->user) == CURLE_OK &&
		       curl_easy_setopt(http->curl, CURLOPT_PASSWORD, secret) == CURLE_OK;
	}
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(line, sizeof(line));
	if (!good)
		snprintf(why, why_size, "no memory");
	return good;
}

static struct curl_slist *headers_of(struct http *http, const struct message *message, char *why,
				     size_t why_size)
{
	struct curl_slist *list = NULL;
	char key[96];

	snprintf(why, why_size, "no memory");
	snprintf(key, sizeof(key), "Idempotency-Key: \"%s\"", message->row_hash);
	if (header(&list, "Content-Type: application/json") && header(&list, "Expect:") &&
	    header(&list, key) && set_secret(http, &list, why, why_size))
		return list;
	curl_slist_free_all(list);
	return NULL;
}

static bool judge(struct http *http, CURLcode rc, char *why, size_t why_size)
{
	long status = 0;
	char *where = NULL;

	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_OUT_OF_MEMORY && http->begun && !http->whole)
		/* libcurl has this one word for both. */
		snprintf(why, why_size,
			 "a header of the server's answer is too large (more than 100 kB), or "
			 "memory is out");
	else if (rc == CURLE_OK && !http->whole)
		snprintf(why, why_size,
			 "the server closed the connection within the headers of its answer");
	else if (rc != CURLE_OK)
		snprintf(why, why_size, "%s",
			 http->error[0] ? http->error : curl_easy_strerror(rc));
	else if (status >= 200 && status <= 299)
		return true;
	else if (curl_easy_getinfo(http->curl, CURLINFO_REDIRECT_URL, &where) == CURLE_OK && where)
		snprintf(why, why_size,
			 "the server answers %ld, a redirect to %.150s, which is not followed: "
			 "give the address itself",
			 status, where);
	else
		snprintf(why, why_size, "the server answers %ld: %s", status, http->answer);
	return false;
}

static bool http_deliver(struct receiver *receiver, const struct message *message, char *why,
			 size_t why_size)
{
	struct http *http = http_of(receiver);
	struct curl_slist *headers = headers_of(http, message, why, why_size);
	CURLcode rc;

	if (!headers)
		return false;
	http->error[0] = http->answer[0] = 0;
	http->answered = 0;
	http->begun = http->whole = false;
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, message->text);
	curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->length);
	rc = curl_easy_perform(http->curl);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return judge(http, rc, why, why_size);
}

static void http_idle(struct receiver *receiver, int64_t ms)
{
	(void)receiver;
	publish_wait(ms);
}

static void http_close(struct receiver *receiver, const struct audit_published *at)
{
	struct http *http = http_of(receiver);

	(void)at;
	curl_easy_cleanup(http->curl);
	free(http);
	curl_global_cleanup();
}

static bool set(CURL *curl, CURLoption option, const char *text)
{
	return !text || curl_easy_setopt(curl, option, text) == CURLE_OK;
}

/* Certificates and host names are verified by default; no redirect is followed by default. */
static bool set_up(struct http *http)
{
	const struct publish_options *options = http->options;
	CURL *curl = http->curl;

	return set(curl, CURLOPT_URL, options->http) &&
	       set(curl, CURLOPT_PROTOCOLS_STR, "http,https") &&
	       set(curl, CURLOPT_CAINFO, options->ca) &&
	       set(curl, CURLOPT_SSLCERT, options->certificate) &&
	       set(curl, CURLOPT_SSLKEY, options->key) &&
	       set(curl, CURLOPT_KEYPASSWD, options->key ? "" : NULL) &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
		       CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)options->timeout_s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)options->timeout_s) ==
		       CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, http) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERDATA, http) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look) == CURLE_OK;
}

struct receiver *http_open(const struct publish_options *options, char *why, size_t why_size)
{
	struct http *http = calloc(1, sizeof(*http));
	struct url address;

	snprintf(why, why_size, "no memory");
	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return NULL;
	}
	http->receiver = (struct receiver){http_deliver, NULL, http_idle, http_close};
	http->options = options;
	http->curl = curl_easy_init();
	if (http->curl && set_up(http) &&
	    url_read(options->http, "http", options->password_file || options->token_file, &address,
		     why, why_size))
		return &http->receiver;
	http_close(&http->receiver, NULL);
	return NULL;
}
