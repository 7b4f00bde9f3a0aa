/** `whencode report trackers` and `resend`: what experiment trackers have of a campaign. */
import { type Command, Option } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { TRACKER_NAMES, type TrackerName } from '../config/tracker-names.ts';
import { clientCommand } from './client-command.ts';
import { renderTable } from './table.ts';

export function addTrackerCommands(report: Command): void {
  clientCommand(
    report.command('trackers').description('how far each experiment tracker of a campaign is').argument('<campaign>'),
    (id: string) => async (api) => {
      const { trackers } = await ask(api.campaigns[':id'].report.$get({ param: inPath({ id }) }));
      const rows = trackers.map(({ tracker, position, generation, failure }) => [
        tracker,
        position === undefined ? 'nothing yet' : `${id}/${position.iteration}, ${position.part}`,
        `${generation}`,
        failure ?? '–',
      ]);
      const none = `${id} reports to no tracker; the setting report of its file names them`;
      return {
        json: trackers,
        text: rows.length === 0 ? none : renderTable(['tracker', 'has all up to', 'run', 'last failure'], rows),
      };
    },
  );

  clientCommand(
    report
      .command('resend')
      .description('send all figures to the trackers again, as a new run; what is stored is the source')
      .argument('<campaign>')
      .addOption(new Option('--to <tracker>', 'one of the trackers; default: all').choices(TRACKER_NAMES)),
    (id: string, { to }: { to?: TrackerName }) =>
      async (api) => {
        const body = to === undefined ? {} : { tracker: to };
        const json = await ask(api.campaigns[':id'].report.resend.$post({ param: inPath({ id }), json: body }));
        return { json, text: `${id} is sent again to ${json.trackers.join(', ')}; \`whencode report trackers ${id}\`` };
      },
  );
}
