"""python -m whencode_trainer JOB.json — exit codes: 0 done, 1 failed, 2 wrong use, 3 refused, 4 parent gone."""

import sys
import traceback

from .job import CreateModelJob, ProbeJob, read_job
from .progress import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_REFUSED,
    EXIT_WRONG_USE,
    Events,
    Failure,
    Refusal,
    hold_lifeline,
)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return EXIT_WRONG_USE
    hold_lifeline()
    events = Events()
    try:
        job = read_job(arguments[0])
        if isinstance(job, CreateModelJob):
            from .create_model import create_model

            create_model(job, events)
        elif isinstance(job, ProbeJob):
            from .probe_run import run_probe

            run_probe(job, events)
        else:
            from .loop import train

            train(job, events)
    except Refusal as refusal:
        events.emit("refused", reason=str(refusal), details=refusal.details)
        return EXIT_REFUSED
    except Failure as failure:
        events.emit("failed", reason=str(failure))
        return EXIT_FAILED
    except Exception as error:
        traceback.print_exc()
        events.emit("failed", reason=f"{type(error).__name__}: {error}")
        return EXIT_FAILED
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
