import { z } from "zod";
import { type ErrorCode, exitCodes } from "./errors.ts";
import { operation } from "./operation.ts";

/** `due`: not tried yet; `tried`: the last attempt failed; `done`: delivered. */
const itemStates = ["due", "tried", "done"] as const;
export type OutboxState = (typeof itemStates)[number];

const outboxItemSchema = z.object({
  kind: z.string().describe("What is sent: run-outcome, run-start, ledger-entry, plan-summary."),
  subject: z.string().describe("What it is about: a run's id, a request's id, an entry's hash, an experiment."),
  state: z.enum(itemStates),
  /** ISO 8601 in UTC, as all times here. */
  since: z.string(),
  /** When the next command may try it. */
  dueAt: z.string(),
  tries: z.number(),
  triedAt: z.string().nullable(),
  doneAt: z.string().nullable(),
  errorCode: z.string().nullable(),
  error: z.string().nullable(),
});
export type OutboxItemView = z.output<typeof outboxItemSchema>;

const deliveryErrors = [
  "tracking/unreachable",
  "tracking/server-failed",
  "tracking/denied",
  "tracking/rejected",
  "tracking/not-mlflow",
  "environment/no-python",
  "environment/no-uv",
  "environment/install-failed",
] as const satisfies readonly ErrorCode[];

export const outboxOperations = {
  "outbox.list": operation({
    summary: "List the updates that MLflow has not received yet",
    description:
      "An update that MLflow could not take waits until a later command finds the server up: how a run ended, a decision, a move of production, a plan's summary. Shows each with its attempts and the last error. Looks only at the catalogue.",
    input: z.strictObject({
      limit: z.int().min(1).max(1000).default(50).describe("At most this many, the oldest first."),
      all: z.boolean().default(false).describe("Include the delivered ones, the newest first."),
    }),
    output: z.object({ total: z.number(), items: z.array(outboxItemSchema) }),
    errors: [],
    provides: ["outbox"],
    isLong: false,
    needsProject: true,
    cli: { path: "mlflow pending", group: "machine", short: { limit: "n" } },
  }),
  "outbox.deliver": operation({
    summary: "Send the pending updates to MLflow now",
    description:
      "Starts the managed server if need be and tries every pending update, whatever its last error. Carries out recorded moves of production that did not reach the registry. Ends with 5 if one failed.",
    input: z.strictObject({}),
    output: z.object({
      delivered: z.number(),
      failed: z.number(),
      /** Meant for another server, or still worked on by a process. */
      waiting: z.number(),
      /** What is pending afterwards. */
      items: z.array(outboxItemSchema),
    }),
    errors: deliveryErrors,
    invalidates: ["outbox", "runs", "models"],
    isLong: false,
    needsProject: true,
    cli: { path: "mlflow sync", group: "machine" },
    exitCode: ({ failed }) => (failed > 0 ? exitCodes.external : 0),
  }),
} as const;
