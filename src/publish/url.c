/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool part(CURLU *url, CURLUPart which, char *text, size_t size)
{
	char *found = NULL;
	bool good = curl_url_get(url, which, &found, 0) == CURLUE_OK && strlen(found) < size;

	snprintf(text, size, "%s", good ? found : "");
	curl_free(found);
	return good;
}

static bool is_here(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return strcmp(host, "localhost") == 0;
}

static bool take_port(CURLU *url, struct url *address, bool mqtt)
{
	char text[8], *end;

	if (!part(url, CURLUPART_PORT, text, sizeof(text))) {
		address->port = mqtt ? (address->tls ? 8883 : 1883) : (address->tls ? 443 : 80);
		return true;
	}
	address->port = (unsigned)strtoul(text, &end, 10);
	return !*end && address->port >= 1 && address->port <= 65535;
}

static bool take_host(CURLU *url, struct url *address)
{
	size_t length;

	if (!part(url, CURLUPART_HOST, address->host, sizeof(address->host)))
		return false;
	length = strlen(address->host);
	if (address->host[0] == '[' && address->host[length - 1] == ']') {
		memmove(address->host, address->host + 1, length - 2);
		address->host[length - 2] = 0;
	}
	return address->host[0] != 0;
}

static const char *take(CURLU *url, const char *scheme, bool secret, struct url *address)
{
	char text[1024];
	size_t length = strlen(scheme);
	bool mqtt = strcmp(scheme, "mqtt") == 0;

	if (!part(url, CURLUPART_SCHEME, text, sizeof(text)) ||
	    strncmp(text, scheme, length) != 0 || (text[length] && strcmp(text + length, "s") != 0))
		return "it does not begin like the address in h7gang-publish --help";
	address->tls = text[length] == 's';
	if (part(url, CURLUPART_USER, text, sizeof(text)) ||
	    part(url, CURLUPART_PASSWORD, text, sizeof(text)))
		return "it names a user: every user of this computer can read a command line. Use "
		       "--user and --password-file";
	if (!take_host(url, address))
		return "it names no host";
	if (!take_port(url, address, mqtt))
		return "its port is not a number from 1 to 65535";
	if (mqtt && ((part(url, CURLUPART_PATH, text, sizeof(text)) && strcmp(text, "/") != 0) ||
		     part(url, CURLUPART_QUERY, text, sizeof(text))))
		return "it has more than a host and a port; --topic says what topics begin with";
	if (secret && !address->tls && !is_here(address->host))
		return "a password or token would cross the network in clear text: use TLS";
	return NULL;
}

bool url_read(const char *url, const char *scheme, bool secret, struct url *address, char *why,
	      size_t why_size)
{
	CURLU *handle = curl_url();
	const char *wrong = "no memory";

	*address = (struct url){.port = 0};
	if (handle) {
		wrong = curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ==
					CURLUE_OK
				? take(handle, scheme, secret, address)
				: "it is not an address of the form SCHEME://HOST:PORT";
		curl_url_cleanup(handle);
	}
	/* Does not quote the address: it may contain a password. */
	if (wrong)
		snprintf(why, why_size, "--%s: the address cannot be used: %s", scheme, wrong);
	return !wrong;
}

/* A descriptor of a file that only its owner and root can read, and that is ours or root's. */
static int open_private(const char *path, char *why, size_t why_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(why, why_size, "%.200s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		snprintf(why, why_size, "%.200s: it is not a file", path);
	} else if (st.st_mode & 077) {
		snprintf(why, why_size,
			 "%.200s: other users can read or change it (mode %03o): chmod 600 it",
			 path, (unsigned)st.st_mode & 0777);
	} else if (st.st_uid != geteuid() && st.st_uid != 0) {
		snprintf(why, why_size, "%.200s: it belongs to another user: chown it", path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool url_secret(const char *path, char text[PUBLISH_ONE_TEXT], char *why, size_t why_size)
{
	int fd = open_private(path, why, why_size);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, PUBLISH_ONE_TEXT - 1);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	text[strcspn(text, "\r\n")] = 0;
	if (!text[0] || strlen(text) >= PUBLISH_ONE_TEXT - 2) {
		snprintf(why, why_size, "%.200s: its first line must have 1 to %d bytes", path,
			 PUBLISH_ONE_TEXT - 3);
		return false;
	}
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7F) {
			snprintf(why, why_size, "%.200s: its first line has a control character",
				 path);
			return false;
		}
	}
	return true;
}

static bool readable(const char *path, char *why, size_t why_size)
{
	if (!path || access(path, R_OK) == 0)
		return true;
	snprintf(why, why_size, "%.200s: %s", path, strerror(errno));
	return false;
}

bool url_files(const struct publish_options *options, char *why, size_t why_size)
{
	int fd;

	if (!readable(options->ca, why, why_size) || !readable(options->certificate, why, why_size))
		return false;
	if (!options->key)
		return true;
	fd = open_private(options->key, why, why_size);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}
