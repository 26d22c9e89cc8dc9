import { Worker } from "node:worker_threads";
import { cancelled, decodeError } from "../../contract/errors.ts";
import { entryPoint } from "../files/entry-points.ts";

/** How long (ms) an idle thread waits for work before it ends: starting one takes about 30 ms. */
const idleMs = 2_000;

const idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout }[] = [];

/** A thread for hashing. `giveBack` returns it to the pool; after a failure it is ended. */
export function borrowThread(): Worker {
  const waiting = idle.pop();
  if (waiting) {
    clearTimeout(waiting.timer);
    waiting.worker.ref();
    return waiting.worker;
  }
  return new Worker(entryPoint("hash-worker"));
}

export function giveBack(worker: Worker): void {
  const timer = setTimeout(() => {
    const at = idle.findIndex((one) => one.worker === worker);
    if (at >= 0) idle.splice(at, 1);
    void worker.terminate();
  }, idleMs);
  timer.unref();
  worker.unref();
  idle.push({ worker, timer });
}

export interface Question {
  readonly message: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Sends one request and waits for its answer. @throws the thread's error, internal/cancelled */
export function ask(worker: Worker, { message, signal, onBytes }: Question): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      signal?.removeEventListener("abort", onAbort);
      settle();
    };
    const onMessage = (answer: { kind: string; bytes?: number; value?: unknown; error?: unknown }) => {
      if (answer.kind === "progress") onBytes?.(answer.bytes ?? 0);
      else if (answer.kind === "done") finish(() => resolve(answer.value));
      else finish(() => reject(decodeError(answer.error)));
    };
    const onError = (error: unknown) => finish(() => reject(error));
    const onExit = () => finish(() => reject(new Error("A hashing thread ended before it answered.")));
    const onAbort = () => finish(() => reject(cancelled()));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    worker.postMessage(message);
  });
}
