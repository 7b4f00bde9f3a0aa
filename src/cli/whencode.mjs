#!/usr/bin/env node
// The command as npm links it.
/** @param {unknown} error */
const explain = (error) => {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (!missing) throw error;
  console.error(
    `the npm packages are not installed (${error.message}); run \`npm run setup\` in the folder of the project`,
  );
  process.exit(1);
};
const { loadEntry } = await import('../../infra/bundle.mjs');
const { runCli } = await loadEntry('whencode').catch(explain);
// After the bundle, which other users of the same folder of the project may run too.
process.umask(0o077);
await runCli(process.argv);
