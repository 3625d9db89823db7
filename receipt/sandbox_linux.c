/*
 * The sandbox of Linux: seccomp lets a short list of system calls through (memory, threads, reading and writing what is open
 * already), everything else fails with EPERM; Landlock, where the kernel has it, denies every path a second time.
 */
#define _GNU_SOURCE
#include "receipt/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "receipt/sandbox_limits.h"

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define THIS_ARCH AUDIT_ARCH_RISCV64
#endif

/* System calls that a reader needs once its input is open. */
static const unsigned allowed[] = {
	SYS_read,
	SYS_pread64,
	SYS_readv,
	SYS_write,
	SYS_writev,
	SYS_pwrite64, /* the scratch file; files that grow are bounded */
	SYS_lseek,
	SYS_fstat,
	SYS_close,
	SYS_recvmsg,
	SYS_sendmsg,
	SYS_mmap,
	SYS_munmap,
	SYS_mremap,
	SYS_mprotect,
	SYS_madvise,
	SYS_brk,
	SYS_futex,
	SYS_set_robust_list,
	SYS_get_robust_list,
	SYS_sched_yield,
	SYS_sched_getaffinity,
	SYS_gettid,
	SYS_getpid,
	SYS_exit,
	SYS_exit_group,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_rt_sigaction,
	SYS_sigaltstack,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_gettimeofday,
	SYS_getrandom,
	SYS_restart_syscall,
	SYS_getrlimit,
	SYS_setrlimit,
	SYS_sysinfo, /* qsort asks how much memory there is; refused, it would sort ties by chance */
#ifdef SYS_rseq
	SYS_rseq,
#endif
};

enum { ALLOWED = sizeof allowed / sizeof *allowed, FILTER_MOST = 2 * ALLOWED + 40 };

#ifdef THIS_ARCH
#define FIELD(name) ((unsigned)offsetof(struct seccomp_data, name))
#define LOW_WORD    0 /* of a 64-bit argument; all machines listed above are little-endian */

static unsigned filter_build(struct sock_filter *f)
{
	unsigned n = 0;

	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(arch));
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
	for (unsigned i = 0; i < ALLOWED; i++) {
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	/* prlimit64 is what setrlimit becomes; only on the process itself (pid 0) */
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 4);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[0]) + LOW_WORD);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	/* fstat, as the C library spells it: a descriptor and an empty path */
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 4);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[3]) + LOW_WORD);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AT_EMPTY_PATH, 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	/* threads, but no processes; clone3 hides its flags in memory, glibc falls back to clone on ENOSYS */
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[0]) + LOW_WORD);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	return n;
}
#endif

static int seccomp_enter(void)
{
#ifdef THIS_ARCH
	struct sock_filter filter[FILTER_MOST];
	struct sock_fprog program = { .len = (unsigned short)filter_build(filter), .filter = filter };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#else
	return -1;
#endif
}

static int landlock_enter(void)
{
	/* the rights of ABI 1, which every kernel with Landlock knows; no rule allows any of them anywhere */
	const struct landlock_ruleset_attr none = { .handled_access_fs = (1ULL << 13) - 1 };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &none, sizeof none, 0);
	int rc;

	if (ruleset < 0)
		return -1;
	rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return rc;
}

/* ---- a program that is to be executed ---- */

/* What it must not do whatever is open to it; opening is Landlock's affair, or that of the flags below. */
static const unsigned forbidden[] = {
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept4,
	SYS_sendto,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_mount,
	SYS_umount2,
	SYS_bpf,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_unshare,
	SYS_setns,
	SYS_kill,
	SYS_tkill,
	SYS_unlinkat,
	SYS_renameat2,
	SYS_mkdirat,
	SYS_linkat,
	SYS_symlinkat,
	SYS_fchmodat,
	SYS_fchownat,
	SYS_truncate,
#ifdef SYS_unlink
	SYS_unlink,
	SYS_rename,
	SYS_mkdir,
	SYS_rmdir,
	SYS_link,
	SYS_symlink,
	SYS_chmod,
	SYS_chown,
	SYS_creat,
	SYS_fork,
	SYS_vfork,
#endif
};

enum { FORBIDDEN = sizeof forbidden / sizeof *forbidden, PROGRAM_FILTER = 2 * FORBIDDEN + 40 };

#ifdef THIS_ARCH
/* Opened with one of these flags, a file could be written to. */
static unsigned deny_writing(struct sock_filter *f, unsigned n, unsigned call, unsigned flags_at)
{
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                      FIELD(args[0]) + 8 * flags_at + LOW_WORD);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
	                                      O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

static unsigned program_filter_build(struct sock_filter *f)
{
	unsigned n = 0;

	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(arch));
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
	for (unsigned i = 0; i < FORBIDDEN; i++) {
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden[i], 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
	}
	n = deny_writing(f, n, SYS_openat, 2);
#ifdef SYS_open
	n = deny_writing(f, n, SYS_open, 1);
#endif
	/* threads, but no processes */
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[0]) + LOW_WORD);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}
#endif

/* What is on its input may be opened again by that name (/dev/stdin): some read a file otherwise than a pipe. */
static void landlock_input(int ruleset)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = 0
	};

	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

/* Programs, libraries, fonts: to be read and executed; all else to be neither seen nor changed. */
static void landlock_system(void)
{
	static const char *const paths[] = { "/usr",
		                             "/lib",
		                             "/lib64",
		                             "/bin",
		                             "/etc/fonts",
		                             "/etc/ld.so.cache",
		                             "/etc/xpdf",
		                             "/var/cache/fontconfig",
		                             "/var/lib/ghostscript",
		                             "/opt" };
	const struct landlock_ruleset_attr all = { .handled_access_fs = (1ULL << 13) - 1 };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);

	if (ruleset < 0)
		return;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct landlock_path_beneath_attr rule = { .parent_fd = open(paths[i],
			                                                     O_PATH | O_CLOEXEC) };
		struct stat st;

		if (rule.parent_fd < 0)
			continue;
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
		if (fstat(rule.parent_fd, &st) == 0 && S_ISDIR(st.st_mode))
			rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
		syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
		close(rule.parent_fd);
	}
	landlock_input(ruleset);
	syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
}

static void close_above(int keep)
{
	if (syscall(SYS_close_range, (unsigned)keep + 1, ~0U, 0) == 0)
		return;
	for (int fd = keep + 1; fd < 65536; fd++)
		close(fd);
}

void tally_sandbox_program(int keep, uint64_t memory, uint64_t files, uint64_t seconds)
{
	close_above(keep);
	tally_sandbox_program_limits(memory, files, seconds);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return;
	landlock_system();
#ifdef THIS_ARCH
	struct sock_filter filter[PROGRAM_FILTER];
	struct sock_fprog program = { .len = (unsigned short)program_filter_build(filter),
		                      .filter = filter };

	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#endif
}

static void close_others(int keep)
{
	/* ranges below and above the one to keep; older kernels go through them one by one */
	unsigned at = (unsigned)keep;

	if (syscall(SYS_close_range, at + 1, ~0U, 0) == 0 &&
	    (at <= 3 || syscall(SYS_close_range, 3, at - 1, 0) == 0))
		return;
	for (int fd = 3; fd < 65536; fd++)
		if (fd != keep)
			close(fd);
}

enum tally_sandbox tally_sandbox_enter(int keep, uint64_t memory, uint64_t files)
{
	int landlock;

	close_others(keep);
	tally_sandbox_limits(memory, files);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return TALLY_SANDBOX_NONE;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	landlock = landlock_enter();
	if (seccomp_enter() != 0)
		return TALLY_SANDBOX_NONE;
	return landlock == 0 ? TALLY_SANDBOX_FULL : TALLY_SANDBOX_SECCOMP;
}
