import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '../../infra/setup/chromium.mjs';
import { dockerEngine } from '../../infra/setup/docker-engine.mjs';
import { npmPackages } from '../../infra/setup/npm-packages.mjs';
import { sandboxImage } from '../../infra/setup/sandbox-image.mjs';
import { temporalServer } from '../../infra/setup/temporal-server.mjs';
import { trainerPython } from '../../infra/setup/trainer-python.mjs';
import type { Finding, SetupContext } from '../../infra/setup/types.d.ts';
import type { Environment } from '../config/environment.ts';
import { checkSandboxHolds } from './canaries.ts';
import {
  checkDataDirectory,
  checkExposure,
  checkFreeSpace,
  checkHomePrivate,
  checkNode,
  checkSandboxLimits,
  checkTrainerImports,
} from './machine.ts';
import { checkStore } from './store.ts';

export interface CheckedPart extends Finding {
  readonly name: string;
}

/** Checks all parts that a campaign needs, concurrently and without changes. */
export function examineInstallation(environment: Environment): Promise<CheckedPart[]> {
  const context = toSetupContext(environment);
  const parts = [npmPackages, temporalServer, dockerEngine, sandboxImage, trainerPython, chromium];
  const findings: [string, Promise<Finding> | Finding][] = [
    ['Node', checkNode(process.versions.node)],
    ...parts.map((part): [string, Promise<Finding>] => [part.name, part.check(context)]),
    ['trainer packages', checkTrainerImports(context)],
    ['sandbox limits', checkSandboxLimits(context)],
    ['sandbox canaries', checkSandboxHolds(environment.sandboxHosts)],
    ['sandbox hosts', checkExposure(environment.sandboxHosts)],
    ['home folder', checkHomePrivate(environment.home)],
    ['disk', checkFreeSpace(environment.home)],
    ['artifact store', checkStore(environment)],
    ['data sets', checkDataDirectory(environment.dataDirectory)],
  ];
  return Promise.all(findings.map(async ([name, finding]) => ({ name, ...(await finding) })));
}

/** Settings of the checks of set-up. */
export function toSetupContext({ cacheDirectory, python, temporal, dockerHost }: Environment): SetupContext {
  return {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    cacheDirectory,
    python,
    pythonIsGiven: python !== join(cacheDirectory, 'trainer', 'bin', 'python'),
    temporal,
    temporalIsGiven: temporal !== join(cacheDirectory, 'temporal', 'bin', 'temporal'),
    dockerHost,
  };
}
