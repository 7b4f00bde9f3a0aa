"""python -m whencode_trainer JOB.json [RANK RENDEZVOUS_FILE] — exit codes: 0 done, 1 failed, 2 wrong use, 3 refused, 4 parent gone."""

import sys
import traceback

from .job import CreateModelJob, ProbeJob, TrainJob, read_job
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

from .ranks import Ranks, Seat


def main(arguments):
    if len(arguments) not in (1, 3):
        print(__doc__, file=sys.stderr)
        return EXIT_WRONG_USE
    hold_lifeline()
    is_first = len(arguments) == 1
    events = Events(None if is_first else ("refused", "failed"))
    ranks = None
    try:
        job = read_job(arguments[0])
        size = job.options.gpus or 1 if isinstance(job, TrainJob) else 1
        if not is_first:
            seat = Seat(int(arguments[1]), size, arguments[2])
        elif size > 1:
            ranks = Ranks(arguments[0], size, events)
            seat = ranks.seat
        else:
            seat = Seat()
        if isinstance(job, CreateModelJob):
            from .create_model import create_model

            create_model(job, events)
        elif isinstance(job, ProbeJob):
            from .probe_run import run_probe

            run_probe(job, events)
        else:
            from .loop import train

            train(job, events, seat)
    except Refusal as refusal:
        events.emit("refused", reason=str(refusal), details=refusal.details)
        return EXIT_REFUSED
    except Failure as failure:
        events.emit("failed", reason=str(failure))
        return EXIT_FAILED
    except Exception as error:
        traceback.print_exc()
        if ranks is not None:
            ranks.end_like_others(error)
        events.emit("failed", reason=f"{type(error).__name__}: {error}")
        return EXIT_FAILED
    finally:
        if ranks is not None:
            ranks.close()
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
