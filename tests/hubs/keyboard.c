/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keyboard LAYOUT: a scanner as the kernel sees one, by uinput. Prints its node, then types each
 * line of standard input and Enter; the line "!" takes it off the bus and puts it back after 3 s.
 * LAYOUT (us, de or fr) says where on the keyboard each letter is; the texts are capitals, digits,
 * "-" and blanks. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const unsigned short letters[] = {
	KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M,
	KEY_N, KEY_O, KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W, KEY_X, KEY_Y, KEY_Z,
};
static const char *layout;
static int fd;

static void put(unsigned short type, unsigned short code, int value)
{
	const struct input_event event = {.type = type, .code = code, .value = value};

	if (write(fd, &event, sizeof(event)) != (ssize_t)sizeof(event))
		perror("uinput");
}

static unsigned short letter(char c)
{
	bool fr = strcmp(layout, "fr") == 0, de = strcmp(layout, "de") == 0;

	switch (c) {
	case 'A':
		return fr ? KEY_Q : KEY_A;
	case 'Q':
		return fr ? KEY_A : KEY_Q;
	case 'Z':
		return fr ? KEY_W : de ? KEY_Y : KEY_Z;
	case 'W':
		return fr ? KEY_Z : KEY_W;
	case 'Y':
		return de ? KEY_Z : KEY_Y;
	case 'M':
		return fr ? KEY_SEMICOLON : KEY_M;
	default:
		return letters[c - 'A'];
	}
}

static unsigned short code_of(char c, bool *shift)
{
	bool fr = strcmp(layout, "fr") == 0;

	*shift = false;
	if (c >= 'A' && c <= 'Z') {
		*shift = true;
		return letter(c);
	}
	if (c >= '0' && c <= '9') {
		*shift = fr;
		return c == '0' ? KEY_0 : (unsigned short)(KEY_1 + (c - '1'));
	}
	if (c == '-')
		return fr ? KEY_6 : strcmp(layout, "de") == 0 ? KEY_SLASH : KEY_MINUS;
	return c == '\n' ? KEY_ENTER : KEY_SPACE;
}

static void key(unsigned short code, int down)
{
	put(EV_KEY, code, down);
	put(EV_SYN, SYN_REPORT, 0);
	usleep(2000);
}

static void type(const char *text)
{
	for (; *text; text++) {
		bool shift;
		unsigned short code = code_of(*text, &shift);

		if (shift)
			key(KEY_LEFTSHIFT, 1);
		key(code, 1);
		key(code, 0);
		if (shift)
			key(KEY_LEFTSHIFT, 0);
	}
}

static bool plug(void)
{
	struct uinput_setup setup = {.id = {BUS_USB, 0x1234, 0x5678, 1}, .name = "H7 test scanner"};
	char name[32], path[96];
	struct dirent *entry;
	DIR *folder;

	fd = open("/dev/uinput", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, UI_SET_EVBIT, EV_KEY) < 0)
		return false;
	for (int i = 1; i < 128; i++)
		ioctl(fd, UI_SET_KEYBIT, i);
	if (ioctl(fd, UI_DEV_SETUP, &setup) < 0 || ioctl(fd, UI_DEV_CREATE) < 0 ||
	    ioctl(fd, UI_GET_SYSNAME(sizeof(name)), name) < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/devices/virtual/input/%s", name);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, "event", 5) == 0)
			printf("/dev/input/%s\n", entry->d_name);
	fflush(stdout);
	if (folder)
		closedir(folder);
	return folder != NULL;
}

int main(int argc, char **argv)
{
	char line[256];

	layout = argc > 1 ? argv[1] : "us";
	if (!plug()) {
		perror("uinput");
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] != '!') {
			type(line);
			continue;
		}
		ioctl(fd, UI_DEV_DESTROY);
		close(fd);
		sleep(3);
		if (!plug())
			return 1;
	}
	return 0;
}
