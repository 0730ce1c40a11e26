/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A false server, or a proxy between a program and PostgreSQL that fails as networks do. usage:
 *   between FOLDER silent | http | escape
 *   between FOLDER cut BYTES SERVER      falls silent after so many bytes from the server
 *   between FOLDER commits EVERY SERVER  loses every EVERYth COMMIT or its answer, by turns, and
 *                                        drops the connection
 *   between FOLDER aborts EVERY SERVER   turns every EVERYth COMMIT into an ABORT
 *
 * FOLDER and SERVER hold sockets, as libpq's host=. Ends with its parent. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE 65536

static const char *mode, *server;
static unsigned long number;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_un address(const char *folder)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s/.s.PGSQL.5432", folder) >=
	    (int)sizeof(at.sun_path))
		die(folder);
	return at;
}

static void put(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n <= 0)
			exit(0);
		data += n;
		length -= (size_t)n;
	}
}

static void say_nothing_more(int fd)
{
	char piece[PIECE];

	while (read(fd, piece, sizeof(piece)) > 0)
		;
	exit(0);
}

/* As a server that is no friend: control characters of one byte and of two, and no UTF-8. */
static void escape(int fd)
{
	static const char error[] = "SFATAL\0CXX000\0Mno\033]0;title\a \033[31m\xc2\x9b"
				    "31m \x9b"
				    "31m\n=1+1 <script>\0";
	unsigned char head[] = {'E', 0, 0, 0, sizeof(error) + 4};

	put(fd, (const char *)head, sizeof(head));
	put(fd, error, sizeof(error));
	exit(0);
}

/* Whether this COMMIT is one that meets with an accident, and which. */
static unsigned long accident(char *data, size_t length, unsigned long *turns)
{
	char *commit = memmem(data, length, "COMMIT", 7);
	unsigned long turn;

	if (!commit || strcmp(mode, "cut") == 0)
		return 0;
	turn = __atomic_add_fetch(turns, 1, __ATOMIC_RELAXED);
	if (turn % number != 0)
		return 0;
	if (strcmp(mode, "commits") == 0)
		return turn / number % 2 + 1;
	memcpy(commit, "ABORT ", 6);
	return 0;
}

static void forward(int client, unsigned long *turns)
{
	struct sockaddr_un at = address(server);
	int up = socket(AF_UNIX, SOCK_STREAM, 0);
	unsigned long left = strcmp(mode, "cut") == 0 ? number : ~0UL, hit;
	char piece[PIECE];

	if (up < 0 || connect(up, (struct sockaddr *)&at, sizeof(at)) < 0)
		exit(0);
	for (;;) {
		struct pollfd look[] = {{.fd = client, .events = POLLIN},
					{.fd = up, .events = POLLIN}};
		ssize_t n;

		if (poll(look, 2, -1) < 0)
			die("poll");
		if (look[0].revents) {
			n = read(client, piece, sizeof(piece));
			if (n <= 0)
				exit(0);
			hit = accident(piece, (size_t)n, turns);
			if (hit == 1)
				exit(0);
			put(up, piece, (size_t)n);
			if (hit == 2) {
				/* The server has done it by the time it answers. */
				(void)!read(up, piece, sizeof(piece));
				exit(0);
			}
		}
		if (look[1].revents) {
			n = read(up, piece, sizeof(piece));
			if (n <= 0)
				exit(0);
			if ((unsigned long)n > left)
				n = (ssize_t)left;
			put(client, piece, (size_t)n);
			left -= (unsigned long)n;
			if (left == 0)
				say_nothing_more(client);
		}
	}
}

static void serve(int client, unsigned long *turns)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
	char piece[PIECE];

	if (strcmp(mode, "silent") == 0)
		say_nothing_more(client);
	if (server)
		forward(client, turns);
	if (read(client, piece, sizeof(piece)) <= 0)
		exit(0);
	if (strcmp(mode, "escape") == 0)
		escape(client);
	put(client, http, sizeof(http) - 1);
	exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at;
	unsigned long *turns;
	int fd;

	if (argc < 3)
		return 2;
	at = address(argv[1]);
	mode = argv[2];
	if (argc > 4) {
		number = strtoul(argv[3], NULL, 10);
		server = argv[4];
	}
	turns = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (turns == MAP_FAILED)
		die("mmap");
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	unlink(at.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 64) < 0)
		die(argv[1]);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0 && errno != EINTR)
			die("accept");
		if (client >= 0 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			serve(client, turns);
		}
		if (client >= 0)
			close(client);
	}
}
