import { askingStep, nextStep, programStep } from "../../contract/build-step.ts";
import { AppError, cancelled } from "../../contract/errors.ts";
import type { CallContext } from "../call-context.ts";
import type { Served } from "../server.ts";
import type { Answer, FeedEvent, FeedPosition } from "../wire.ts";

export const sampleError = new AppError({
  code: "splits/leakage",
  message: "dep_delay is known only after the decision.",
  hint: "Take it out of configs/features/v1.yaml.",
  next: [
    nextStep("splits.check", { splitVersion: 2 }, "tries it"),
    { ...askingStep("runs.stage", { input: { name: "split" }, asks: ["run"] }, "does it again"), answers: "first" },
    programStep(["git", "add", "configs"], "stages the change"),
  ],
  details: { column: "dep_delay", rows: 3, nested: { list: [1, "two"] } },
  cause: new Error("the cause"),
});

/** A long operation that counts until it is cancelled; any number of faces follow it. */
interface LongOne {
  readonly steps: number[];
  readonly watchers: Set<() => void>;
  state: "running" | "ended" | "cancelled";
}

export interface SampleCore extends Served {
  readonly ended: string[];
  readonly step: (operation: string) => void;
  readonly finish: (operation: string) => void;
  readonly change: (event: Partial<FeedEvent>) => void;
  readonly subscribed: { readonly since: FeedPosition | undefined; readonly intervalMs: number | undefined }[];
  readonly watching: () => number;
}

const answer = (output: unknown): Answer => ({ output, exitCode: 0 });

/** A core whose operations are a test's: echo, ask, wait, long, fail. */
export function sampleCore(): SampleCore {
  const longOnes = new Map<string, LongOne>();
  const tellers = new Set<(event: FeedEvent) => void>();
  const ended: string[] = [];
  const subscribed: SampleCore["subscribed"] = [];
  let position: FeedPosition = { epoch: "e1", seq: 7 };

  const wake = (id: string, change: (it: LongOne) => void) => {
    const it = longOnes.get(id);
    if (it === undefined) throw new Error(`no ${id}`);
    change(it);
    for (const watcher of it.watchers) watcher();
  };
  const follow = (id: string, after: number, { signal, hangUp, report, accept }: CallContext) =>
    new Promise<Answer>((resolve, reject) => {
      const it = longOnes.get(id);
      if (it === undefined)
        throw new AppError({ code: "operations/not-found", message: `There is no operation ${id}.` });
      accept(id);
      let shown = after;
      const look = () => {
        for (; shown < it.steps.length; shown += 1) report({ stage: "count", done: it.steps[shown] ?? 0 });
        if (it.state === "ended") resolve({ ...answer({ counted: it.steps.length }), exitCode: 6, operation: id });
        if (it.state === "cancelled") reject(cancelled());
      };
      it.watchers.add(look);
      signal.addEventListener("abort", () => wake(id, (one) => Object.assign(one, { state: "cancelled" })));
      hangUp.addEventListener("abort", () => it.watchers.delete(look));
      look();
    });

  return {
    build: "sample",
    ended,
    subscribed,
    watching: () => tellers.size + [...longOnes.values()].reduce((sum, it) => sum + it.watchers.size, 0),
    step: (id) => wake(id, (it) => it.steps.push(it.steps.length + 1)),
    finish: (id) => wake(id, (it) => Object.assign(it, { state: "ended" })),
    change: (event) => {
      position = { epoch: event.epoch ?? position.epoch, seq: event.seq ?? position.seq + 1 };
      for (const tell of tellers) tell({ changes: [], operations: [], mustRefetch: false, ...event, ...position });
    },
    call: async (request, context) => {
      const { signal, hangUp, report, ask, onBytes, sendBytes } = context;
      switch (request.operation) {
        case "projects.status":
          report({ stage: "one", done: 1, total: 2, unit: "rows" });
          return answer({ echoed: request.input, project: request.project });
        case "test.size":
          return answer({ size: String((request.input as { readonly text: string }).text).length });
        case "test.large":
          return answer("x".repeat(17 * 2 ** 20));
        case "test.ask":
          return answer({ heard: await ask({ kind: "secret", name: "TOKEN", message: "Token?" }) });
        case "test.echo":
          onBytes((bytes) => {
            if (bytes.length === 0) signal.throwIfAborted();
            sendBytes(bytes.map((byte) => byte ^ 1));
          });
          return await new Promise((resolve) => signal.addEventListener("abort", () => resolve(answer("closed"))));
        case "test.wait":
          return await new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => reject(cancelled()));
            hangUp.addEventListener("abort", () => setTimeout(() => resolve(answer(ended.push("waited"))), 20));
          });
        case "runs.start": {
          const id = `op${longOnes.size + 1}`;
          longOnes.set(id, { steps: [], watchers: new Set(), state: "running" });
          if (request.isDetached === true) return { output: { operation: id }, exitCode: 0, operation: id };
          return await follow(id, 0, context);
        }
        default:
          throw sampleError;
      }
    },
    follow: async ({ operation, after }, context) => await follow(operation, after, context),
    subscribe: ({ since, intervalMs, project }, tell) => {
      if (project.startsWith("/refused/")) throw new Error(`no project ${project}`);
      subscribed.push({ since, intervalMs });
      tellers.add(tell);
      const mustRefetch = since !== undefined && since.epoch !== position.epoch;
      tell({ ...position, changes: [], operations: [], mustRefetch });
      return () => void tellers.delete(tell);
    },
  };
}
