/** A process that serves a home folder of its own until it is killed. Prints the home folder. */
import { openTestHttp } from '../../support/http.ts';

const { home } = await openTestHttp();
process.stdout.write(`${home}\n`);
