// SPDX-License-Identifier: GPL-2.0
/*
 * read_in_fault: for test_module.sh. A command whose jobs the driver cannot read yet: a userfaultfd holds up
 * their page until standard input ends. By then the device shall be gone. Exit status
 * 0 if the command ended with ENODEV, 4 where there is no userfaultfd.
 */
#include "rill_uring.h"

#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>

struct submitter {
	struct rill r;
	void *jobs;
	struct rill_end end;
	int err;
};

static void *submit(void *arg)
{
	struct submitter *s = arg;
	struct io_uring ring;

	s->err = io_uring_queue_init(4, &ring, 0);
	if (s->err)
		return NULL;
	rill_sqe_jobs(&ring, s->r.fd, s->r.queue, s->jobs, 1, 0);
	s->err = rill_uring_one(&ring, &s->end);
	io_uring_queue_exit(&ring);
	return NULL;
}

/* Pages whose first access waits for the one who has the file descriptor */
static int hold_up(void *at, size_t bytes)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = rill_ptr(at), .len = bytes },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range) ? -errno : fd;
}

int main(void)
{
	static struct submitter s;
	struct pollfd faulted;
	pthread_t thread;
	char byte;
	int uffd;

	s.jobs = mmap(NULL, RILL_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uffd = s.jobs == MAP_FAILED ? -errno : hold_up(s.jobs, RILL_PAGE);
	if (uffd < 0) {
		printf("userfaultfd: %s\n", strerror(-uffd));
		return 4;
	}
	if (rill_setup(&s.r, 4) || pthread_create(&thread, NULL, submit, &s))
		return 1;
	faulted = (struct pollfd){ .fd = uffd, .events = POLLIN };
	if (poll(&faulted, 1, RILL_PATIENCE / 1000000) != 1)
		return 1;
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	/* Nobody holds up the page any more: it is a new one. */
	close(uffd);
	pthread_join(thread, NULL);
	printf("submitted: %d, ended with %d\n", s.err, s.end.res);
	return s.err || s.end.res != -ENODEV;
}
