/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h7gang/station/outbox.h"

static bool is_loopback(const char *host)
{
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return strcmp(host, "::1") == 0;
}

bool address_read(const char *text, struct address *address, char *why, size_t why_size)
{
	const char *colon = strrchr(text, ':');
	unsigned char raw[16];
	char *end;
	unsigned long port;
	size_t length;

	*address = (struct address){.local = true};
	snprintf(why, why_size,
		 "%s: write 127.0.0.1:8742, [::1]:8742 or unix:PATH; the address must be numeric",
		 text);
	if (strncmp(text, "unix:", 5) == 0) {
		snprintf(address->path, sizeof(address->path), "%s", text + 5);
		return text[5] && strlen(text + 5) < sizeof(address->path);
	}
	if (!colon || !colon[1])
		return false;
	length = (size_t)(colon - text);
	if (text[0] == '[' && length > 2 && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	port = strtoul(colon + 1, &end, 10);
	if (length == 0 || length >= sizeof(address->host) || *end || port == 0 || port > 65535)
		return false;
	memcpy(address->host, text, length);
	address->port = (unsigned short)port;
	address->local = is_loopback(address->host);
	return inet_pton(strchr(address->host, ':') ? AF_INET6 : AF_INET, address->host, raw) == 1;
}

int address_listen(const struct address *address, char *why, size_t why_size)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(address->port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
	bool is_six = strchr(address->host, ':') != NULL;
	const struct sockaddr *to = is_six ? (const void *)&six : (const void *)&four;
	int yes = 1, fd;

	if (!address->host[0])
		return station_listen(address->path, NULL, why, why_size);
	inet_pton(AF_INET, address->host, &four.sin_addr);
	inet_pton(AF_INET6, address->host, &six.sin6_addr);
	fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		if (is_six)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	}
	if (fd >= 0 && bind(fd, to, is_six ? sizeof(six) : sizeof(four)) == 0 &&
	    listen(fd, 128) == 0)
		return fd;
	snprintf(why, why_size, "%s port %u: %s", address->host, address->port,
		 strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
