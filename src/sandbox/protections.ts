/** The protections that confine a snippet, and the probe that verifies them from inside. */

/** Protections that tests can switch off one at a time, to show what each of them stops. */
export const PROTECTIONS = ['uid', 'seccomp', 'network', 'read-only', 'processes', 'memory', 'files'] as const;
export type Protection = (typeof PROTECTIONS)[number];

/** Runs as a snippet in every new container and prints one JSON object for `missingProtections`. */
export const PROBE_SNIPPET = `
import json, os, socket, sys, numpy, sympy
fields = dict(line.rstrip('\\n').split(':\\t', 1) for line in open('/proc/self/status') if ':\\t' in line)
def fails(action):
    try:
        action()
    except OSError:
        return True
    return False
print(json.dumps({
    'user': os.getuid(), 'capabilities': int(fields['CapEff'], 16) | int(fields['CapPrm'], 16),
    'seccomp': fields['Seccomp'], 'noNewPrivileges': fields['NoNewPrivs'],
    'networkRefused': fails(lambda: socket.socket(socket.AF_INET)),
    'interfaces': [line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line],
    'rootRefused': fails(lambda: open('/whencode-probe', 'w')),
    'versions': {'python': sys.version.split()[0], 'sympy': sympy.__version__, 'numpy': numpy.__version__},
}))
`;

export interface ProbeFindings {
  readonly missing: readonly string[];
  /** e.g. `python 3.11.2, sympy 1.11.1, numpy 1.24.2`. */
  readonly versions: string;
}

/** The protections that are not in force according to the probe's output. Unreadable output counts as none in force. */
export function readProbe(output: string): ProbeFindings {
  const probe = parseProbe(output);
  if (probe === undefined) return { missing: ['an answer of the probe'], versions: 'unknown' };
  const checks: [boolean, string][] = [
    [probe.user !== 0, 'an own user without rights'],
    [probe.capabilities === 0, 'no capabilities'],
    [probe.seccomp === '2' && probe.noNewPrivileges === '1', 'the filter of system calls'],
    [probe.networkRefused === true, 'refused network sockets'],
    [Array.isArray(probe.interfaces) && probe.interfaces.join() === 'lo', 'no network interface'],
    [probe.rootRefused === true, 'a read-only file system'],
  ];
  const versions = Object.entries(probe.versions ?? {}).map(([name, version]) => `${name} ${String(version)}`);
  return { missing: checks.filter(([holds]) => !holds).map(([, name]) => name), versions: versions.join(', ') };
}

function parseProbe(output: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
