/**
 * The managed server as one Python program, run with `python -I -c` in the server's folder. It does what `mlflow server
 * --workers 1` does, in one process: that command imports MLflow twice (once to migrate, once to serve), which doubles the
 * start time and the memory. Names come from the pinned MLflow; the tests start it.
 *
 * The program itself keeps the two promises that outlive whoever started it: a kernel lock on `lock` makes it the only
 * server of its folder (exit code 75 where there is one), and `server.json` says which process and port it is. It prefers
 * the port it had before, so that addresses of runs stay valid, and ends after an hour without a request.
 */
export const serverProgram = `
import fcntl, json, os, signal, socket, subprocess, sys, threading, time
idle_seconds = float(sys.argv[1])
lock = open("lock", "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    sys.exit(75)
if os.fstat(1).st_size > 20_000_000:
    os.ftruncate(1, 0)

def identity():
    try:
        stat = open("/proc/self/stat").read()
        start = stat[stat.rindex(")") + 2:].split(" ")[19]
        boot = open("/proc/sys/kernel/random/boot_id").read().strip()
    except OSError:
        run = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.strip()
        start = run("ps", "-o", "lstart=", "-p", str(os.getpid()))
        boot = run("sysctl", "-n", "kern.boottime") or "unknown"
    return {"pid": os.getpid(), "startTime": start, "bootId": boot}

def listen():
    try:
        before = json.load(open("server.json"))["port"]
    except (OSError, ValueError, KeyError):
        before = 0
    for port in (before, 0):
        # asyncio switches Nagle's algorithm off only for sockets that name TCP; with it every answer takes 40 ms more.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            return listener
        except OSError:
            listener.close()
    sys.exit("no free port on 127.0.0.1")

listener = listen()
record = {"schema": 1, "port": listener.getsockname()[1], "identity": identity(), "startedAt": int(time.time() * 1000)}
with open("server.json.new", "w") as file:
    json.dump(record, file)
    file.flush()
    os.fsync(file.fileno())
os.rename("server.json.new", "server.json")
folder = os.open(".", os.O_RDONLY)
os.fsync(folder)
os.close(folder)

def stop_when_idle():
    # Every request writes a line of the access log: the log's age is the time since the last one.
    while time.time() - os.fstat(1).st_mtime < idle_seconds:
        time.sleep(min(30, idle_seconds / 4))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
    os._exit(0)

from mlflow import server
store = "sqlite:///mlflow.db"
os.makedirs("artifacts", exist_ok=True)
os.environ.update({
    server.BACKEND_STORE_URI_ENV_VAR: store,
    server.REGISTRY_STORE_URI_ENV_VAR: store,
    server.ARTIFACT_ROOT_ENV_VAR: "mlflow-artifacts:/",
    server.ARTIFACTS_DESTINATION_ENV_VAR: os.path.join(os.getcwd(), "artifacts"),
    server.SERVE_ARTIFACTS_ENV_VAR: "true",
})
from mlflow.server.handlers import initialize_backend_stores
initialize_backend_stores(store, store, "mlflow-artifacts:/")
from mlflow.server.fastapi_app import app
import uvicorn
log = os.path.join(os.path.dirname(server.__file__), "uvicorn_log_config.yaml")
threading.Thread(target=stop_when_idle, daemon=True).start()
uvicorn.Server(uvicorn.Config(app, log_config=log, timeout_graceful_shutdown=5)).run(sockets=[listener])
`;

/** What the program exits with where its folder has a server already. */
export const alreadyServedExitCode = 75;
