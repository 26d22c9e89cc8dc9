import * as z from "zod";
import { cancelled, decodeError, type ErrorCode, exitCodeOf } from "./errors.ts";
import { operation } from "./operation.ts";

const operationStates = ["queued", "running", "succeeded", "failed", "cancelled", "interrupted"] as const;
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
  actor: z.string().describe("Who requested it, as the ledger names them"),
  needsCredentials: z
    .boolean()
    .describe("Waits for the credentials that it was started with, which no process has any more"),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});
export type OperationRow = z.output<typeof operationRowSchema>;

const operationId = z.string().min(1).describe("Number of the operation in the list of operations");
const cancelErrors = ["operations/not-found", "operations/supervisor-failed"] as const satisfies readonly ErrorCode[];
const followErrors = [...cancelErrors, "operations/needs-credentials"] as const satisfies readonly ErrorCode[];

function exitCodeOfState({ state, error }: Pick<OperationRow, "state" | "error">): number {
  if (state === "cancelled") return exitCodeOf(cancelled());
  return error === null ? 0 : exitCodeOf(decodeError(error));
}

export const operationsOperations = {
  "operations.list": operation({
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
  "operations.follow": operation({
    summary: "Follow a long operation to its end",
    description:
      "Shows the progress of the operation from its start. Any number of terminals can follow it, and leaving doesn't stop it. If the operation needs credentials, it gets those that are set here, provided that they are the ones it was started with. Exits with the exit code of the operation.",
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
      "Removes a waiting operation from the queue. A running one is stopped: its job gets TERM, then KILL after a grace period. Returns when the operation has stopped.",
    input: z.object({ id: operationId }),
    output: operationRowSchema,
    errors: cancelErrors,
    invalidates: ["operations", "runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "operations cancel", group: "machine", positionals: ["id"], valueNames: { id: "ID" } },
  }),
} as const;
