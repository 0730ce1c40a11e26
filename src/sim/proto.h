/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol between the fleet's server and its clients in the programs under test (the libusb
 * stand-in, the virtual clock), over a unix stream socket. Both ends come from the same build.
 */
#ifndef SIM_PROTO_H
#define SIM_PROTO_H

#include <stdatomic.h>
#include <stdint.h>

#define PROTO_ENV_SOCKET "H7GANG_SIM_SOCKET" /* path of the server's socket */
#define PROTO_ENV_CLOCK                                                                            \
	"H7GANG_SIM_CLOCK" /* path of struct proto_clock; set on virtual time only */
#define PROTO_ENV_CALLS "H7GANG_SIM_CALLS" /* "usbfs": as many system calls as with usbfs */
#define PROTO_ENV_SYSFS "H7GANG_SIM_SYSFS" /* folder in the place of /sys/bus/usb/devices */

#define PROTO_CONTROL_MAX 4096 /* data bytes of one control transfer: libusb refuses more */
#define PROTO_CONFIG_MAX 4096
#define PROTO_BODY_MAX (8 + PROTO_CONTROL_MAX + 256)

enum proto_type {
	/* client to server */
	PROTO_HELLO_USB,   /* tag: process id; first on each connection. Answered by an ARRIVED for
			      each device */
	PROTO_HELLO_CLOCK, /* tag: process id; this process keeps virtual time back */
	PROTO_SYNC,        /* answered by REPLY after all earlier messages */
	PROTO_OPEN,        /* device, handle (client's number); REPLY */
	PROTO_CLOSE,       /* handle: its requests end without an answer */
	PROTO_CLAIM,       /* handle, interface; REPLY */
	PROTO_RELEASE,     /* likewise */
	PROTO_SET_ALT, /* handle, body: interface, alternate setting; REPLY when the device answered
			*/
	PROTO_RESET,   /* handle; REPLY */
	PROTO_SUBMIT,  /* handle, body: 8 bytes of setup, then data of OUT; DONE follows */
	PROTO_CANCEL,  /* handle, tag of the SUBMIT or SET_ALT */
	PROTO_IDLE,    /* every thread waits; tag: earliest deadline, body: struct proto_idle */
	PROTO_BUSY,    /* no longer */
	/* server to client */
	PROTO_ARRIVED, /* device; body: struct proto_device, configuration descriptor */
	PROTO_LEFT,    /* device */
	PROTO_REPLY,   /* tag of the answered message, status */
	PROTO_DONE,    /* tag, status; body: data of IN */
	PROTO_WAKE     /* the clock has reached a deadline of this process */
};

enum proto_status {
	PROTO_OK,
	PROTO_STALL,
	PROTO_GONE,
	PROTO_CANCELLED,
	PROTO_BUSY_CLAIMED,
	PROTO_NOT_FOUND,
	PROTO_OVERFLOW,
	PROTO_ERROR
};

struct proto_head {
	uint32_t size; /* with this head */
	uint8_t type;
	uint8_t status;
	uint16_t interface;
	uint32_t device; /* generation of its plug */
	uint32_t handle;
	uint64_t tag;
	uint32_t actual; /* DONE: bytes moved */
	uint32_t spare;
};

enum proto_speed {
	PROTO_FULL_SPEED = 2,
	PROTO_HIGH_SPEED = 3,
	PROTO_SUPER_SPEED = 4
}; /* as libusb numbers them */

struct proto_device {
	uint8_t bus, address;
	uint8_t speed;
	uint8_t port_count; /* 0: a root hub */
	uint8_t ports[7];
	uint8_t configured; /* the kernel has set its configuration */
	uint16_t config_length;
	uint8_t descriptor[18];
};

struct proto_idle {
	/* Bytes that this process has received from the server on all its connections, read or not.
	 * The server compares them with its own count of bytes sent: a lower number means that
	 * bytes are still on the way. */
	uint64_t seen;
	uint64_t attended; /* 1: a thread waits at each of these connections */
};

/* The virtual clock, in a file that all programs map; only the server writes. Nanoseconds. */
struct proto_clock {
	_Atomic uint64_t now;    /* since the fleet's start */
	uint64_t monotonic_base; /* CLOCK_MONOTONIC and CLOCK_REALTIME at that start */
	uint64_t realtime_base;
	_Atomic uint64_t suspended; /* CLOCK_BOOTTIME and CLOCK_REALTIME are ahead by this */
};

/* The virtual computer, from the folder of PROTO_ENV_SYSFS; only the server writes. */
#define PROTO_HOST_FILE "../host"
#define PROTO_PCI_FILE "../pci" /* if it exists, host controllers are PCI devices in sysfs */
#define PROTO_BUDGET_FILE "../usbfs_memory_mb" /* usbcore's parameter */
struct proto_host {
	uint64_t usbfs_bytes;         /* for the transfers of all programs; 0: no bound */
	_Atomic uint64_t taken_bytes; /* by programs outside the fleet; */
	uint64_t every_ns, for_ns;    /* taken in the first for_ns of each every_ns; 0: always */
	uint64_t base;                /* the programs' CLOCK_MONOTONIC at the fleet's start */
};

#endif
