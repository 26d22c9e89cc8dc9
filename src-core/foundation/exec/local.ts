import { availableParallelism, freemem, totalmem } from "node:os";
import { entryPoint } from "../files/entry-points.ts";
import { readJobStatus } from "./job-status.ts";
import type { Place } from "./place.ts";

export interface LocalOptions {
  /** Environment that the allow-list picks from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the Node that starts runners: of a program that is bundled with another one, its own isn't it. */
  readonly node: string;
  /** Finds or builds this machine's Python environments. */
  readonly python: Place["python"];
  /** The program that runs one attempt; the runner's arguments are appended. */
  readonly runner?: readonly [string, ...string[]];
}

/** Jobs on this machine, each under a detached runner. What starts them is loaded with the first job: most commands start none. */
export function localPlace(options: LocalOptions): Place {
  const launch = { env: options.env, runner: options.runner ?? [options.node, entryPoint("runner")] };
  const jobs = () => import("./local-jobs.ts");
  return {
    name: "local",
    start: async (request) => (await jobs()).start(request, launch),
    status: readJobStatus,
    cancel: async (folder, graceMs) => (await jobs()).cancel(folder, graceMs),
    async *follow(folder, what) {
      const { followAttempt } = await import("./follow-attempt.ts");
      yield* followAttempt(folder, what);
    },
    capacity: async () => ({ cores: availableParallelism(), memoryBytes: totalmem(), freeMemoryBytes: freemem() }),
    python: options.python,
    putInputs: async (folder, inputs) => {
      const { linkInputs } = await import("./local-inputs.ts");
      linkInputs(folder, inputs);
    },
    // They were written where they are looked for.
    fetchOutputs: async () => undefined,
    open: async (request, kind) => (await jobs()).open(request, kind, launch),
    // What listens on this machine's loopback is reachable as it is.
    forward: async (port) => ({ port, close: async () => undefined }),
  };
}
