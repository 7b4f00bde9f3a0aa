import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../../src/sandbox/circuit-breaker.ts';
import { containerConfig } from '../../../src/sandbox/container-config.ts';
import { LeastRecentMap } from '../../../src/sandbox/least-recent-map.ts';
import { checkLimits, containerMemoryBytes, DEFAULT_LIMITS } from '../../../src/sandbox/limits.ts';
import { isDead, ownerName } from '../../../src/sandbox/owner.ts';
import { readProbe } from '../../../src/sandbox/protections.ts';
import { stateKey } from '../../../src/sandbox/state-key.ts';

describe('circuit breaker', () => {
  it('tries each second for twenty, then pauses for a time that doubles up to five minutes; a success closes it', () => {
    let now = 0;
    const breaker = new CircuitBreaker(() => now);
    const failAndWait = () => {
      breaker.fail(`at ${now}`);
      const found = [breaker.isOpen, breaker.waitMs];
      now += breaker.waitMs;
      expect([breaker.isOpen, breaker.waitMs]).toEqual([false, 0]);
      return found;
    };
    for (let second = 0; second < 20; second++) expect(failAndWait()).toEqual([false, 1000]);
    const pauses = Array.from({ length: 6 }, failAndWait);
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000].map((pause) => [true, pause]));
    breaker.succeed();
    expect(failAndWait()).toEqual([false, 1000]);
    expect(breaker.lastCause).toMatch(/^at \d+/);
  });

  it('opens at once where trying again is hopeless', () => {
    const breaker = new CircuitBreaker(() => 0);
    breaker.fail('not closed', true);
    expect([breaker.isOpen, breaker.waitMs]).toEqual([true, 30_000]);
  });
});

describe('least recent map', () => {
  it('forgets what was not used for longest', () => {
    const map = new LeastRecentMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });

  it('with no capacity holds nothing', () => {
    const map = new LeastRecentMap<number>(0);
    map.set('a', 1);
    expect([map.get('a'), map.size]).toEqual([undefined, 0]);
  });
});

describe('limits', () => {
  it('the container has more memory than the snippet, so that the snippet meets its own limit', () => {
    expect(containerMemoryBytes(DEFAULT_LIMITS)).toBeGreaterThan(DEFAULT_LIMITS.memoryBytes);
    // 2048 << 20 would be negative.
    expect(containerMemoryBytes({ ...DEFAULT_LIMITS, memoryBytes: 2048 * 1024 ** 2 })).toBeGreaterThan(2 ** 31);
  });

  it.each([
    [{ wallMs: 1.5 }, 'wallMs is 1.5'],
    [{ memoryBytes: 1 }, 'memoryBytes is 1;'],
    [{ outputBytes: Number.NaN }, 'outputBytes is NaN'],
  ])('%j is refused', (limits, message) => {
    expect(() => checkLimits({ ...DEFAULT_LIMITS, ...limits })).toThrow(message);
  });
});

describe('owner', () => {
  const [machine] = ownerName().split('/');
  it.each([
    [ownerName(), false],
    [`${machine}/${process.pid}/1`, true],
    [`${machine}/4194303/1`, true],
    [`${machine}/1/?`, false],
    ['another-machine/4194303/1', false],
    ['', false],
  ])('%j: dead %s', (owner, dead) => {
    expect(isDead(owner)).toBe(dead);
  });
});

describe('probe', () => {
  const closed = {
    user: 20_000,
    capabilities: 0,
    seccomp: '2',
    noNewPrivileges: '1',
    networkRefused: true,
    interfaces: ['lo'],
    rootRefused: true,
    versions: { python: '3.11.2' },
  };
  it('finds a closed container closed', () => {
    expect(readProbe(JSON.stringify(closed))).toEqual({ missing: [], versions: 'python 3.11.2' });
  });
  it.each([
    [{ user: 0 }, 'an own user without rights'],
    [{ capabilities: 1 }, 'no capabilities'],
    [{ seccomp: '0' }, 'the filter of system calls'],
    [{ networkRefused: false }, 'refused network sockets'],
    [{ interfaces: ['lo', 'eth0'] }, 'no network interface'],
    [{ rootRefused: false }, 'a read-only file system'],
  ])('with %j it lacks "%s"', (part, missing) => {
    expect(readProbe(JSON.stringify({ ...closed, ...part })).missing).toEqual([missing]);
  });
  it('takes no answer for no protection', () => {
    expect(readProbe('').missing).toHaveLength(1);
    expect(readProbe('null').missing).toHaveLength(1);
  });
});

it('the key of a state depends on seed, on each block and on where one ends', () => {
  const keys = [
    stateKey(1, ['a', 'b']),
    stateKey(2, ['a', 'b']),
    stateKey(1, ['ab']),
    stateKey(1, ['b', 'a']),
    stateKey(1, ['a']),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

it('a container has no network, no rights but those to become someone else, and nothing of the host', () => {
  const settings = { imageId: 'sha256:0', boot: 'pass', owner: 'me', limits: DEFAULT_LIMITS, protectionsOff: [] };
  const { HostConfig, Env, User, Tty } = containerConfig(settings);
  expect(HostConfig).toMatchObject({
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    IpcMode: 'none',
    AutoRemove: true,
  });
  expect(HostConfig?.CapAdd).toEqual(['SETUID', 'SETGID', 'KILL', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER']);
  expect(HostConfig?.Binds).toBeUndefined();
  expect([User, Tty]).toEqual(['0:0', false]);
  expect(Env?.join(' ')).not.toContain(process.env.HOME ?? '?');
});
