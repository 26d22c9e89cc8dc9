import { z } from "zod";
import { cancelled, decodeError, type ErrorCode, exitCodeOf } from "./errors.ts";
import { operation } from "./operation.ts";

const operationStates = ["queued", "running", "succeeded", "failed", "cancelled", "interrupted"] as const;
export const operationStateSchema = z.enum(operationStates);
export type OperationState = z.output<typeof operationStateSchema>;

const milliseconds = z.number().describe("Milliseconds since 1970 UTC.");

export const operationRowSchema = z.object({
  id: z.string(),
  operation: z.string().describe('The operation that was asked for: "runs.start".'),
  state: operationStateSchema,
  runId: z.string().nullable(),
  requestedAt: milliseconds,
  startedAt: milliseconds.nullable(),
  endedAt: milliseconds.nullable(),
  isCancelRequested: z.boolean(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});
export type OperationRow = z.output<typeof operationRowSchema>;

const operationId = z.string().min(1).describe("Number of the operation, as `signalbox operations list` shows it.");
const followErrors = ["operations/not-found", "operations/supervisor-failed"] as const satisfies readonly ErrorCode[];

function exitCodeOfState({ state, error }: Pick<OperationRow, "state" | "error">): number {
  if (state === "cancelled") return exitCodeOf(cancelled());
  return error === null ? 0 : exitCodeOf(decodeError(error));
}

export const operationsOperations = {
  "operations.list": operation({
    summary: "List the long operations of the project",
    description:
      "Long operations run in the project's supervisor, detached from every terminal. This lists those that wait, run or ended, the newest first.",
    input: z.object({
      limit: z.number().int().min(1).max(1000).default(20).describe("At most so many, the newest first."),
      active: z.boolean().default(false).describe("Only those that wait or run."),
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
  "operations.follow": operation({
    summary: "Follow a long operation to its end",
    description:
      "Shows the operation's progress from its beginning. Any number of terminals can follow at once; leaving stops nothing. Ends with the operation's own exit code.",
    input: z.object({ id: operationId }),
    output: operationRowSchema.extend({ output: z.unknown() }),
    errors: followErrors,
    provides: ["operations"],
    isLong: false,
    needsProject: true,
    cli: { path: "operations follow", group: "machine", positionals: ["id"], valueNames: { id: "ID" } },
    exitCode: exitCodeOfState,
  }),
  "operations.cancel": operation({
    summary: "Cancel a long operation",
    description:
      "A waiting operation is dropped, a running one told to stop: its job gets TERM, and KILL after a grace time. Ends when the operation has stopped.",
    input: z.object({ id: operationId }),
    output: operationRowSchema,
    errors: followErrors,
    invalidates: ["operations", "runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "operations cancel", group: "machine", positionals: ["id"], valueNames: { id: "ID" } },
  }),
} as const;
