/**
 * Our sandbox beside a container per snippet and `docker exec` in a warm container, on the same machine in the same
 * minutes: rounds in turn, same number at once.
 * `npx tsx test/bench/sandbox-peers.ts [--rounds 10] [--slots 2] [--kinds print,solve,surds,mix]`
 */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Container } from 'dockerode';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { readSandboxImageName } from '../../src/sandbox/image-name.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    slots: { type: 'string' },
    kinds: { type: 'string', default: 'print,solve,surds,mix' },
  },
});
const ROUNDS = Number(values.rounds);
const SLOTS = Number(values.slots ?? cpus().length);
const LOOP_SHARE = 0.05;
/** The same for all three. */
const CPU_LIMIT_MS = 2000;
const WALL_LIMIT_MS = 10_000;

const SNIPPETS = {
  print: (i: number) => `print(${i})`,
  /** Two whole roots, as most problems for people have. */
  solve: (i: number) => solving(`x**2 - ${(i % 37) + 2 + (i % 11)}*x + ${((i % 37) + 2) * (i % 11)}`),
  /** Roots with square roots in them: sympy itself works two to three times as long. */
  surds: (i: number) => solving(`x**2 - ${(i % 50) + 7}*x + 3`),
};
const solving = (equation: string) =>
  `from sympy import symbols, solve\nx = symbols('x')\nprint(solve(${equation}, x))`;
type Kind = keyof typeof SNIPPETS | 'mix';
type Run = (code: string) => Promise<void>;

const image = readSandboxImageName();
const docker = connectDocker(process.env.DOCKER_HOST);
const HARDENED = { NetworkMode: 'none', ReadonlyRootfs: true, Memory: 512 * 1024 ** 2, PidsLimit: 64 };

/** The most careful a container per snippet usually gets: limits, no network, killed at a CPU and at a wall limit. */
async function runInFreshContainer(code: string): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['python3', '-c', code],
    AttachStdout: true,
    HostConfig: { ...HARDENED, Ulimits: [{ Name: 'cpu', Soft: CPU_LIMIT_MS / 1000, Hard: CPU_LIMIT_MS / 1000 }] },
  });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  stream.resume();
  await container.start();
  const timer = setTimeout(() => container.kill().catch(() => undefined), WALL_LIMIT_MS);
  await container.wait();
  clearTimeout(timer);
  await container.remove({ force: true });
}

function execIn(warm: Container): Run {
  return async (code) => {
    const exec = await warm.exec({
      Cmd: [
        ...['timeout', `${WALL_LIMIT_MS / 1000}`, 'sh', '-c'],
        ...[`ulimit -t ${CPU_LIMIT_MS / 1000}; exec python3 -c "$0"`, code],
      ],
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({});
    await new Promise((resolve) => stream.on('end', resolve).resume());
  };
}

/** CPU of all containers, of the engine, and of this process, in ms; undefined where the files are not readable. */
function cpuMs(): number | undefined {
  const v1 = '/sys/fs/cgroup/cpuacct/docker/cpuacct.usage';
  const v2 = '/sys/fs/cgroup/docker/cpu.stat';
  const containers = existsSync(v1)
    ? Number(readFileSync(v1, 'utf8')) / 1e6
    : existsSync(v2)
      ? Number(/usage_usec (\d+)/.exec(readFileSync(v2, 'utf8'))?.[1]) / 1e3
      : undefined;
  if (containers === undefined) return undefined;
  const { user, system } = process.cpuUsage();
  return containers + (user + system) / 1e3;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMs: number | undefined;
  readonly latenciesMs: number[];
}

async function measure(run: Run, kind: Kind, count: number): Promise<Sample> {
  const latenciesMs: number[] = [];
  const every = Math.round(1 / LOOP_SHARE);
  let next = 0;
  const cpuBefore = cpuMs();
  const start = performance.now();
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      const code = kind === 'mix' ? (i % every === 7 ? 'while True: pass' : SNIPPETS.print(i)) : SNIPPETS[kind](i);
      const begin = performance.now();
      await run(code);
      if (!code.startsWith('while')) latenciesMs.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, worker));
  const seconds = (performance.now() - start) / 1000;
  const cpuAfter = cpuMs();
  const used = cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / count;
  return { perSecond: count / seconds, cpuMs: used, latenciesMs };
}

const quantile = (sorted: number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
const ascending = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
const median = (numbers: number[]) => quantile(ascending(numbers), 0.5);

async function main(): Promise<void> {
  const sandbox = await createSandbox({
    slots: SLOTS,
    cache: false,
    limits: { cpuMs: CPU_LIMIT_MS, wallMs: WALL_LIMIT_MS },
  });
  const warm = await docker.createContainer({ Image: image, Cmd: ['sleep', '86400'], HostConfig: HARDENED });
  await warm.start();
  const runners: Record<string, Run> = {
    'container per snippet': runInFreshContainer,
    'docker exec, warm': execIn(warm),
    'this sandbox': async (code) => {
      await sandbox.run([{ id: 'bench', previousBlocks: [], code, seed: 1 }]);
    },
  };
  const counts: Record<Kind, [number, number]> = { print: [6, 150], solve: [4, 60], surds: [4, 40], mix: [40, 40] };
  const kinds = values.kinds.split(',').filter((kind): kind is Kind => kind in counts);
  try {
    for (const kind of kinds) {
      const samples: Record<string, Sample[]> = {};
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, run] of Object.entries(runners)) {
          const count = counts[kind][name === 'this sandbox' ? 1 : 0];
          samples[name] ??= [];
          samples[name].push(await measure(run, kind, count));
        }
      }
      const base = median((samples['container per snippet'] ?? []).map((s) => s.perSecond));
      const loops =
        kind === 'mix' ? `, ${100 * LOOP_SHARE} % endless (in the rate and the CPU, not in p50 and p99)` : '';
      console.log(`\n${kind}: ${SLOTS} at once, ${ROUNDS} rounds in turn, medians${loops}`);
      for (const [name, rows] of Object.entries(samples)) {
        const perSecond = median(rows.map((s) => s.perSecond));
        const sorted = ascending(rows.flatMap((s) => s.latenciesMs));
        const cpu = rows[0]?.cpuMs === undefined ? 'n/a' : median(rows.map((s) => s.cpuMs ?? 0)).toFixed(1);
        console.log(
          `  ${name.padEnd(22)} ${perSecond.toFixed(1).padStart(7)}/s  x${(perSecond / base).toFixed(1).padStart(5)}` +
            `  p50 ${quantile(sorted, 0.5).toFixed(1)} ms  p99 ${quantile(sorted, 0.99).toFixed(1)} ms  CPU ${cpu} ms each`,
        );
      }
    }
  } finally {
    await warm.remove({ force: true });
    await sandbox.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
