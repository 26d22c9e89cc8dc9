"""The managed MLflow server: `python -I mlflow_server.py IDLE_SECONDS`, started in the server's folder.

It does what `mlflow server --workers 1` does, in one process: that command imports MLflow twice (once to migrate, once
to serve), which doubles the start time and the memory. Names come from the pinned MLflow; the tests start it.

The program itself guarantees what must hold after its starter has ended: a kernel lock on `lock` makes it the only
server of its folder (exit code 75 if there is one already), and `server.json` names its process and port. It prefers
its previous port, so that addresses of runs stay valid, and exits after an hour without a request.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ALREADY_SERVED = 75
LARGEST_LOG_BYTES = 20_000_000
# The workbench passes its log as standard output.
LOG = 1


def ran(*command: str) -> str:
    """The standard output of a command."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def identity() -> dict[str, object]:
    """Distinguishes this process from a later one with the same pid."""
    try:
        stat = Path("/proc/self/stat").read_text()
        start = stat[stat.rindex(")") + 2 :].split(" ")[19]
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        start = ran("ps", "-o", "lstart=", "-p", str(os.getpid()))
        boot = ran("sysctl", "-n", "kern.boottime") or "unknown"
    return {"pid": os.getpid(), "startTime": start, "bootId": boot}


def port_before() -> int:
    """The port of the folder's last server; 0, which means any, if there was none."""
    try:
        return int(json.loads(Path("server.json").read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def listen() -> socket.socket:
    """Binds a socket on loopback, which isn't listening yet."""
    for port in (port_before(), 0):
        # asyncio switches Nagle's algorithm off only for sockets that name TCP; it delays every response by 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            return listener
        except (OSError, OverflowError):
            listener.close()
    sys.exit("There is no free port on 127.0.0.1.")


def write_record(listener: socket.socket) -> None:
    """Writes `server.json` atomically."""
    port = listener.getsockname()[1]
    record = {"schema": 1, "port": port, "identity": identity(), "startedAt": int(time.time() * 1000)}
    fresh = Path("server.json.new")
    with fresh.open("w") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename("server.json")
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def stop_when_idle(idle_seconds: float) -> None:
    """Ends the process after so many seconds without a request."""
    # Every request writes a line of the access log, so the log's age is the time since the last request.
    while time.time() - os.fstat(LOG).st_mtime < idle_seconds:
        time.sleep(min(30, idle_seconds / 4))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
    os._exit(0)


def serve(listener: socket.socket, idle_seconds: float) -> None:
    """Serves until it is stopped."""
    from mlflow import server

    store = "sqlite:///mlflow.db"
    artifacts = Path("artifacts").absolute()
    artifacts.mkdir(exist_ok=True)
    os.environ.update(
        {
            server.BACKEND_STORE_URI_ENV_VAR: store,
            server.REGISTRY_STORE_URI_ENV_VAR: store,
            server.ARTIFACT_ROOT_ENV_VAR: "mlflow-artifacts:/",
            # MLflow takes it for an address and decodes it: as one, `%20` in a folder's name stays what it is.
            server.ARTIFACTS_DESTINATION_ENV_VAR: artifacts.as_uri(),
            server.SERVE_ARTIFACTS_ENV_VAR: "true",
        }
    )
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(store, store, "mlflow-artifacts:/")
    import uvicorn
    from mlflow.server.fastapi_app import app

    log_config = Path(server.__file__).parent / "uvicorn_log_config.yaml"
    threading.Thread(target=stop_when_idle, args=(idle_seconds,), daemon=True).start()
    uvicorn.Server(uvicorn.Config(app, log_config=str(log_config), timeout_graceful_shutdown=5)).run(sockets=[listener])


def main() -> None:
    """Holds the folder's lock while it serves."""
    with Path("lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(ALREADY_SERVED)
        if os.fstat(LOG).st_size > LARGEST_LOG_BYTES:
            os.ftruncate(LOG, 0)
        listener = listen()
        write_record(listener)
        serve(listener, float(sys.argv[1]))


if __name__ == "__main__":
    main()
