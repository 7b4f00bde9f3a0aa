/** Commands that talk to the control process: check, connect, ask, print. */
import type { Command } from 'commander';
import type { ApiClient } from '../api/client.ts';
import { answer, apiOf } from './context.ts';
import { CommandFailure } from './exit.ts';
import { JSON_OPTION, type JsonOption } from './options.ts';

export interface Answer {
  /** What `--json` prints. */
  readonly json: unknown;
  /** What people read. */
  readonly text: string;
  /** Why the command fails (exit code 1) although there is an answer to print. */
  readonly failure?: string | undefined;
}

/** Asks the routes of the API. */
export type Ask = (api: ApiClient) => Promise<Answer>;

/**
 * Adds `--json` and the action to a command.
 *
 * @param prepare - Takes the arguments and options as commander gives them. What it throws is thrown before the command
 *   connects, so bad input is refused without a running stack too
 * @example
 * clientCommand(campaign.command('list'), () => async (api) => {
 *   const { campaigns } = await ask(api.campaigns.$get());
 *   return { json: campaigns, text: renderCampaigns(campaigns) };
 * });
 */
export function clientCommand<Given extends readonly unknown[]>(
  command: Command,
  prepare: (...given: Given) => Ask | Promise<Ask>,
): void {
  command.option(...JSON_OPTION).action(async (...given: unknown[]) => {
    const askServer = await prepare(...(given.slice(0, -1) as unknown as Given));
    const { json, text, failure } = await askServer(await apiOf(command));
    answer(command.opts<JsonOption>(), json, () => text);
    if (failure !== undefined) throw new CommandFailure(failure);
  });
}
