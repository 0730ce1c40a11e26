/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Nth call that the program's own code makes of the system, of libc's memory or of libcrypto
 * fails, in this process. The linker sends those calls here (--wrap, see the Makefile, which reads
 * the names from the lines that begin with FAULT); calls between libraries are not affected. */
#ifndef FAULTS_H
#define FAULTS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum faults_how {
	FAULTS_NONE,  /* only counted */
	FAULTS_FAIL,  /* as such a call fails */
	FAULTS_AGAIN, /* EINTR, where there is such an answer; others are not counted */
	FAULTS_SHORT, /* half of a read or write; others are not counted */
};

static struct {
	enum faults_how how;
	unsigned nth, more; /* so many after it fail, too */
	const char *only;   /* only calls of this name; NULL: all */
	const char *where;  /* the first call that failed */
	int error;          /* in errno, 0: the usual one of the call; stays when armed again */
	atomic_uint calls;
	bool armed;
} faults;

static inline void faults_arm(enum faults_how how, unsigned nth, unsigned more, const char *only)
{
	faults.how = how;
	faults.nth = nth;
	faults.more = more;
	faults.only = only;
	faults.where = "nothing";
	atomic_store(&faults.calls, 0);
	faults.armed = true;
}

/* Returns how many calls there were. */
static inline unsigned faults_disarm(void)
{
	faults.armed = false;
	return atomic_load(&faults.calls);
}

/* Whether this call is to fail. */
static inline bool faults_turn(const char *name, bool interruptible, bool divisible)
{
	unsigned call;

	if (!faults.armed || (faults.only && strcmp(faults.only, name) != 0) ||
	    (faults.how == FAULTS_AGAIN && !interruptible) ||
	    (faults.how == FAULTS_SHORT && !divisible))
		return false;
	call = atomic_fetch_add(&faults.calls, 1) + 1;
	if (faults.how == FAULTS_NONE || call < faults.nth || call - faults.nth > faults.more)
		return false;
	if (call == faults.nth)
		faults.where = name;
	return true;
}

#define FAULTS_PLAIN(name) faults_turn(#name, false, false)
#define FAULTS_CALL(type, failed, usual, name, parameters, arguments)                              \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		if (FAULTS_PLAIN(name)) {                                                          \
			errno = faults.error ? faults.error : usual;                               \
			return failed;                                                             \
		}                                                                                  \
		return __real_##name arguments;                                                    \
	}
#define FAULT FAULTS_CALL
#define FAULT_IO FAULTS_IO

/* With EINTR and half of the bytes. */
#define FAULTS_IO(type, usual, name, parameters, arguments, half)                                  \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		if (faults_turn(#name, true, true)) {                                              \
			if (faults.how == FAULTS_SHORT)                                            \
				return __real_##name half;                                         \
			errno = faults.how == FAULTS_AGAIN ? EINTR : usual;                        \
			return -1;                                                                 \
		}                                                                                  \
		return __real_##name arguments;                                                    \
	}

FAULT(void *, NULL, ENOMEM, malloc, (size_t size), (size))
FAULT(void *, NULL, ENOMEM, calloc, (size_t count, size_t size), (count, size))
FAULT(void *, NULL, ENOMEM, realloc, (void *old, size_t size), (old, size))
FAULT(void *, NULL, ENOMEM, reallocarray, (void *old, size_t count, size_t size),
      (old, count, size))
FAULT(char *, NULL, ENOMEM, strdup, (const char *text), (text))
FAULT(char *, NULL, ENOMEM, strndup, (const char *text, size_t most), (text, most))

FAULT_IO(ssize_t, EIO, read, (int fd, void *to, size_t size), (fd, to, size),
	 (fd, to, (size + 1) / 2))
FAULT_IO(ssize_t, EIO, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at),
	 (fd, to, (size + 1) / 2, at))
FAULT_IO(ssize_t, ENOSPC, write, (int fd, const void *from, size_t size), (fd, from, size),
	 (fd, from, (size + 1) / 2))
FAULT_IO(ssize_t, ENOSPC, pwrite, (int fd, const void *from, size_t size, off_t at),
	 (fd, from, size, at), (fd, from, (size + 1) / 2, at))
FAULT(int, -1, EIO, fstat, (int fd, struct stat *st), (fd, st))
FAULT(int, -1, EIO, fstatat, (int folder, const char *path, struct stat *st, int flags),
      (folder, path, st, flags))
FAULT(int, -1, EIO, ftruncate, (int fd, off_t length), (fd, length))
FAULT(int, -1, EIO, renameat, (int from, const char *old, int to, const char *fresh),
      (from, old, to, fresh))
FAULT(int, -1, EIO, linkat, (int from, const char *old, int to, const char *fresh, int flags),
      (from, old, to, fresh, flags))
FAULT(int, -1, EIO, renameat2,
      (int from, const char *old, int to, const char *fresh, unsigned flags),
      (from, old, to, fresh, flags))
FAULT(int, -1, EIO, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
FAULT(DIR *, NULL, ENOMEM, fdopendir, (int fd), (fd))

FAULT(int, EAGAIN, EAGAIN, pthread_create,
      (pthread_t * thread, const pthread_attr_t *attr, void *(*start)(void *), void *user),
      (thread, attr, start, user))
FAULT(int, ENOMEM, ENOMEM, pthread_mutex_init,
      (pthread_mutex_t * mutex, const pthread_mutexattr_t *attr), (mutex, attr))
FAULT(int, ENOMEM, ENOMEM, pthread_cond_init,
      (pthread_cond_t * cond, const pthread_condattr_t *attr), (cond, attr))
FAULT(int, ENOMEM, ENOMEM, pthread_attr_init, (pthread_attr_t * attr), (attr))

FAULT(EVP_MD_CTX *, NULL, ENOMEM, EVP_MD_CTX_new, (void), ())
FAULT(int, 0, ENOMEM, EVP_DigestInit_ex, (EVP_MD_CTX * context, const EVP_MD *type, ENGINE *engine),
      (context, type, engine))
FAULT(int, 0, ENOMEM, EVP_DigestUpdate, (EVP_MD_CTX * context, const void *data, size_t size),
      (context, data, size))
FAULT(int, 0, ENOMEM, EVP_DigestFinal_ex,
      (EVP_MD_CTX * context, unsigned char *digest, unsigned *size), (context, digest, size))
FAULT(int, 0, ENOMEM, EVP_Digest,
      (const void *data, size_t size, unsigned char *digest, unsigned *length, const EVP_MD *type,
       ENGINE *engine),
      (data, size, digest, length, type, engine))
FAULT(int, 0, ENOMEM, EVP_DigestSignInit,
      (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const EVP_MD *type, ENGINE *engine,
       EVP_PKEY *key),
      (context, key_context, type, engine, key))
FAULT(int, 0, ENOMEM, EVP_DigestVerifyInit,
      (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const EVP_MD *type, ENGINE *engine,
       EVP_PKEY *key),
      (context, key_context, type, engine, key))
FAULT(int, 0, ENOMEM, PEM_write_bio_PUBKEY, (BIO * to, EVP_PKEY *key), (to, key))
FAULT(EVP_PKEY *, NULL, ENOMEM, PEM_read_bio_PrivateKey,
      (BIO * from, EVP_PKEY **key, pem_password_cb *ask, void *user), (from, key, ask, user))
FAULT(EVP_PKEY *, NULL, ENOMEM, PEM_read_bio_PUBKEY,
      (BIO * from, EVP_PKEY **key, pem_password_cb *ask, void *user), (from, key, ask, user))
FAULT(BIO *, NULL, ENOMEM, BIO_new_mem_buf, (const void *bytes, int size), (bytes, size))
FAULT(int, 0, ENOMEM, i2d_PUBKEY, (const EVP_PKEY *key, unsigned char **der), (key, der))

FAULT(int, -1, ENOMEM, memfd_create, (const char *name, unsigned flags), (name, flags))
FAULT(off_t, -1, EIO, lseek, (int fd, off_t at, int from), (fd, at, from))
FAULT(int, -1, EMFILE, pipe2, (int fds[2], int flags), (fds, flags))
FAULT(int, -1, EMFILE, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
FAULT(int, -1, EPERM, kill, (pid_t pid, int number), (pid, number))
FAULT(int, -1, ECHILD, waitid, (idtype_t type, id_t id, siginfo_t *info, int options),
      (type, id, info, options))
FAULT(int, ENOMEM, ENOMEM, posix_spawnattr_init, (posix_spawnattr_t * attr), (attr))
FAULT(int, ENOMEM, ENOMEM, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * actions),
      (actions))
FAULT(int, ENOMEM, ENOMEM, posix_spawn_file_actions_adddup2,
      (posix_spawn_file_actions_t * actions, int fd, int as), (actions, fd, as))
FAULT(json_t *, NULL, ENOMEM, json_object, (void), ())
FAULT(json_t *, NULL, ENOMEM, json_string, (const char *text), (text))
FAULT(json_t *, NULL, ENOMEM, json_integer, (json_int_t number), (number))
FAULT(char *, NULL, ENOMEM, json_dumps, (const json_t *value, size_t flags), (value, flags))

/* A test that cannot be dumped cannot be looked into by leak checkers either. */
FAULT(int, -EPERM, EPERM, secrets_keep_in, (void), ())

int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);

/* Syncs are skipped: tests here only look at the page cache. */
static inline int faults_sync(const char *name)
{
	if (!faults_turn(name, true, false))
		return 0;
	errno = faults.how == FAULTS_AGAIN ? EINTR : EIO;
	return -1;
}

int __wrap_fdatasync(int fd)
{
	(void)fd;
	return faults_sync("fdatasync");
}

int __wrap_fsync(int fd)
{
	(void)fd;
	return faults_sync("fsync");
}

/* asprintf, as it is called with and without _FORTIFY_SOURCE. */
int __wrap_asprintf(char **text, const char *format, ...);
int __wrap___asprintf_chk(char **text, int flag, const char *format, ...);

__attribute__((format(printf, 2, 0))) static inline int
faults_print(char **text, const char *format, va_list args)
{
	if (!FAULTS_PLAIN(asprintf))
		return vasprintf(text, format, args);
	*text = NULL;
	return -1;
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = faults_print(text, format, args);
	va_end(args);
	return length;
}

int __wrap___asprintf_chk(char **text, int flag, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	va_start(args, format);
	length = faults_print(text, format, args);
	va_end(args);
	return length;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (FAULTS_PLAIN(open)) {
		errno = EMFILE;
		return -1;
	}
	return __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (FAULTS_PLAIN(openat)) {
		errno = EMFILE;
		return -1;
	}
	return __real_openat(folder, path, flags, mode);
}

/* Locks alone. */
int __wrap_fcntl(int fd, int command, ...)
{
	struct flock *lock;
	va_list args;

	va_start(args, command);
	lock = va_arg(args, struct flock *);
	va_end(args);
	if (FAULTS_PLAIN(fcntl)) {
		errno = faults.error ? faults.error : ENOLCK;
		return -1;
	}
	return __real_fcntl(fd, command, lock);
}

EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *context, const char *queries, const char *type,
				   ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *context, const char *queries, const char *type,
				   ...);

EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *context, const char *queries, const char *type,
				   ...)
{
	return FAULTS_PLAIN(EVP_PKEY_Q_keygen) ? NULL
					       : __real_EVP_PKEY_Q_keygen(context, queries, type);
}

/* The number of open files: the same before and after each failure. */
static unsigned faults_open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

#endif
