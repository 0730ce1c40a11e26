/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page, the login, and the way to the API, each for users with the right to it. */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "auth.h"
#include "rate.h"
#include "report.h"

#define API "/api/v1/"

/* --- the page's files --- */

static const struct asset {
	const char *path, *type, *text;
	bool open; /* before the login, too */
} assets[] = {
	{"/", "text/html; charset=utf-8", web_page_html, false},
	{"/login", "text/html; charset=utf-8", web_login_html, true},
	{"/page.css", "text/css; charset=utf-8", web_page_css, true},
	{"/page.js", "text/javascript; charset=utf-8", web_page_js, true},
	{"/login.js", "text/javascript; charset=utf-8", web_login_js, true},
	{"/icon.svg", "image/svg+xml", web_icon_svg, true},
	{"/openapi.json", "application/json", web_openapi_json, true},
};

static const struct asset *find_asset(const char *path)
{
	for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++)
		if (strcmp(assets[i].path, path) == 0)
			return &assets[i];
	return NULL;
}

/* --- the login's form: application/x-www-form-urlencoded, or a JSON object --- */

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The value of a field of a form; false: there is none, it is too long, or holds a NUL. */
static bool form_field(const char *body, size_t length, const char *name, char *to, size_t size)
{
	const char *at = body, *end = body + length;
	size_t word = strlen(name), used = 0;

	while (at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));

		stop = stop ? stop : end;
		if ((size_t)(stop - at) > word && memcmp(at, name, word) == 0 && at[word] == '=') {
			for (at += word + 1; at < stop; at++) {
				char c = *at == '+' ? ' ' : *at;

				if (*at == '%') {
					if (stop - at < 3 || hex(at[1]) < 0 || hex(at[2]) < 0)
						return false;
					c = (char)(hex(at[1]) * 16 + hex(at[2]));
					at += 2;
				}
				if (!c || used + 1 >= size)
					return false;
				to[used++] = c;
			}
			to[used] = 0;
			return true;
		}
		at = stop < end ? stop + 1 : end;
	}
	return false;
}

static void login(struct web *web, const struct http_request *request, struct http_answer *answer)
{
	char name[AUTH_NAME_SIZE], password[512];

	if (!web->auth) {
		answer_error(answer, 404, "there is no login here");
		return;
	}
	if (request->header(request->from, "Origin") && !auth_own_origin(request)) {
		answer_error(answer, 403, "the Origin is not this page");
		return;
	}
	if (!form_field(request->body, request->length, "user", name, sizeof(name)) ||
	    !form_field(request->body, request->length, "password", password, sizeof(password))) {
		answer_error(answer, 400, "the fields user and password are needed");
		return;
	}
	switch (auth_login(web->auth, request, name, password, answer->cookie,
			   sizeof(answer->cookie))) {
	case AUTH_IN:
		answer_text(answer, 303, "");
		snprintf(answer->location, sizeof(answer->location), "/");
		break;
	case AUTH_WRONG:
		answer_text(answer, 303, "");
		snprintf(answer->location, sizeof(answer->location), "/login?wrong=1");
		break;
	case AUTH_TOO_OFTEN:
		answer_error(answer, 429, "too many logins: wait a minute");
		answer->retry_s = 60;
		break;
	case AUTH_FULL:
		answer_error(answer, 503, "too many sessions, or no memory");
		break;
	}
	explicit_bzero(password, sizeof(password));
}

/* --- the rest --- */

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Without users all may read: the listener then only accepts this computer. */
static void who(struct web *web, const struct http_request *request, struct auth_user *user)
{
	if (web->auth)
		auth_who(web->auth, request, user);
	else
		*user = (struct auth_user){.role = AUTH_VIEW};
}

static void refuse(const struct http_request *request, struct http_answer *answer)
{
	if (strncmp(request->path, API, strlen(API)) == 0 || !is(request->method, "GET")) {
		answer_error(answer, 401, "sign in at /login, or send a Bearer token");
		return;
	}
	answer_text(answer, 303, "");
	snprintf(answer->location, sizeof(answer->location), "/login");
}

static void post(struct web *web, const struct http_request *request, const struct auth_user *user,
		 struct http_answer *answer)
{
	char why[WEB_WHY];

	if (!auth_genuine(user, request, why, sizeof(why))) {
		web_say("refused: POST %.60s from %s: %s", request->path, request->peer, why);
		answer_error(answer, 403, "%s", why);
	} else if (is(request->path, "/logout") && web->auth) {
		auth_logout(web->auth, request, answer->cookie, sizeof(answer->cookie));
		answer_text(answer, 303, "");
		snprintf(answer->location, sizeof(answer->location), "/login");
	} else if (strncmp(request->path, API, strlen(API)) == 0) {
		api_answer(web, request, request->path + strlen(API), user, answer);
	} else {
		answer_error(answer, 404, "there is no such path");
	}
}

void http_answer(struct web *web, const struct http_request *request, struct http_answer *answer)
{
	const struct asset *asset = find_asset(request->path);
	bool reads = is(request->method, "GET") || is(request->method, "HEAD");
	struct auth_user user;

	if (!rate_allows(web->rate, request->peer)) {
		answer_error(answer, 429, "too many requests: wait a second");
		answer->retry_s = 1;
		return;
	}
	if (!reads && !is(request->method, "POST")) {
		answer_error(answer, 405, "only GET, HEAD and POST are known here");
		return;
	}
	if (!reads && is(request->path, "/login")) {
		login(web, request, answer);
		return;
	}
	if (reads && asset && asset->open) {
		answer_bytes(answer, asset->type, asset->text, strlen(asset->text));
		return;
	}
	who(web, request, &user);
	answer->known = user.role != AUTH_NONE;
	if (user.role == AUTH_NONE)
		refuse(request, answer);
	else if (!reads)
		post(web, request, &user, answer);
	else if (asset)
		answer_bytes(answer, asset->type, asset->text, strlen(asset->text));
	else if (is(request->path, "/events"))
		api_answer(web, request, "events", &user, answer);
	else if (is(request->path, "/report"))
		report_answer(web, answer);
	else if (strncmp(request->path, API, strlen(API)) == 0)
		api_answer(web, request, request->path + strlen(API), &user, answer);
	else
		answer_error(answer, 404, "there is no such path");
}
