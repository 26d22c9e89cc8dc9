import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { AppError, cancelled, decodeError } from "../../contract/errors.ts";
import { entryPoint } from "../files/entry-points.ts";
import { prepareJob, type ReplicateJob, type ReplicateValues, workOf } from "./replicates.ts";
import type { BlockReply, BlockRequest } from "./worker-protocol.ts";

/** Computes the replicates of a bootstrap. Its owner closes it. */
export interface ComputePool {
  /** @throws internal/cancelled when `signal` aborts */
  readonly replicates: (job: ReplicateJob, signal?: AbortSignal) => Promise<ReplicateValues>;
  readonly close: () => Promise<void>;
}

export interface PoolOptions {
  /** Threads; 0 computes in the caller's thread. By default the machine's cores, at most 4. */
  readonly workers?: number;
  /** Work (draws × figures) below which no thread is started. */
  readonly smallWork?: number;
  readonly blockReplicates?: number;
}

/** About a tenth of a second on one core: starting threads takes as long. */
const defaultSmallWork = 20_000_000;

/** Replicates are computed one by one from their own random stream, so neither threads nor blocks change a bit of the result. */
export function openComputePool(options: PoolOptions = {}): ComputePool {
  const size = options.workers ?? Math.min(4, availableParallelism());
  const blockReplicates = options.blockReplicates ?? 32;
  const threads: ComputeThread[] = [];
  let lastJobId = 0;

  const inThreads = async (job: ReplicateJob, signal: AbortSignal | undefined): Promise<ReplicateValues> => {
    while (threads.length < size) threads.push(new ComputeThread());
    lastJobId += 1;
    const jobId = lastJobId;
    const shared = shareJob(job);
    const width = job.metrics.length * job.sides.length;
    const out = new Float64Array(job.replicates * width);
    let next = 0;
    let isFailed = false;
    const drive = async (thread: ComputeThread) => {
      for (let isFirst = true; next < job.replicates && !isFailed; isFirst = false) {
        if (signal?.aborted) throw cancelled();
        const from = next;
        next = Math.min(job.replicates, from + blockReplicates);
        out.set(await thread.ask({ jobId, ...(isFirst ? { job: shared } : {}), from, to: next }), from * width);
      }
    };
    const outcomes = await Promise.allSettled(
      threads.map((thread) =>
        drive(thread).catch((error: unknown) => {
          isFailed = true;
          throw error;
        }),
      ),
    );
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") continue;
      // A thread that ended is replaced by the next job.
      if (threads[index]?.isDead) threads.splice(0, threads.length, ...threads.filter((thread) => !thread.isDead));
      throw outcome.reason;
    }
    return out;
  };

  // One job at a time: a worker keeps the latest job prepared, and the cores are busy anyway.
  let queue: Promise<unknown> = Promise.resolve();
  return {
    replicates: (job, signal) => {
      if (size === 0 || workOf(job) < (options.smallWork ?? defaultSmallWork))
        return inCaller(job, { signal, blockReplicates });
      const result = queue.then(() => inThreads(job, signal));
      queue = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      await queue;
      await Promise.all(threads.splice(0).map((thread) => thread.close()));
    },
  };
}

async function inCaller(
  job: ReplicateJob,
  options: { readonly signal: AbortSignal | undefined; readonly blockReplicates: number },
): Promise<ReplicateValues> {
  const width = job.metrics.length * job.sides.length;
  const out = new Float64Array(job.replicates * width);
  const compute = prepareJob(job);
  for (let from = 0; from < job.replicates; from += options.blockReplicates) {
    if (options.signal?.aborted) throw cancelled();
    out.set(compute(from, Math.min(job.replicates, from + options.blockReplicates)), from * width);
    await nextTurn();
  }
  return out;
}

/** The job with its arrays in shared memory: threads read them without copying. */
function shareJob(job: ReplicateJob): ReplicateJob {
  return {
    ...job,
    sides: job.sides.map((side) => ({ ...side, target: share(side.target), prediction: share(side.prediction) })),
    clusters: job.clusters === null ? null : { ...job.clusters, of: shareIndices(job.clusters.of) },
  };
}

function share(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function shareIndices(values: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** One worker thread, which computes one block at a time. */
class ComputeThread {
  readonly #worker = new Worker(entryPoint("compute-worker"));
  #waiting:
    | { readonly resolve: (values: ReplicateValues) => void; readonly reject: (error: unknown) => void }
    | undefined;
  #death: AppError | undefined;

  constructor() {
    // An idle thread doesn't keep the process alive.
    this.#worker.unref();
    this.#worker.on("message", (reply: BlockReply) => {
      const waiting = this.#settle();
      if ("error" in reply) waiting?.reject(decodeError(reply.error));
      else waiting?.resolve(reply.values);
    });
    this.#worker.on("error", (error) => this.#die(error));
    this.#worker.on("exit", () => this.#die(undefined));
  }

  get isDead(): boolean {
    return this.#death !== undefined;
  }

  ask(request: BlockRequest): Promise<ReplicateValues> {
    if (this.#death) return Promise.reject(this.#death);
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
    return waiting;
  }

  #die(cause: unknown): void {
    this.#death ??= new AppError({
      code: "internal/unexpected",
      message: `A compute thread ended: ${cause instanceof Error ? cause.message : "it was stopped"}`,
      cause,
    });
    this.#settle()?.reject(this.#death);
  }
}
