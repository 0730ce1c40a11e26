/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static bool refuse(struct device *device, char *why, size_t size, const char *what, int error)
{
	snprintf(why, size, "%s%s%s", what, error ? ": " : "", error ? strerrordesc_np(error) : "");
	device_close(device);
	return false;
}

/* Raw, at the speed and with the bits and parity that the port is set to; characters with parity
 * errors are dropped. */
static bool set_up_port(struct device *device, char *why, size_t size)
{
	struct termios *port = &device->port;
	tcflag_t line;

	if (ioctl(device->fd, TIOCEXCL) != 0 || (!device->set && tcgetattr(device->fd, port) != 0))
		return refuse(device, why, size, "cannot be set up", errno);
	line = port->c_cflag;
	cfmakeraw(port); /* sets 8 bits without parity */
	port->c_cflag = line | CLOCAL | CREAD;
	port->c_iflag |= IGNPAR | IGNBRK | (line & PARENB ? INPCK : 0);
	if (tcsetattr(device->fd, TCSANOW, port) != 0)
		return refuse(device, why, size, "cannot be set up", errno);
	device->set = true;
	tcflush(device->fd, TCIFLUSH); /* drops scans from before this run */
	return true;
}

bool device_open(struct device *device, const char *path, enum profile_scan_layout layout,
		 char *why, size_t why_size)
{
	int error;

	*device = (struct device){
		.keymap = {.layout = layout}, .port = device->port, .set = device->set};
	device->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (device->fd < 0)
		return refuse(device, why, why_size, path, errno);
	if (isatty(device->fd))
		return set_up_port(device, why, why_size);
	error = libevdev_new_from_fd(device->fd, &device->evdev);
	if (error < 0) {
		device->evdev = NULL;
		return refuse(device, why, why_size, "is neither an input device nor a serial port",
			      0);
	}
	if (!libevdev_has_event_type(device->evdev, EV_KEY))
		return refuse(device, why, why_size, "is an input device without keys", 0);
	error = libevdev_grab(device->evdev, LIBEVDEV_GRAB);
	if (error < 0)
		return refuse(device, why, why_size, "another program has grabbed it", -error);
	return true;
}

void device_close(struct device *device)
{
	libevdev_free(device->evdev);
	if (device->fd >= 0)
		close(device->fd);
	device->evdev = NULL;
	device->fd = -1;
}

static enum device_read read_port(const struct device *device, uint32_t *character)
{
	unsigned char byte;
	ssize_t got = read(device->fd, &byte, 1);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return DEVICE_IDLE;
	if (got <= 0)
		return DEVICE_GONE;
	*character = byte;
	return byte == '\r' || byte == '\n' ? DEVICE_END : DEVICE_MORE;
}

static enum device_read read_keys(struct device *device, uint32_t *character)
{
	struct input_event event;

	for (;;) {
		int rc = libevdev_next_event(device->evdev, LIBEVDEV_READ_FLAG_NORMAL, &event);

		if (rc == -EAGAIN || rc == -EINTR)
			return DEVICE_IDLE;
		if (rc < 0)
			return DEVICE_GONE;
		if (rc == LIBEVDEV_READ_STATUS_SYNC) {
			while (libevdev_next_event(device->evdev, LIBEVDEV_READ_FLAG_SYNC,
						   &event) == LIBEVDEV_READ_STATUS_SYNC)
				if (event.type == EV_KEY) /* the modifiers, at least, stay right */
					keymap_key(&device->keymap, event.code, event.value);
			return DEVICE_LOST;
		}
		if (event.type != EV_KEY)
			continue;
		*character = keymap_key(&device->keymap, event.code, event.value);
		if (*character == KEYMAP_END)
			return DEVICE_END;
		if (*character != KEYMAP_NOTHING)
			return DEVICE_MORE;
	}
}

enum device_read device_read(struct device *device, uint32_t *character)
{
	return device->evdev ? read_keys(device, character) : read_port(device, character);
}
