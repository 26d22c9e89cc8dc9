import { z } from "zod";
import { cancelled, decodeError, type ErrorCode, exitCodeOf } from "./errors.ts";
import { operation } from "./operation.ts";

const operationStates = ["queued", "running", "succeeded", "failed", "cancelled", "interrupted"] as const;
/** State of a job, on any executor. */
export const jobStates = [
  "queued",
  "starting",
  "running",
  "unreachable",
  "succeeded",
  "failed",
  "out_of_memory",
  "cancelled",
  "lost",
] as const;
export type JobState = (typeof jobStates)[number];

export const operationStateSchema = z.enum(operationStates);
export type OperationState = z.output<typeof operationStateSchema>;

const milliseconds = z.number().describe("Milliseconds since 1970 UTC");

export const operationRowSchema = z.object({
  id: z.string(),
  operation: z.string().describe('Name of the operation: "runs.start"'),
  state: operationStateSchema,
  runId: z.string().nullable(),
  requestedAt: milliseconds,
  startedAt: milliseconds.nullable(),
  endedAt: milliseconds.nullable(),
  isCancelRequested: z.boolean(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});
export type OperationRow = z.output<typeof operationRowSchema>;

const operationId = z.string().min(1).describe("Number of the operation, from `signalbox operations list`");
const followErrors = ["jobs/not-found", "jobs/supervisor-failed"] as const satisfies readonly ErrorCode[];

function exitCodeOfState({ state, error }: Pick<OperationRow, "state" | "error">): number {
  if (state === "cancelled") return exitCodeOf(cancelled());
  return error === null ? 0 : exitCodeOf(decodeError(error));
}

export const jobsOperations = {
  "jobs.list": operation({
    summary: "List the long operations of the project",
    description:
      "Long operations run in the project's supervisor, detached from every terminal. Lists those that are waiting, running or finished, newest first.",
    input: z.object({
      limit: z.number().int().min(1).max(1000).default(20).describe("Maximum number of operations, newest first"),
      active: z.boolean().default(false).describe("Only operations that are waiting or running"),
    }),
    output: z.object({ operations: z.array(operationRowSchema) }),
    errors: [],
    provides: ["operations"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "operations list",
      group: "machine",
      short: { limit: "n" },
      examples: ["signalbox operations list --active"],
    },
  }),
  "jobs.follow": operation({
    summary: "Follow a long operation to its end",
    description:
      "Shows the progress of the operation from its start. Any number of terminals can follow it, and leaving doesn't stop it. Exits with the exit code of the operation.",
    input: z.object({ id: operationId }),
    output: operationRowSchema.extend({ output: z.unknown() }),
    errors: followErrors,
    provides: ["operations"],
    isLong: false,
    needsProject: true,
    cli: { path: "operations follow", group: "machine", positionals: ["id"], valueNames: { id: "ID" } },
    exitCode: exitCodeOfState,
  }),
  "jobs.cancel": operation({
    summary: "Cancel a long operation",
    description:
      "Removes a waiting operation from the queue. A running one is stopped: its job gets TERM, then KILL after a grace period. Returns when the operation has stopped.",
    input: z.object({ id: operationId }),
    output: operationRowSchema,
    errors: followErrors,
    invalidates: ["operations", "runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "operations cancel", group: "machine", positionals: ["id"], valueNames: { id: "ID" } },
  }),
} as const;

const time = z.number().describe("Milliseconds since 1970 UTC");

/** A line of events.jsonl that the trainer writes. */
export const trainerEventSchema = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("param"),
    time,
    key: z.string(),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  }),
  z.looseObject({
    type: z.literal("metric"),
    time,
    key: z.string(),
    value: z.number(),
    step: z.number().int().default(0),
  }),
  z.looseObject({
    type: z.literal("progress"),
    time,
    done: z.number(),
    total: z.number().nullish(),
    unit: z.string().nullish(),
    stage: z.string().nullish(),
    message: z.string().nullish(),
  }),
  z.looseObject({ type: z.literal("phase"), time, name: z.string() }),
  z.looseObject({ type: z.literal("warning"), time, message: z.string() }),
  z.looseObject({
    type: z.literal("error"),
    time,
    code: z.string(),
    message: z.string(),
    hint: z.string().nullish(),
    /** Next steps, as in an error. Decoding the error skips anything that isn't a step. */
    next: z.array(z.unknown()).nullish(),
    details: z.record(z.string(), z.unknown()).nullish(),
  }),
  z.looseObject({ type: z.literal("result"), time }),
]);
export type TrainerEvent = z.output<typeof trainerEventSchema>;
