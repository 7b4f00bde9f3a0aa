import type { ContainerCreateOptions } from 'dockerode';
import { containerSeccompProfile } from './container-seccomp.ts';
import { containerMemoryBytes, SHARED_MEMORY_BYTES, TMP_BYTES } from './limits.ts';
import type { Protection } from './protections.ts';
import type { ExecutionLimits } from './types.ts';

export const LABEL = 'whencode.sandbox';
export const OWNER_LABEL = 'whencode.sandbox.owner';

/** Also hidden: files that reveal facts about the host to a snippet. */
const MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/cmdline',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/version',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export interface ContainerSettings {
  readonly imageId: string;
  readonly boot: string;
  readonly owner: string;
  readonly limits: ExecutionLimits;
  /** e.g. `runsc` where gVisor is installed. */
  readonly runtime?: string;
  readonly protectionsOff: readonly Protection[];
}

/**
 * The configuration of every container of the pool, as Docker's API takes it. It holds no secrets: a snippet can read
 * Env.
 */
export function containerConfig(settings: ContainerSettings): ContainerCreateOptions {
  const off = new Set(settings.protectionsOff);
  const memoryBytes = containerMemoryBytes(settings.limits);
  return {
    Image: settings.imageId,
    // Without -I and -E: these would make Python ignore PYTHONHASHSEED.
    Cmd: ['python3', '-s', '-P', '-u', '-B', '-c', settings.boot],
    User: '0:0',
    Hostname: 'sandbox',
    WorkingDir: '/',
    NetworkDisabled: !off.has('network'),
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Labels: { [LABEL]: '1', [OWNER_LABEL]: settings.owner },
    Env: [
      'PYTHONHASHSEED=0',
      'OPENBLAS_NUM_THREADS=1',
      'OMP_NUM_THREADS=1',
      'MALLOC_ARENA_MAX=1',
      'LANG=C.UTF-8',
      'TZ=UTC',
      'HOME=/tmp',
      'TMPDIR=/tmp',
    ],
    HostConfig: {
      NetworkMode: off.has('network') ? 'bridge' : 'none',
      ReadonlyRootfs: !off.has('read-only'),
      CapDrop: ['ALL'],
      CapAdd: ['SETUID', 'SETGID', 'KILL', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
      SecurityOpt: off.has('seccomp')
        ? ['no-new-privileges', 'seccomp=unconfined']
        : ['no-new-privileges', `seccomp=${containerSeccompProfile()}`],
      ...(off.has('processes') ? {} : { PidsLimit: 80 }),
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      IpcMode: 'none',
      // Docker would log the whole protocol to disk.
      LogConfig: { Type: 'none', Config: {} },
      AutoRemove: true,
      Tmpfs: {
        '/tmp': `rw,nosuid,nodev,noexec,size=${TMP_BYTES},nr_inodes=4k`,
        '/dev/shm': `rw,nosuid,nodev,noexec,size=${SHARED_MEMORY_BYTES},nr_inodes=1k`,
      },
      Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
      MaskedPaths: MASKED_PATHS,
      ReadonlyPaths: READONLY_PATHS,
      ...(settings.runtime === undefined ? {} : { Runtime: settings.runtime }),
    },
  };
}
