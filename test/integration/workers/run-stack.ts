/** A supervisor to be killed: starts the stack on the given home folder and waits. */
import { readEnvironment } from '../../../src/config/environment.ts';
import { startStack } from '../../../src/workers/stack.ts';

const [home = ''] = process.argv.slice(2);
await startStack({ home, temporal: readEnvironment().temporal });
