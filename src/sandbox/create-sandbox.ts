/** The sandbox: warm, hardened containers behind one call. */
import { createHash } from 'node:crypto';
import { openDockerHost, SandboxUnavailableError } from './docker-connection.ts';
import { watchHealth } from './health.ts';
import { readSandboxImageName } from './image-name.ts';
import { LeastRecentMap } from './least-recent-map.ts';
import { checkLimits, containerMemoryBytes, DEFAULT_LIMITS } from './limits.ts';
import type { Census } from './messages.ts';
import { emptyMetrics, type SandboxMetrics } from './metrics.ts';
import { ownerName, removeOrphans } from './owner.ts';
import { Pool } from './pool.ts';
import { readProgram } from './program.ts';
import type { Protection } from './protections.ts';
import { SlotKeeper } from './slot-keeper.ts';
import { stateKey } from './state-key.ts';
import type { ExecutionLimits, ExecutionRequest, ExecutionResult, Sandbox, SandboxCallOptions } from './types.ts';

const CACHED_RESULTS = 20_000;
const MEMORY_FOR_THE_HOST_BYTES = 2 * 1024 ** 3;

export interface SandboxOptions {
  /** One or several Docker hosts, see `connectDocker`; default: DOCKER_HOST or the local socket. */
  readonly dockerHost?: string | readonly string[];
  /** Name or id of the image, with the same content on all hosts; default: the image that set-up builds. */
  readonly image?: string;
  /** Containers per host; each runs one snippet at a time. Default: one per core, as far as memory allows. */
  readonly slots?: number;
  readonly limits?: Partial<ExecutionLimits>;
  /** Results carry the `repr` of the last expression. */
  readonly showValue?: boolean;
  /** Docker runtime, e.g. `runsc`; default: the engine's. */
  readonly runtime?: string;
  /** Caches results of `ok` and `error` and returns them for equal requests; default true. */
  readonly cache?: boolean;
  /** For tests that show what a protection stops, and for hosts that lack one. Never for code of a model. */
  readonly dangerouslySwitchOffProtections?: readonly Protection[];
}

export interface DockerSandbox extends Sandbox {
  metrics(): SandboxMetrics;
  /** The environment in use: engine, cgroup version, Python and packages; one line per host. */
  describe(): string[];
  /** Processes and files of each idle container. Between runs it has two processes and no file. */
  census(): Promise<Census[]>;
}

/**
 * Connects to Docker, removes containers of dead processes, starts the pool and waits for its first container.
 *
 * @param options see `SandboxOptions`; all are optional
 * @returns a sandbox whose `close()` removes its containers
 * @throws SandboxUnavailableError without Docker, image or a protection; the message names the remedy
 * @throws RangeError for invalid limits
 * @example
 * const sandbox = await createSandbox();
 * const [result] = await sandbox.run([{ id: 'a', previousBlocks: [], code: 'print(6 * 7)', seed: 0 }]);
 * await sandbox.close();
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<DockerSandbox> {
  const limits = checkLimits({ ...DEFAULT_LIMITS, ...options.limits });
  const protectionsOff = [...(options.dangerouslySwitchOffProtections ?? [])].sort();
  const image = options.image ?? readSandboxImageName();
  const names = typeof options.dockerHost === 'string' ? [options.dockerHost] : (options.dockerHost ?? [undefined]);
  const hosts = await Promise.all(names.map((name) => openDockerHost(name, image)));
  const imageContent = hosts[0]?.imageContent;
  if (imageContent === undefined) throw new RangeError('dockerHost is an empty list; leave it out or name a host');
  const other = hosts.find((host) => host.imageContent !== imageContent);
  if (other !== undefined) {
    throw new SandboxUnavailableError(`${other.name} has another image named ${image}; run \`npm run setup\` there.`);
  }
  const program = readProgram();
  const metrics = emptyMetrics();
  for (const host of hosts) metrics.orphansRemoved += await removeOrphans(host);
  const runtime = options.runtime === undefined ? {} : { runtime: options.runtime };
  const container = { boot: program.boot, owner: ownerName(), limits, protectionsOff, ...runtime };
  const keepers = hosts.map((host) => {
    const fitting = Math.floor((host.memoryBytes - MEMORY_FOR_THE_HOST_BYTES) / containerMemoryBytes(limits));
    const slots = options.slots ?? Math.max(1, Math.min(host.cores, fitting));
    const settings = { host, program, container: { ...container, imageId: host.imageId }, slots, metrics };
    return new SlotKeeper({ ...settings, onReady: (slot) => pool.offer(slot), onChange: () => pool.dispatch() });
  });
  const showValue = options.showValue ?? false;
  const pool = new Pool({ limits, showValue, metrics }, keepers);
  for (const keeper of keepers) keeper.fill();
  const warm = await pool.execute({ id: 'start', previousBlocks: [], code: 'print(40 + 2)', seed: 0 }, () => false);
  if (warm.stdout !== '42\n') {
    await pool.close();
    throw new SandboxUnavailableError(
      `The sandbox does not start: ${warm.cause ?? `its first snippet ended "${warm.end}" ${warm.exception ?? ''}`}` +
        ' Run `whencode doctor` to see what is missing and `npm run setup` to install it.',
    );
  }
  const stopWatching = watchHealth(pool, limits, metrics);
  const identity = JSON.stringify([
    imageContent,
    program.digest,
    limits,
    showValue,
    protectionsOff,
    options.runtime ?? '',
  ]);
  const fingerprint = createHash('sha256').update(identity).digest('hex');
  const cache = new LeastRecentMap<ExecutionResult>(options.cache === false ? 0 : CACHED_RESULTS);

  async function runOne(request: ExecutionRequest, call: SandboxCallOptions): Promise<ExecutionResult> {
    const value = (request.showValue ?? showValue) ? 'value ' : '';
    const key = `${value}${stateKey(request.seed, [...request.previousBlocks, request.code])}`;
    const known = cache.get(key);
    if (known !== undefined) metrics.cacheHits++;
    const result = known ?? (await pool.execute(request, () => call.signal?.aborted ?? false));
    // Only these ends depend on the snippet alone; the others may be due to load.
    if (result.end === 'ok' || result.end === 'error') cache.set(key, result);
    return known === undefined ? result : { ...known, id: request.id, queueMs: 0, cached: true };
  }

  async function run(requests: readonly ExecutionRequest[], call: SandboxCallOptions = {}): Promise<ExecutionResult[]> {
    const results: ExecutionResult[] = [];
    const width = 2 * keepers.reduce((sum, keeper) => sum + keeper.settings.slots, 0);
    let next = 0;
    // A call queues a bounded number of requests at a time, so that concurrent calls share the pool fairly.
    const feed = async () => {
      for (let index = next++; index < requests.length; index = next++) {
        call.signal?.throwIfAborted();
        const request = requests[index];
        if (request === undefined) return;
        const result = await runOne(request, call);
        call.signal?.throwIfAborted();
        results[index] = result;
        call.onResult?.(result);
      }
    };
    await Promise.all(Array.from({ length: Math.min(width, requests.length) }, feed));
    return results;
  }

  return {
    limits,
    fingerprint,
    run,
    metrics: () => ({
      ...metrics,
      ends: { ...metrics.ends },
      slots: keepers.reduce((sum, keeper) => sum + keeper.slots.size, 0),
      queued: pool.queued,
    }),
    describe: () =>
      keepers.map(
        ({ settings: { host }, slots, probe }) =>
          `${host.name}: Docker ${host.engineVersion}, cgroup ${host.cgroup}, ${slots.size} containers, ${probe?.versions ?? '?'}`,
      ),
    async census() {
      const found: Census[] = [];
      for (const slot of keepers.flatMap((keeper) => [...keeper.slots])) {
        if (pool.borrow(slot) === undefined) continue;
        found.push(await slot.census());
        pool.offer(slot);
      }
      return found;
    },
    async close() {
      stopWatching();
      await pool.close();
    },
  };
}
