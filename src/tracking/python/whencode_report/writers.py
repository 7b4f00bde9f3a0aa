"""One class for each tracker. A step is the number of updates of the campaign so far, a time is seconds since 1970."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, TypedDict


class Run(TypedDict):
    tracker: str
    project: str
    # Identifies the run in an account; the name is for people.
    id: str
    name: str
    # Folder for what the tracker keeps on this machine.
    directory: str
    config: dict[str, object]


class Record(TypedDict):
    step: int
    time: float
    metrics: dict[str, float]


class Writer(Protocol):
    """A run with the same id continues. A record that comes again changes no curve."""

    def write(self, records: list[Record]) -> None:
        """Returns when the records are with the tracker, or in its own files."""

    def close(self, ended: bool) -> None:
        """`ended`: nothing more comes for this run."""


class TensorBoard:
    def __init__(self, run: Run) -> None:
        from tensorboard.summary import Writer as Events

        self._events = Events(str(Path(run["directory"], run["name"])))

    def write(self, records: list[Record]) -> None:
        for record in records:
            for name, value in record["metrics"].items():
                self._events.add_scalar(name, value, record["step"], wall_time=record["time"])
        self._events.flush()

    def close(self, ended: bool) -> None:
        self._events.close()


class WandB:
    """Without an API key it writes offline runs, which `wandb sync` uploads."""

    def __init__(self, run: Run) -> None:
        import wandb

        is_online = "WANDB_API_KEY" in os.environ
        mode = os.environ.get("WANDB_MODE") or ("online" if is_online else "offline")
        self._run = wandb.init(
            project=run["project"],
            id=run["id"],
            name=run["name"],
            dir=run["directory"],
            config=run["config"],
            resume="allow",
            mode=mode,
            settings=wandb.Settings(silent=True, console="off"),
        )
        self._run.define_metric("update")
        self._run.define_metric("*", step_metric="update")

    def write(self, records: list[Record]) -> None:
        for record in records:
            self._run.log({**record["metrics"], "update": record["step"]})

    def close(self, ended: bool) -> None:
        self._run.finish()


class Mlflow:
    MOST_METRICS = 1000
    LONGEST_PARAMETER = 6000

    def __init__(self, run: Run) -> None:
        from mlflow.entities import Param
        from mlflow.tracking import MlflowClient

        given = os.environ.get("MLFLOW_TRACKING_URI")
        # A server has a place for artifacts of its own.
        artifacts = None if given else str(Path(run["directory"], "artifacts"))
        self._client = MlflowClient(tracking_uri=given or f"sqlite:///{Path(run['directory'], 'mlflow.db')}")
        experiment = self._client.get_experiment_by_name(run["project"])
        experiment_id = (
            self._client.create_experiment(run["project"], artifact_location=artifacts)
            if experiment is None
            else experiment.experiment_id
        )
        found = self._client.search_runs([experiment_id], f"tags.whencode = '{run['id']}'", max_results=1)
        if found:
            self._id = found[0].info.run_id
            return
        created = self._client.create_run(experiment_id, run_name=run["name"], tags={"whencode": run["id"]})
        self._id = created.info.run_id
        params = [Param(key, str(value)[: self.LONGEST_PARAMETER]) for key, value in flat(run["config"])]
        for start in range(0, len(params), 100):
            self._client.log_batch(self._id, params=params[start : start + 100])

    def write(self, records: list[Record]) -> None:
        from mlflow.entities import Metric

        # MLflow keeps one of equal points.
        points = [
            Metric(name, value, int(record["time"] * 1000), record["step"])
            for record in records
            for name, value in record["metrics"].items()
        ]
        for start in range(0, len(points), self.MOST_METRICS):
            self._client.log_batch(self._id, metrics=points[start : start + self.MOST_METRICS])

    def close(self, ended: bool) -> None:
        if ended:
            self._client.set_terminated(self._id, "FINISHED")


class Trackio:
    """With TRACKIO_SPACE_ID it writes to that Space, else to a database in the folder."""

    def __init__(self, run: Run) -> None:
        os.environ.setdefault("TRACKIO_DIR", run["directory"])
        import trackio

        self._trackio = trackio
        space = os.environ.get("TRACKIO_SPACE_ID")
        trackio.init(
            project=run["project"],
            # Its runs have no id but their name, and several homes may share a Space.
            name=run["id"] if space else run["name"],
            config=run["config"],
            resume="allow",
            space_id=space,
            embed=False,
        )

    def write(self, records: list[Record]) -> None:
        for record in records:
            self._trackio.log(record["metrics"], step=record["step"])

    def close(self, ended: bool) -> None:
        self._trackio.finish()


WRITERS = {"tensorboard": TensorBoard, "wandb": WandB, "mlflow": Mlflow, "trackio": Trackio}


def flat(value: object, path: str = "") -> list[tuple[str, object]]:
    """`{"train": {"epochs": 2}}` as `[("train.epochs", 2)]`."""
    if not isinstance(value, dict):
        return [(path, value)]
    return [item for key, inner in value.items() for item in flat(inner, f"{path}.{key}" if path else str(key))]
