/** Parts of the program in the container, run as a snippet with the sources of the files: it needs no other Python. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import type { DockerSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { openSandbox, runCode } from './open-sandbox.ts';

let sandbox: DockerSandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});

const source = (...files: string[]) =>
  files.map((file) => readFileSync(new URL(`../../../src/sandbox/python/${file}`, import.meta.url), 'utf8')).join('\n');

async function passes(code: string): Promise<void> {
  expect(await runCode(sandbox, `${code}\nprint("passed")`)).toMatchObject({ stdout: 'passed\n', stderr: '' });
}

/** Executes the filter as the kernel does, for every call number and some arguments. */
const INTERPRET = `
def decide(program, audit, number, arguments):
    data = {0: number, 4: audit, **{16 + 8 * i: a & 0xFFFFFFFF for i, a in enumerate(arguments)}}
    at, register = 0, 0
    while True:
        code, true, false, k = program[at]
        if code == 0x20: register = data[k]
        elif code == 0x06: return k
        else:
            holds = register == k if code == 0x15 else register >= k if code == 0x35 else register & k != 0
            at += true if holds else false
        at += 1
ALLOW, EPERM, ENOTTY, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x50019, 0x50026, 0x80000000
for machine, (audit, column) in ARCHITECTURES.items():
    program = build_filter(machine)
    assert len(program) < 4096 and all(jump < 256 for _, a, b, _ in program for jump in (a, b))
    special = {numbers[column] for numbers, _, _ in ALLOWED_BY_ARGUMENT.values()} | {CLONE[column]}
    allowed = {numbers[column] for numbers in ALLOWED_CALLS.values()}
    for number in [*range(1000), 0x40000000 + 41, 0xFFFFFFFF]:
        verdict = decide(program, audit, number, [0] * 6)
        if number in special: continue
        assert verdict == (ALLOW if number in allowed else ENOSYS if number >= 424 else EPERM), (machine, number, verdict)
    for name, (numbers, index, values) in ALLOWED_BY_ARGUMENT.items():
        for value in [*range(64), *values, 0x5412, 0x541C]:
            arguments = [7] * 6
            arguments[index] = value
            refusal = ENOTTY if name == 'ioctl' else EPERM
            assert decide(program, audit, numbers[column], arguments) == (ALLOW if value in values else refusal), (name, value)
    for bit in range(32):
        expected = EPERM if 1 << bit & 0x7E020000 else ALLOW
        assert decide(program, audit, CLONE[column], [1 << bit] + [0] * 5) == expected, bit
    assert decide(program, 0x40000003, 0, [0] * 6) == KILL
`;

it('the filter of system calls lets through what is named and nothing else, on both architectures', () =>
  passes(`import ctypes, os, struct\n${source('seccomp.py')}\n${INTERPRET}`));

it('counters are read from the files of cgroup v1 and v2 (v2 by recorded text)', () =>
  passes(`
import os, time
read_text = lambda path: ''
${source('accounting.py')}
assert parse_cpu_stat_ns('usage_usec 1234567\\nuser_usec 1000000\\nsystem_usec 234567\\n') == 1_234_567_000
assert parse_oom_kills('low 0\\nhigh 0\\nmax 12\\noom 3\\noom_kill 2\\noom_group_kill 0\\n') == 2
assert parse_oom_kills('oom_kill_disable 0\\nunder_oom 0\\noom_kill 5\\n') == 5
assert parse_cpu_stat_ns('') == 0 and parse_oom_kills('') == 0`));

it('a capture equals the same done on the whole stream, however it comes in pieces', () =>
  passes(`
import os, random
${source('output.py')}
rng = random.Random(5)
for _ in range(1500):
    limit = rng.randrange(4, 200)
    text = ''.join(rng.choice('aé€😀\\0') for _ in range(rng.randrange(150))).encode()
    if rng.random() < .3: text = bytes(rng.randrange(256) for _ in range(rng.randrange(400)))
    capture, at = Capture(limit), 0
    while at < len(text):
        size = rng.randrange(1, 60)
        capture.add(text[at:at + size]); at += size
    shown = capture.text()
    assert capture.total == len(text)
    if len(text) <= limit:
        assert shown == decode(text)
        continue
    head, tail = trim_end(text[:limit - limit // 4]), trim_start(text[-(limit // 4):])
    assert shown == f'{decode(head)}\\n[... {len(text) - len(head) - len(tail)} bytes left out ...]\\n{decode(tail)}'
    try:
        text.decode()
    except UnicodeDecodeError:
        continue
    assert '\\\\x' not in shown.replace('\\\\x00', ''), shown`));
