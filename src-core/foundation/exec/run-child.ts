import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { identityOf, type ProcessIdentity } from "../files/process-identity.ts";
import { tokenVariable } from "./leftovers.ts";
import { parentDeathSignal } from "./parent-death.ts";

/**
 * Waits on its standard input, a pipe from the runner. When that closes without "done" the runner is dead: kills every
 * process with the attempt's token (children of the program too, which the kernel's signal does not reach), three times,
 * for one that was being started in that moment. Without /proc it kills the program's group.
 */
const watchdogScript = `
while read -r word value; do case $word in done) exit 0 ;; group) group=$value ;; esac; done
if [ -r /proc/self/environ ]; then
  for pause in 0 0.2 1; do
    sleep $pause
    for file in $(grep -lsF "$1" /proc/[0-9]*/environ); do
      pid=\${file#/proc/}
      kill -KILL "\${pid%/environ}"
    done
  done
elif [ -n "$group" ]; then kill -KILL -- "-$group"; fi
`;

/** Survives the runner on purpose; `release` ends it. Its own argv holds the token, its environment doesn't. */
function startWatchdog(token: string): { follow: (group: number) => void; release: () => Promise<void> } {
  const watchdog = spawn("/bin/sh", ["-c", watchdogScript, "sh", `${tokenVariable}=${token}`], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
  });
  watchdog.on("error", () => undefined);
  watchdog.stdin.on("error", () => undefined);
  return {
    follow: (group) => watchdog.stdin.write(`group ${group}\n`),
    release: () => new Promise((resolve) => watchdog.stdin.end("done\n", () => resolve())),
  };
}

export interface ChildRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly token: string;
  readonly outputLog: string;
  /** Its standard input and output are those of this process; only its errors go to the log. */
  readonly isChannel: boolean;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set where the program could not be started. */
  readonly error?: string;
}

export interface RunningChild {
  /** Undefined where it could not be started. */
  readonly identity: ProcessIdentity | undefined;
  readonly end: Promise<ChildEnd>;
  /** Signals the program's group; false once it has ended. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
  readonly release: () => Promise<void>;
}

/** Starts the program in a session and group of its own. It writes to the log itself: the runner copies nothing. */
export function startChild(request: ChildRequest): RunningChild {
  const watchdog = startWatchdog(request.token);
  const log = openSync(request.outputLog, "a", 0o644);
  let child: ChildProcess;
  try {
    const [program = "", ...rest] = [...parentDeathSignal(), ...request.argv];
    child = spawn(program, rest, {
      cwd: request.cwd,
      env: { ...request.env, [tokenVariable]: request.token },
      detached: true,
      stdio: request.isChannel ? ["inherit", "inherit", log] : ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
  const end = new Promise<ChildEnd>((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  if (child.pid !== undefined) watchdog.follow(child.pid);
  return {
    identity: child.pid === undefined ? undefined : identityOf(child.pid),
    end,
    // Until its exit is seen the program is our unreaped child, so its number can't be another's.
    signal: (signal) => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
      try {
        process.kill(-child.pid, signal);
        return true;
      } catch {
        return false;
      }
    },
    release: watchdog.release,
  };
}
