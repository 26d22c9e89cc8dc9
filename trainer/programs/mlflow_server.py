"""The managed MLflow server: `python -I mlflow_server.py IDLE_SECONDS`, started in the server's folder.

It does what `mlflow server --workers 1` does, in one process: that command imports MLflow twice (once to migrate, once
to serve), which doubles the start time and the memory. Names come from the pinned MLflow; the tests start it.

The program itself guarantees what must hold after its starter has ended: a kernel lock on `server.lock` makes it the
only server of its folder (exit code 75 if there is one already), and `server.json` names its process, port and id.
Every response carries the id, because another folder's server may have the port by then. It prefers its previous port,
so that addresses of runs stay valid, and exits after an hour without a request.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

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
    return {"pid": os.getpid(), "startTime": start, "bootId": boot, "namespace": namespace(), "host": host()}


def namespace() -> str:
    """Where the pid counts: a container has a PID namespace of its own."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def host() -> str:
    """The machine, over its boots."""
    try:
        machine = Path("/etc/machine-id").read_text().strip()
    except OSError:
        machine = ""
    return machine or socket.gethostname()


def hold_lock() -> sqlite3.Connection | None:
    """Holds the folder's lock while the connection is open; None if another process does.

    An SQLite transaction is the one lock that the workbench, which asks whether it is held, can see as well.
    """
    # Who only looks whether it is held has it for a moment.
    connection = sqlite3.connect("server.lock", timeout=0.5, isolation_level=None)
    try:
        # Nothing is written, and a killed holder is to leave nothing to be rolled back.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return None
        raise
    return connection


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


def write_record(listener: socket.socket, server_id: str) -> None:
    """Writes `server.json` atomically."""
    lock = Path("server.lock").stat()
    record = {
        "schema": 2,
        "id": server_id,
        "lock": f"{lock.st_dev}-{lock.st_ino}",
        "port": listener.getsockname()[1],
        "folder": str(Path.cwd()),
        "identity": identity(),
        "startedAt": int(time.time() * 1000),
    }
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


def named(app: Any, server_id: str) -> Any:
    """The ASGI application with the server's id in the head of each response."""
    header = (b"x-signalbox-server", server_id.encode())

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_named(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), header]}
            await send(message)

        await app(scope, receive, send_named)

    return answer


def serve(listener: socket.socket, server_id: str, idle_seconds: float) -> None:
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
    config = uvicorn.Config(named(app, server_id), log_config=str(log_config), timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Holds the folder's lock while it serves."""
    lock = hold_lock()
    if lock is None:
        sys.exit(ALREADY_SERVED)
    if os.fstat(LOG).st_size > LARGEST_LOG_BYTES:
        os.ftruncate(LOG, 0)
    listener = listen()
    server_id = secrets.token_hex(16)
    write_record(listener, server_id)
    serve(listener, server_id, float(sys.argv[1]))
    lock.close()


if __name__ == "__main__":
    main()
