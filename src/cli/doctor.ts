import type { Command } from 'commander';
import { temporalServer } from '../../infra/setup/temporal-server.mjs';
import { type CheckedPart, examineInstallation } from '../checks/examine.ts';
import type { Environment } from '../config/environment.ts';
import { checkDatabase } from '../db/check-database.ts';
import { databasePath } from '../process/paths.ts';
import { checkNamedServer } from '../temporal/check-server.ts';
import { answer } from './context.ts';
import { CommandFailure } from './exit.ts';

/** `whencode doctor [--json]`: is every part there, and if not, what to do. Needs no running stack; exit code 1 on `fail`. */
export function addDoctorCommand(program: Command, environment: Environment): void {
  program
    .command('doctor')
    .description('check every part that a campaign needs, and name the remedy')
    .option('--json', 'the findings as JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const [installed, database, server] = await Promise.all([
        examineInstallation(environment),
        checkDatabase(environment.databaseUrl ?? databasePath(environment.home)),
        checkNamedServer(environment),
      ]);
      // A server that is named takes the place of the embedded one.
      const others = installed.filter(({ name }) => server === undefined || name !== temporalServer.name);
      const named = server === undefined ? [] : [{ name: temporalServer.name, ...server }];
      const parts = [...others, { name: 'database', ...database }, ...named];
      answer(options, { parts }, () => renderParts(parts));
      const failed = parts.filter((part) => part.status === 'fail');
      if (failed.length > 0)
        throw new CommandFailure(`${failed.length} of ${parts.length} parts are missing or broken`);
    });
}

/** A line a part; its remedy, if there is one, below. */
export function renderParts(parts: readonly CheckedPart[]): string {
  const width = Math.max(...parts.map((part) => part.name.length));
  const lines = parts.flatMap(({ name, status, detail, remedy }) => [
    `${status.padEnd(4)}  ${name.padEnd(width)}  ${detail}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(width + 8)}to do: ${remedy}`]),
  ]);
  return lines.join('\n');
}
