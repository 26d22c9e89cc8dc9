"""The command line: `python -m signalbox_trainer train|evaluate|latency|inspect|check-model|assess|
assess-worker [SPEC.json]`.

Exit code 0 is success; 1 is a failure, after an `error` event was written. Each command imports the heavy libraries
it needs, after the thread settings are in the environment.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from signalbox_trainer.errors import encode
from signalbox_trainer.events import EventWriter
from signalbox_trainer.specs.documents import read_document
from signalbox_trainer.specs.jobs import read_evaluate_spec, read_job, read_latency_spec, read_train_spec
from signalbox_trainer.specs.tasks import read_assess_spec, read_worker_spec

_FALLBACK_CODES = {
    "train": "training/failed",
    "evaluate": "evaluation/failed",
    "latency": "evaluation/failed",
    "inspect": "training/failed",
    "check-model": "evaluation/failed",
    "assess": "training/worker-failed",
    "assess-worker": "training/worker-failed",
}
_JOBS = ("train", "evaluate", "latency")
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
USAGE = f"usage: python -m signalbox_trainer {{{'|'.join(_FALLBACK_CODES)}}} SPEC.json"


def _prepare(threads: int) -> None:
    for name in _THREAD_VARIABLES:
        os.environ[name] = str(threads)
    # Threads that spin while they wait make histogram boosting ten times slower if another process needs a core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    os.environ.setdefault("MPLBACKEND", "Agg")


def _warn_by(events: EventWriter) -> None:
    seen: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *_where: Any, **_named: Any) -> None:
        text = f"{category.__name__}: {message}"
        if text not in seen and issubclass(category, (UserWarning, RuntimeWarning)):
            seen.add(text)
            events.warning(text)
            print(text, file=sys.stderr)

    warnings.showwarning = show


def _run_job(command: str, document: object, events: EventWriter) -> None:
    if command == "train":
        from signalbox_trainer.fitting.training import run_train

        run_train(read_train_spec(document, "spec"), events)
    elif command == "latency":
        from signalbox_trainer.evaluating.latency import run_latency

        run_latency(read_latency_spec(document, "spec"), events)
    else:
        from signalbox_trainer.evaluating.evaluation import run_evaluate

        run_evaluate(read_evaluate_spec(document, "spec"), events)


def _job(command: str, document: object) -> int:
    job = read_job(document, "spec")
    _prepare(job.threads)
    with EventWriter(job.events_path) as events:
        _warn_by(events)
        try:
            _run_job(command, document, events)
        except Exception as error:
            encoded = encode(error, _FALLBACK_CODES[command])
            events.emit("error", **encoded)
            print(f"{encoded['code']}: {encoded['message']}", file=sys.stderr)
            return 1
    return 0


def _worker(document: object) -> int:
    threads = read_worker_spec(document, "spec").threads
    _prepare(threads)
    from signalbox_trainer.assessing.worker import run_worker

    run_worker(threads)
    return 0


def _assessment(document: object, path: str) -> int:
    from signalbox_trainer.assessing.coordinator import run_assess

    run_assess(path, read_assess_spec(document, "spec").workers)
    return 0


def _question(command: str, document: object) -> int:
    _prepare(1)
    if command == "inspect":
        from signalbox_trainer.models.inspection import inspect_models as answer
    else:
        from signalbox_trainer.artifacts.checking import check_model as answer
    print(json.dumps(answer(document), ensure_ascii=False, allow_nan=False))
    return 0


def main(arguments: list[str]) -> int:
    """Runs one command; if a question fails, it prints one encoded error to standard error."""
    command = arguments[0] if arguments else ""
    is_known = command in _FALLBACK_CODES and (len(arguments) == 2 or arguments == ["inspect"])
    if not is_known:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        document = read_document(Path(arguments[1])) if len(arguments) == 2 else None
        if command in _JOBS:
            return _job(command, document)
        if command == "assess":
            return _assessment(document, arguments[1])
        if command == "assess-worker":
            return _worker(document)
        return _question(command, document)
    except Exception as error:
        print(json.dumps(encode(error, _FALLBACK_CODES[command]), ensure_ascii=False), file=sys.stderr)
        return 1
