/**
 * Each tracker's own library, in its mode without a server: what a reader of that tracker sees of two batches. The first
 * run of a machine installs the libraries.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installTracker } from '../../../infra/setup/tracker-python.mjs';
import { readEnvironment } from '../../../src/config/environment.ts';
import { TRACKER_NAMES, type TrackerName } from '../../../src/config/tracker-names.ts';
import { sendBatch } from '../../../src/outbox/send-batch.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const INSTALL_LIMIT_MS = 600_000;
const { cacheDirectory } = readEnvironment();
const run = promisify(execFile);

/** Python that prints `{"train/loss": [[1, 0.5], [2, 0.25]], …}` of the run `math` in the folder of its argument. */
const READERS: Readonly<Record<TrackerName, string>> = {
  tensorboard: `
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(folder + "/math"); events.Reload()
from tensorboard.util.tensor_util import make_ndarray
found = {tag: [[e.step, float(make_ndarray(e.tensor_proto))] for e in events.Tensors(tag)] for tag in events.Tags()["tensors"]}
`,
  mlflow: `
from mlflow.tracking import MlflowClient
client = MlflowClient(tracking_uri="sqlite:///" + folder + "/mlflow.db")
[one] = client.search_runs([client.get_experiment_by_name("whencode").experiment_id])
assert one.data.params["train.epochs"] == "2" and one.info.status == "FINISHED", one
found = {key: [[m.step, m.value] for m in client.get_metric_history(one.info.run_id, key)] for key in one.data.metrics}
`,
  trackio: `
import os, sqlite3, glob
[path] = [p for p in glob.glob(folder + "/*.db")]
found = {}
for step, metrics in sqlite3.connect(path).execute("select step, metrics from metrics where run_name = 'math' order by id"):
    values = metrics if isinstance(metrics, dict) else json.loads(metrics)
    for key, value in values.items():
        if isinstance(value, (int, float)): found.setdefault(key, []).append([step, value])
`,
  wandb: `
import glob, struct
from wandb.proto import wandb_internal_pb2
def records(data):
    # Blocks of 32 kB with records or parts of them (1 whole, 2 first, 3 middle, 4 last), as in LevelDB's log.
    at, whole = 7, b""
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7: at += left; continue
        length, kind = struct.unpack("<HB", data[at + 4 : at + 7])
        part = data[at + 7 : at + 7 + length]; at += 7 + length
        whole = part if kind in (1, 2) else whole + part
        if kind in (1, 4): yield whole
found = {}
for path in sorted(glob.glob(folder + "/wandb/offline-run-*/*.wandb")):
    for data in records(open(path, "rb").read()):
        record = wandb_internal_pb2.Record(); record.ParseFromString(data)
        if record.WhichOneof("record_type") != "history": continue
        values = {(i.key or "/".join(i.nested_key)): json.loads(i.value_json) for i in record.history.item}
        for key, value in values.items():
            if key.startswith(("train", "eval")): found.setdefault(key, []).append([values["update"], value])
`,
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'whencode-trackers-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

it.each(TRACKER_NAMES)(
  '%s has every figure of a run that was sent in two batches',
  async (tracker) => {
    const python = await installTracker({ root: ROOT, cacheDirectory }, tracker);
    const environment = { PATH: process.env.PATH ?? '', HOME: directory, WANDB_MODE: 'offline' };
    const folder = join(directory, tracker);
    const of = {
      tracker,
      project: 'whencode',
      id: 'math-1',
      name: 'math',
      directory: folder,
      config: { train: { epochs: 2 } },
    };
    const update = (step: number, loss: number) => ({
      step,
      time: 1_780_000_000 + step,
      metrics: { 'train/loss': loss },
    });
    const signal = AbortSignal.timeout(INSTALL_LIMIT_MS);
    await sendBatch(python, environment, { run: of, records: [update(1, 0.5), update(2, 0.25)], ended: false }, signal);
    const evaluated = { step: 2, time: 1_780_000_009, metrics: { 'eval/held-out/accuracy/auto': 0.75 } };
    await sendBatch(python, environment, { run: of, records: [evaluated, update(3, 0.125)], ended: true }, signal);
    const reader = `import json, sys\nfolder = sys.argv[1]\n${READERS[tracker]}\nprint(json.dumps(found))`;
    const { stdout } = await run(python, ['-s', '-c', reader, folder], {
      env: { ...environment, TRACKIO_DIR: folder },
    });
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      'train/loss': [
        [1, 0.5],
        [2, 0.25],
        [3, 0.125],
      ],
      'eval/held-out/accuracy/auto': [[2, 0.75]],
    });
  },
  INSTALL_LIMIT_MS,
);

it('mlflow keeps an address of its own, relative to the folder, and gives it no place for artifacts of this machine', async () => {
  const python = await installTracker({ root: ROOT, cacheDirectory }, 'mlflow');
  const folder = join(directory, 'addressed');
  const of = {
    tracker: 'mlflow',
    project: 'whencode',
    id: 'math-1',
    name: 'math',
    directory: folder,
    config: {},
  } as const;
  const environment = { PATH: process.env.PATH ?? '', HOME: directory, MLFLOW_TRACKING_URI: 'sqlite:///own.db' };
  await sendBatch(python, environment, { run: of, records: [], ended: true }, AbortSignal.timeout(INSTALL_LIMIT_MS));
  const reader = `
from mlflow.tracking import MlflowClient
print(MlflowClient(tracking_uri="sqlite:///own.db").get_experiment_by_name("whencode").artifact_location)`;
  const { stdout } = await run(python, ['-s', '-c', reader], { env: environment, cwd: folder });
  expect(stdout.trim()).not.toBe('');
  expect(stdout.trim()).not.toBe(join(folder, 'artifacts'));
}, 600_000);

it('a library that does not take the records fails with its own words', async () => {
  const python = await installTracker({ root: ROOT, cacheDirectory }, 'mlflow');
  const batch = {
    run: { tracker: 'mlflow', project: 'whencode', id: 'math-1', name: 'math', directory, config: {} },
    records: [],
    ended: false,
  } as const;
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:1',
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
  };
  await expect(sendBatch(python, environment, batch, AbortSignal.timeout(120_000))).rejects.toThrow(
    /its library ended with 1: .+/,
  );
});
