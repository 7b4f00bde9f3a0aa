#!/usr/bin/env node
// The command as npm links it: TypeScript is run as it stands, without a build.
import { register } from 'tsx/esm/api';

register();
const { runCli } = await import('./whencode.ts');
await runCli(process.argv);
