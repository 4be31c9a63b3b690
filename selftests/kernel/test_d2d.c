// SPDX-License-Identifier: GPL-2.0
/* D2D links: what is told of them, who may set them, and what it does to a pass. */
#include "rill_moe.h"

#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#define DEPTH	63

FIXTURE(d2d)
{
	struct rill r;
	struct moe m;
	struct drm_rill_link_info links[RILL_MAX_LINKS];
	char dir[128];		/* of the device in sysfs */
};

static int links(int fd, struct drm_rill_link_info *info)
{
	int n = rill_query(fd, DRM_RILL_QUERY_LINKS, info,
			   RILL_MAX_LINKS * sizeof(*info));

	return n < 0 ? n : 0;
}

static int link_set(int fd, __u32 link, __u16 up, __u16 rate)
{
	struct drm_rill_link_set set = { .link = link, .up = up, .rate_permille = rate };

	return rill_ioctl(fd, DRM_IOCTL_RILL_LINK_SET, &set);
}

static void restore(struct rill *r)
{
	unsigned int i;

	for (i = 0; i < r->chip.links; i++)
		link_set(r->fd, i, 1, 1000);
}

FIXTURE_SETUP(d2d)
{
	struct stat st;

	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
	ASSERT_EQ(0, moe_init(&self->m, &self->r));
	self->m.slices = 4;
	ASSERT_EQ(0, fstat(self->r.fd, &st));
	snprintf(self->dir, sizeof(self->dir), "/sys/dev/char/%u:%u/device/d2d",
		 major(st.st_rdev), minor(st.st_rdev));
	ASSERT_EQ(0, links(self->r.fd, self->links));
	if (!self->r.chip.links)
		SKIP(return, "a chip of one chiplet");
}

FIXTURE_TEARDOWN(d2d)
{
	struct drm_rill_link_info info[RILL_MAX_LINKS];
	unsigned int i;

	restore(&self->r);
	EXPECT_EQ(0, links(self->r.fd, info));
	for (i = 0; i < self->r.chip.links; i++) {
		EXPECT_EQ(1, info[i].up);
		EXPECT_EQ(1000, info[i].rate_permille);
	}
	rill_teardown(&self->r);
}

/* --- sysfs --- */

static int attr_open(const char *dir, unsigned int link, const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/link%u/%s", dir, link, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A file that holds one number and a newline; a negative errno else */
static long long attr_read(const char *dir, unsigned int link, const char *name)
{
	int fd = attr_open(dir, link, name, O_RDONLY);
	char buf[32], *end;
	long long value;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n < 2 || buf[n - 1] != '\n')
		return -EPROTO;
	buf[n] = 0;
	value = strtoll(buf, &end, 10);
	return *end == '\n' ? value : -EPROTO;
}

static int fd_write(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
}

static int attr_write(const char *dir, unsigned int link, const char *name, const char *text)
{
	int fd = attr_open(dir, link, name, O_WRONLY), err;

	if (fd < 0)
		return fd;
	err = fd_write(fd, text);
	close(fd);
	return err;
}

TEST_F(d2d, sysfs_files)
{
	char pattern[256];
	unsigned int i;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/link*", self->dir);
	ASSERT_EQ(0, glob(pattern, 0, NULL, &found));
	EXPECT_EQ(self->r.chip.links, found.gl_pathc);
	globfree(&found);
	for (i = 0; i < self->r.chip.links; i++) {
		const struct drm_rill_link_info *link = &self->links[i];

		EXPECT_EQ(link->src, attr_read(self->dir, i, "src"));
		EXPECT_EQ(link->dst, attr_read(self->dir, i, "dst"));
		EXPECT_EQ(link->up, attr_read(self->dir, i, "up"));
		EXPECT_EQ(link->rate_permille, attr_read(self->dir, i, "rate_permille"));
		EXPECT_EQ((long long)link->bytes, attr_read(self->dir, i, "bytes"));
		EXPECT_EQ((long long)link->busy_ps, attr_read(self->dir, i, "busy_ps"));
		EXPECT_EQ((long long)link->stall_ps, attr_read(self->dir, i, "stall_ps"));
		EXPECT_EQ((long long)link->transfers, attr_read(self->dir, i, "transfers"));
	}
}

TEST_F(d2d, sysfs_write)
{
	struct drm_rill_link_info info[RILL_MAX_LINKS];
	unsigned int last = self->r.chip.links - 1;

	EXPECT_EQ(0, attr_write(self->dir, last, "up", "0\n"));
	EXPECT_EQ(0, attr_write(self->dir, last, "rate_permille", "250"));
	EXPECT_EQ(0, attr_read(self->dir, last, "up"));
	EXPECT_EQ(250, attr_read(self->dir, last, "rate_permille"));
	ASSERT_EQ(0, links(self->r.fd, info));
	EXPECT_EQ(0, info[last].up);
	EXPECT_EQ(250, info[last].rate_permille);
	EXPECT_EQ(0, attr_write(self->dir, last, "up", "1"));
	EXPECT_EQ(1, attr_read(self->dir, last, "up"));
	/* One does not change the other. */
	EXPECT_EQ(250, attr_read(self->dir, last, "rate_permille"));
}

struct writer {
	const char *dir;
	atomic_bool over;
	int err;
};

static void *write_rates(void *arg)
{
	struct writer *w = arg;

	while (!w->over && !w->err)
		w->err = attr_write(w->dir, 0, "rate_permille", "500");
	return NULL;
}

/* Nor at the same time. */
TEST_F_TIMEOUT(d2d, sysfs_writers, 300)
{
	struct writer w = { .dir = self->dir };
	unsigned int round, i;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, write_rates, &w));
	for (round = 0; round < 2000; round++) {
		ASSERT_EQ(0, attr_write(self->dir, 0, "up", round % 2 ? "1" : "0"));
		for (i = 0; i < 5 && attr_read(self->dir, 0, "up") == round % 2; i++)
			;
		ASSERT_EQ(5, i);
	}
	w.over = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, w.err);
}

TEST_F(d2d, sysfs_bad_write)
{
	static const char *const bad_up[] = { "2", "-1", "x", "", "1 1", "65536", "18446744073709551617" };
	static const char *const bad_rate[] = { "0", "1001", "-5", "half", "66536", "65537" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_up); i++) {
		int err = attr_write(self->dir, 0, "up", bad_up[i]);

		/* Nothing written is nothing done. */
		if (*bad_up[i])
			EXPECT_TRUE(err == -EINVAL || err == -ERANGE) {
				TH_LOG("'%s': %d", bad_up[i], err);
			}
	}
	for (i = 0; i < ARRAY_SIZE(bad_rate); i++) {
		int err = attr_write(self->dir, 0, "rate_permille", bad_rate[i]);

		EXPECT_TRUE(err == -EINVAL || err == -ERANGE) {
			TH_LOG("'%s': %d", bad_rate[i], err);
		}
	}
	EXPECT_EQ(1, attr_read(self->dir, 0, "up"));
	EXPECT_EQ(1000, attr_read(self->dir, 0, "rate_permille"));
}

/* Counters and ends of a link are not for writing, not even by root. */
TEST_F(d2d, sysfs_readonly)
{
	static const char *const names[] = { "src", "dst", "bytes", "busy_ps", "stall_ps",
					     "transfers" };
	unsigned int i;
	struct stat st;
	char path[256];

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/link0/%s", self->dir, names[i]);
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(0444, st.st_mode & 0777);
		EXPECT_NE(0, attr_write(self->dir, 0, names[i], "1"));
	}
}

/* --- LINK_SET --- */

TEST_F(d2d, link_set)
{
	const __u16 rates[] = { 1, 2, 500, 999, 1000 };
	struct drm_rill_link_info info[RILL_MAX_LINKS];
	unsigned int i, k;

	for (i = 0; i < self->r.chip.links; i++) {
		for (k = 0; k < ARRAY_SIZE(rates); k++) {
			ASSERT_EQ(0, link_set(self->r.fd, i, k % 2, rates[k]));
			ASSERT_EQ(0, links(self->r.fd, info));
			EXPECT_EQ(k % 2, info[i].up);
			EXPECT_EQ(rates[k], info[i].rate_permille);
			EXPECT_EQ(rates[k], attr_read(self->dir, i, "rate_permille"));
			/* Nothing else has changed. */
			info[i] = self->links[i];
			EXPECT_EQ(0, memcmp(info, self->links,
					    self->r.chip.links * sizeof(*info)));
		}
		ASSERT_EQ(0, link_set(self->r.fd, i, 1, 1000));
	}
}

TEST_F(d2d, bad_link_set)
{
	struct drm_rill_link_info info[RILL_MAX_LINKS];

	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, self->r.chip.links, 1, 1000));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, RILL_MAX_LINKS, 1, 1000));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, UINT32_MAX, 1, 1000));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, 0, 2, 1000));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, 0, UINT16_MAX, 1000));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, 0, 1, 0));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, 0, 1, 1001));
	EXPECT_ERRNO(EINVAL, link_set(self->r.fd, 0, 1, UINT16_MAX));
	EXPECT_ERRNO(EFAULT, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_LINK_SET, NULL));
	ASSERT_EQ(0, links(self->r.fd, info));
	EXPECT_EQ(0, memcmp(info, self->links, self->r.chip.links * sizeof(*info)));
}

/* --- privilege --- */

static int drop_sys_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static int raise_sys_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[0].effective |= data[0].permitted & (1U << CAP_SYS_ADMIN);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* Root without the capability: it is the capability that counts, at the time of the call. */
TEST_F(d2d, without_capability)
{
	int up = attr_open(self->dir, 0, "up", O_WRONLY);
	int rate = attr_open(self->dir, 0, "rate_permille", O_WRONLY);
	struct drm_rill_link_info info[RILL_MAX_LINKS];

	ASSERT_LE(0, up);
	ASSERT_LE(0, rate);
	ASSERT_EQ(0, drop_sys_admin());
	EXPECT_ERRNO(EPERM, link_set(self->r.fd, 0, 0, 1000));
	/* Who may not set a link need not know which there are. */
	EXPECT_ERRNO(EPERM, link_set(self->r.fd, UINT32_MAX, 7, 0));
	EXPECT_ERRNO(EPERM, fd_write(up, "0"));
	EXPECT_ERRNO(EPERM, fd_write(rate, "10"));

	/* All else works without. */
	ASSERT_EQ(0, links(self->r.fd, info));
	EXPECT_EQ(0, memcmp(info, self->links, self->r.chip.links * sizeof(*info)));
	EXPECT_EQ(1, attr_read(self->dir, 0, "up"));
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));

	ASSERT_EQ(0, raise_sys_admin());
	EXPECT_EQ(0, link_set(self->r.fd, 0, 0, 1000));
	EXPECT_EQ(0, fd_write(up, "1"));
	close(up);
	close(rate);
}

/* Another user, with a file that root has opened */
TEST_F(d2d, as_nobody)
{
	struct drm_rill_link_info info[RILL_MAX_LINKS];
	struct drm_rill_job_result results[MOE_JOBS];

	ASSERT_EQ(0, seteuid(65534));
	EXPECT_ERRNO(EPERM, link_set(self->r.fd, 0, 0, 1000));
	EXPECT_ERRNO(EACCES, attr_write(self->dir, 0, "up", "0"));
	EXPECT_EQ(1, attr_read(self->dir, 0, "up"));
	EXPECT_EQ(0, links(self->r.fd, info));
	EXPECT_EQ(0, memcmp(info, self->links, self->r.chip.links * sizeof(*info)));
	moe_build(&self->m, &self->r);
	EXPECT_EQ(0, rill_run(&self->r, self->m.jobs, MOE_JOBS, results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(&self->m));
	ASSERT_EQ(0, seteuid(0));
}

/* --- what it does --- */

#define RUN(results) rill_run(&self->r, self->m.jobs, MOE_JOBS, results)

/* With any one link down the streams take another way, to the same bits. */
TEST_F(d2d, link_down)
{
	struct drm_rill_job_result results[MOE_JOBS];
	unsigned int i;

	if (self->r.chip.rows < 2 || self->r.chip.cols < 2)
		SKIP(return, "there is only one way");
	for (i = 0; i < self->r.chip.links; i++) {
		ASSERT_EQ(0, link_set(self->r.fd, i, 0, 1000));
		self->m.away = i % 3;
		moe_build(&self->m, &self->r);
		ASSERT_EQ(0, RUN(results));
		EXPECT_EQ(0, results[MOE_END].error);
		EXPECT_TRUE(moe_correct(&self->m));
		EXPECT_EQ(0, self->m.report->link[i].bytes);
		ASSERT_EQ(0, link_set(self->r.fd, i, 1, 1000));
	}
}

/* A slow link takes its time; nothing else changes. */
TEST_F(d2d, link_slow)
{
	struct drm_rill_job_result results[MOE_JOBS];
	__u64 fast, busy = 0, slow_busy = 0, bytes = 0, slow_bytes = 0;
	unsigned int i;

	self->m.away = 1;
	moe_build(&self->m, &self->r);
	ASSERT_EQ(0, RUN(results));
	ASSERT_EQ(0, results[MOE_END].error);
	fast = results[MOE_END].end_ps - results[MOE_END].start_ps;
	for (i = 0; i < self->r.chip.links; i++) {
		busy += self->m.report->link[i].busy_ps;
		bytes += self->m.report->link[i].bytes;
		ASSERT_EQ(0, link_set(self->r.fd, i, 1, 10));
	}
	moe_build(&self->m, &self->r);
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(&self->m));
	EXPECT_LT(fast, results[MOE_END].end_ps - results[MOE_END].start_ps);
	for (i = 0; i < self->r.chip.links; i++) {
		slow_busy += self->m.report->link[i].busy_ps;
		slow_bytes += self->m.report->link[i].bytes;
	}
	/* A hundredth of the rate: a hundred times as long for a byte, but for rounding */
	ASSERT_LT(0, bytes);
	EXPECT_LT(90 * (busy / bytes), slow_busy / slow_bytes);
	EXPECT_GT(110 * (busy / bytes + 1), slow_busy / slow_bytes);
}

/* All links of a chiplet are down: a pass that needs it says so, and works again afterwards. */
TEST_F(d2d, unreachable)
{
	struct drm_rill_job_result results[MOE_JOBS];
	unsigned int i, src, dst;

	for (i = 0; i < self->r.chip.links; i++)
		if (!self->links[i].src || !self->links[i].dst)
			ASSERT_EQ(0, link_set(self->r.fd, i, 0, 1000));
	moe_build(&self->m, &self->r);
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(-ENETUNREACH, results[MOE_END].error);
	EXPECT_EQ(RILL_UNREACHABLE, results[MOE_END].status);
	src = results[MOE_END].detail >> 16;
	dst = results[MOE_END].detail & 0xffff;
	EXPECT_LT(src, rill_chiplets(&self->r));
	EXPECT_LT(dst, rill_chiplets(&self->r));
	EXPECT_TRUE(!src != !dst);
	EXPECT_EQ(RILL_PASS_FAILED, results[1].status);
	EXPECT_EQ(-ECANCELED, results[1].error);

	restore(&self->r);
	moe_build(&self->m, &self->r);
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(&self->m));
}

TEST_HARNESS_MAIN
