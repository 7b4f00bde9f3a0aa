#!/usr/bin/env node
// The command as npm links it: TypeScript is run as it stands, without a build.
let tsx;
try {
  tsx = await import('tsx/esm/api');
} catch {
  console.error('the npm packages are not installed; run `npm run setup` in the folder of the project');
  process.exit(1);
}
tsx.register();
const { runCli } = await import('./whencode.ts');
await runCli(process.argv);
