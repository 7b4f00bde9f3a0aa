/** Started by a test as a process of its own, which is then killed: opens a sandbox, prints its owner, waits busily. */
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { ownerName } from '../../../src/sandbox/owner.ts';

createSandbox({ slots: 1 }).then(
  async (sandbox) => {
    const running = sandbox.run([{ id: '1', previousBlocks: [], code: 'import time; time.sleep(9)', seed: 1 }]);
    process.stdout.write(`${ownerName()}\n`);
    await running;
  },
  (error) => {
    throw error;
  },
);
