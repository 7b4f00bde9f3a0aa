/** What every command needs: where the installation is, and how to answer. */
import type { Command } from 'commander';
import { type ApiClient, type Client, connectToHome } from '../api/client.ts';
import { readEnvironment } from '../config/environment.ts';
import { print, write } from './terminal.ts';

/** Home folder of the command: `--home`, else the environment's. */
export function homeOf(command: Command): string {
  const { home } = command.optsWithGlobals<{ home?: string }>();
  return home ?? readEnvironment().home;
}

/** @throws ClientError that says how to start the stack when it is not running */
export const clientOf = (command: Command): Promise<Client> => connectToHome(homeOf(command));

/** The routes of the API. @throws ClientError as `clientOf` */
export const apiOf = async (command: Command): Promise<ApiClient> => (await clientOf(command)).api;

/** The answer as JSON for programs, or as text for people. */
export function answer(options: { readonly json?: boolean }, value: unknown, text: () => string): void {
  if (options.json === true) write(`${JSON.stringify(value, null, 2)}\n`);
  else print(text());
}
