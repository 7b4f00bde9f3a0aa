/** Starts the browser of the person at this machine. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { replaceFile } from '../formats/durable-file.ts';

/**
 * Opens a link through a file in the home folder that leads there: other users can read the arguments of a program, and
 * the link opens a session.
 *
 * @returns false where the program that opens files is missing
 */
export async function openBrowser(home: string, link: string, opener = openerOf(process.platform)): Promise<boolean> {
  const file = join(home, 'open.html');
  await replaceFile(file, pageTo(link), 0o600);
  return new Promise((resolve) => {
    const child = spawn(opener, [file], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

const openerOf = (platform: NodeJS.Platform): string => (platform === 'darwin' ? 'open' : 'xdg-open');

/** Links have letters, digits and `-_./:` alone. */
const pageTo = (link: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Whencode</title><meta http-equiv="refresh" content="0; url=${encodeURI(link)}">\n`;
