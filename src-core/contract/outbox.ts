import * as z from "zod";
import { type ErrorCode, exitCodes } from "./errors.ts";
import { operation } from "./operation.ts";

/** `due`: not tried yet; `tried`: the last attempt failed; `done`: delivered. */
const itemStates = ["due", "tried", "done"] as const;
export type OutboxState = (typeof itemStates)[number];

const outboxItemSchema = z.object({
  kind: z.string().describe("Kind of update: run-outcome, run-start, ledger-entry, plan-summary"),
  subject: z.string().describe("Subject of the update: id of a run or a request, hash of an entry, an experiment"),
  state: z.enum(itemStates),
  /** ISO 8601 in UTC, like all times here. */
  since: z.string(),
  /** When the next attempt is allowed. */
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
      "An update that could not be sent waits until a later command finds the server running: the outcome of a run, a decision, a move of production, the summary of a plan. Shows each with its attempts and the last error. Reads only the catalogue.",
    input: z.strictObject({
      limit: z.int().min(1).max(1000).default(50).describe("Maximum number of updates, oldest first"),
      all: z.boolean().default(false).describe("Include delivered updates, newest first"),
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
      "Starts the managed server if necessary and tries every pending update, whatever its last error. Applies recorded moves of production that did not reach the registry. Exits with 5 if an update failed.",
    input: z.strictObject({}),
    output: z.object({
      delivered: z.number(),
      failed: z.number(),
      /** For another server, or still in use by a process. */
      waiting: z.number(),
      /** The updates that are still pending. */
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
