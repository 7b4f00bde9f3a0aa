/** The figures of the growth bench as a page. */
import type { HistorySizes } from './histories.ts';
import type { RealLengths } from './real-lengths.ts';

interface Memory {
  readonly liveHeapMb: readonly number[];
  readonly peakRssMb: number;
}

export interface LargeIteration extends Memory {
  readonly problems: number;
  readonly rollouts: number;
  readonly shards: number;
  /** By stage. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly rolloutsPerSecond: number;
  /** Over sampling, scoring and curation together. */
  readonly rolloutsPerSecondToCurated: number;
  readonly histories: HistorySizes;
  readonly controlCpuSeconds: number;
}

export interface ManyIterations extends Memory {
  readonly iterations: number;
  readonly secondsFirstFifth: number;
  readonly secondsLastFifth: number;
  readonly controlCpuSecondsFirstHalf: number;
  readonly controlCpuSecondsSecondHalf: number;
  readonly histories: HistorySizes;
  readonly readCampaignMs: number;
  readonly journalFiles: number;
  readonly databaseMb: number;
}

export interface GrowthFigures {
  readonly lengths: RealLengths;
  readonly large: LargeIteration;
  readonly many: ManyIterations;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const heaps = (all: readonly number[]): string => all.map((value) => value.toFixed(0)).join(', ');
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

export function growthMarkdown({ lengths, large, many }: GrowthFigures): string {
  const stages = Object.entries(large.seconds).map(([stage, seconds]) => `${stage} ${seconds.toFixed(1)} s`);
  return `# What grows with the work

Written by \`node --expose-gc --import tsx test/bench/growth/growth.ts --write\`: a simulated sampler, sandbox and trainer that
answer at once, in a process of their own; the Temporal server with its database file, artifact store, PGlite and the control
process are the real ones. On 2 cores that all of these share.

## One iteration of ${count(large.problems)} problems × 16 rollouts

| | measured | target |
|---|---|---|
| rollouts a second, sampled, executed and graded | ${count(large.rolloutsPerSecond)} | 1,000 |
| the same, up to the curated set | ${count(large.rolloutsPerSecondToCurated)} | |
| events of the largest workflow (\`${large.histories.mostEventsIn}\`) | ${count(large.histories.mostEvents)} | 10,000 |
| largest payload | ${kilobytes(large.histories.largestPayloadBytes)} | 100 kB |
| workflows, events in all | ${count(large.histories.workflows)}, ${count(large.histories.events)} | |
| live heap of control, MB, at each tenth of the time | ${heaps(large.liveHeapMb)} | flat |
| resident set of control at most | ${count(large.peakRssMb)} MB | |
| processor time of control | ${count(large.controlCpuSeconds)} s | |

${count(large.rollouts)} rollouts in ${large.shards} shards: ${stages.join(', ')}.

## Curation at real lengths

${count(lengths.rollouts)} synthetic rollouts of 150 + 800 tokens, of which ${count(lengths.keptRollouts)} are learnt from; a set of ${count(lengths.setMb)} MB.

| | measured | target |
|---|---|---|
| time | ${lengths.seconds.toFixed(1)} s | 60 s |
| resident set of control, before and at most | ${count(lengths.rssMbBefore)} MB, ${count(lengths.peakRssMb)} MB | 1,024 MB |
| longest time that control does not answer | ${count(lengths.longestHoldMs)} ms | 100 ms |

## ${many.iterations} iterations of 64 problems

| | first | last |
|---|---|---|
| seconds an iteration, mean of the first and last fifth | ${many.secondsFirstFifth.toFixed(2)} | ${many.secondsLastFifth.toFixed(2)} |
| processor time of control, first and second half, s | ${many.controlCpuSecondsFirstHalf.toFixed(1)} | ${many.controlCpuSecondsSecondHalf.toFixed(1)} |

Live heap of control, MB, at each tenth of the time: ${heaps(many.liveHeapMb)}; resident set at most ${count(many.peakRssMb)} MB.
The largest workflow has ${count(many.histories.mostEvents)} events (\`${many.histories.mostEventsIn}\`; a campaign continues as
new after 20 iterations), the largest payload ${kilobytes(many.histories.largestPayloadBytes)}. At the end the journal has
${count(many.journalFiles)} entries, the database ${many.databaseMb.toFixed(0)} MB, and reading the campaign for its page takes
${many.readCampaignMs.toFixed(0)} ms.
`;
}
