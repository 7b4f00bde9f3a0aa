/** `whencode data export-traces`: generated demonstrations as a file of traces. It runs their code, so it needs Docker. */
import { writeFile } from 'node:fs/promises';
import { Argument, type Command, Option } from 'commander';
import { WARM_UP_LIMITS } from '../config/execution-limits.ts';
import { GENERATORS, type GeneratorName } from '../config/training-sections.ts';
import { batchRunner } from '../datasets/batch-program.ts';
import { exportTraces, TRACE_FORMS, type TraceForm } from '../datasets/traces/export-traces.ts';
import { writeJsonLines } from '../formats/json-lines.ts';
import { openSandbox } from './open-sandbox.ts';
import { parseCount, parseIndex } from './options.ts';
import { write } from './terminal.ts';

interface ExportOptions {
  readonly problems: number;
  readonly seed: number;
  readonly form: TraceForm;
  readonly output?: string;
}

export function addExportTracesCommand(data: Command): void {
  data
    .command('export-traces')
    .description("a generator's demonstrations as a file for sft.demonstrations: both solutions of every problem")
    .addArgument(new Argument('<generator>').choices(GENERATORS))
    .option('--problems <n>', 'problems, each in both forms', parseCount, 100)
    .option('--seed <n>', 'as `sft.seed`', parseIndex, 0)
    .addOption(new Option('--form <form>', 'of a chat, or by writer').choices(TRACE_FORMS).default('messages'))
    .option('-o, --output <file>', 'default: standard output')
    .action(async (generator: GeneratorName, { problems: count, seed, form, output }: ExportOptions) => {
      const sandbox = await openSandbox({ limits: WARM_UP_LIMITS, slots: 1 });
      try {
        const lines = writeJsonLines(await exportTraces(generator, { count, seed, form }, batchRunner(sandbox)));
        if (output === undefined) write(lines.toString());
        else await writeFile(output, lines);
      } finally {
        await sandbox.close();
      }
    });
}
