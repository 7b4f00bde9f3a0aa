/**
 * Docker's outer seccomp filter for the whole container, sent inline so that it works on any host.
 *
 * It differs from Docker's default in one point (`personality`, to disable address randomisation) and lists what no
 * process of the container may do. The much narrower filter of seccomp.py confines the snippet itself.
 */
const REFUSED_CALLS = [
  'acct add_key bpf clock_adjtime clock_settime create_module delete_module fanotify_init finit_module fsconfig',
  'fsmount fsopen fspick init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load',
  'kexec_load keyctl lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages name_to_handle_at',
  'nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise process_vm_readv',
  'process_vm_writev ptrace quotactl quotactl_fd reboot request_key set_mempolicy setdomainname sethostname setns',
  'settimeofday stime swapoff swapon syslog umount umount2 unshare uselib userfaultfd ustat vhangup',
].flatMap((line) => line.split(' '));

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACE_BITS = 0x7e020000;

export function containerSeccompProfile(): string {
  const namespaceBits = [...Array(31).keys()].map((bit) => 2 ** bit).filter((bit) => (NEW_NAMESPACE_BITS & bit) !== 0);
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    // Native call numbers only: 32-bit calls would bypass a filter on numbers.
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
    ],
    syscalls: [
      { names: REFUSED_CALLS, action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
      ...namespaceBits.map((bit) => ({
        names: ['clone'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 1,
        args: [{ index: 0, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  });
}
