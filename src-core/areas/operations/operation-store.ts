import { statSync } from "node:fs";
import * as z from "zod";
import { nextStep } from "../../contract/build-step.ts";
import { AppError, type EncodedError } from "../../contract/errors.ts";
import {
  type OperationRow,
  type OperationState,
  operationRowSchema,
  operationStateSchema,
} from "../../contract/operations.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { Catalogue, CatalogueReader, CatalogueWriter, Row } from "../../foundation/catalogue/open.ts";
import { type Caller, isRootBeside } from "../../foundation/exec/caller/caller-environment.ts";
import type { CredentialsDigest } from "../../foundation/exec/caller/credentials-digest.ts";

const columns = `id, operation, state, run_id, requested_at, started_at, ended_at, is_cancel_requested, error_json, output_json, input_json,
  actor, space, settings_json, credentials_json, needs_credentials`;

/** A row with what only its executor and its follower need. */
export interface StoredOperation extends OperationRow {
  readonly input: unknown;
  readonly output: unknown;
  readonly caller: Caller;
  /** Of the credentials that it was started with; null if there were none. */
  readonly credentials: CredentialsDigest | null;
}

const callerSchema = z.object({ actor: z.string(), space: z.string(), settings: z.record(z.string(), z.string()) });
const digestSchema = z.object({ salt: z.string(), digest: z.string() });

function json(value: unknown): unknown {
  return typeof value === "string" ? JSON.parse(value) : null;
}

function stored(row: Row): StoredOperation {
  const base = operationRowSchema.parse({
    id: row.id,
    operation: row.operation,
    state: row.state,
    runId: row.run_id,
    requestedAt: row.requested_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    isCancelRequested: row.is_cancel_requested === 1,
    actor: row.actor,
    needsCredentials: row.needs_credentials === 1 && isActive(row.state),
    error: json(row.error_json),
  });
  return {
    ...base,
    input: json(row.input_json),
    output: json(row.output_json),
    caller: callerSchema.parse({ actor: row.actor, space: row.space, settings: json(row.settings_json) }),
    credentials: digestSchema.nullable().parse(json(row.credentials_json)),
  };
}

function isActive(state: unknown): boolean {
  return state === "queued" || state === "running";
}

/** "op12", as the list shows it, or just "12". */
function normalId(id: string): string {
  return /^\d+$/.test(id) ? `op${id}` : id.toLowerCase();
}

/** @throws operations/not-found */
export function getOperation(reader: CatalogueReader, id: string): StoredOperation {
  const row = reader.get(`SELECT ${columns} FROM operations WHERE id = ?`, normalId(id));
  if (row === undefined)
    throw new AppError({
      code: "operations/not-found",
      message: `There is no operation ${id}.`,
      next: [nextStep("operations.list", {}, "shows the project's operations")],
      details: { id },
    });
  return stored(row);
}

/** Only the state: cheap enough to ask many times a second. @throws operations/not-found */
export function operationState(reader: CatalogueReader, id: string): OperationState {
  const row = reader.get("SELECT state FROM operations WHERE id = ?", id);
  return row === undefined ? getOperation(reader, id).state : operationStateSchema.parse(row.state);
}

export function listOperations(
  reader: CatalogueReader,
  { limit, active }: { readonly limit: number; readonly active: boolean },
): readonly StoredOperation[] {
  const states = active ? "WHERE state IN ('queued', 'running')" : "";
  return reader
    .all(`SELECT ${columns} FROM operations ${states} ORDER BY CAST(substr(id, 3) AS INTEGER) DESC LIMIT ?`, limit)
    .map(stored);
}

/** Highest number among the rows; 0 for none. */
function lastNumber(reader: CatalogueReader): number {
  return Number(reader.get("SELECT max(CAST(substr(id, 3) AS INTEGER)) AS last FROM operations")?.last ?? 0);
}

function noteOperation(writer: CatalogueWriter, id: string): void {
  noteChange(writer, "operations", [id]);
}

export interface NewOperation {
  readonly operation: string;
  readonly input: unknown;
  readonly caller: Caller;
  /** Of the caller's credentials, if there are any. It then waits until the supervisor has them. */
  readonly credentials?: CredentialsDigest | undefined;
  readonly now: Date;
  /** Numbers up to this are taken by folders of a catalogue that was rebuilt since. */
  readonly above: number;
}

/** Queues an operation under the next number. */
export function insertOperation(catalogue: Catalogue, request: NewOperation): string {
  const { operation, input, caller, credentials, now, above } = request;
  return catalogue.write((writer) => {
    const id = `op${Math.max(lastNumber(writer), above) + 1}`;
    writer.run(
      `INSERT INTO operations (id, operation, input_json, state, requested_at, actor, space, settings_json, credentials_json,
        needs_credentials) VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)`,
      ...[id, operation, JSON.stringify(input), now.getTime()],
      ...[caller.actor, caller.space, JSON.stringify(caller.settings)],
      ...(credentials === undefined ? [null, 0] : [JSON.stringify(credentials), 1]),
    );
    noteOperation(writer, id);
    return id;
  });
}

function hasQueued(reader: CatalogueReader): boolean {
  return reader.get("SELECT 1 AS one FROM operations WHERE state = 'queued' LIMIT 1") !== undefined;
}

/** Whether one waits that can be taken: nobody needs to stay for one that waits for its credentials. */
export function hasReady(reader: CatalogueReader, projectDir: string): boolean {
  return reader
    .all(`SELECT ${columns} FROM operations WHERE state = 'queued' AND needs_credentials = 0`)
    .some((row) => !isLeftToOwner(projectDir, stored(row)));
}

/** True in a supervisor that root started (sudo) in a person's own project, for operations of theirs. */
export function isLeftToOwner(projectDir: string, { caller }: Pick<StoredOperation, "caller">): boolean {
  return isRootBeside(caller) && statSync(projectDir).uid !== 0;
}

/** Those that wait, in the order of the requests. */
export function queuedOperations(reader: CatalogueReader): readonly StoredOperation[] {
  return reader
    .all(`SELECT ${columns} FROM operations WHERE state = 'queued' ORDER BY CAST(substr(id, 3) AS INTEGER)`)
    .map(stored);
}

/** Marks a waiting operation, the oldest unless one is named, as running and returns it; undefined where it waits no more. */
export function takeQueued(catalogue: Catalogue, now: Date, wanted?: string): StoredOperation | undefined {
  if (!hasQueued(catalogue)) return undefined;
  return catalogue.write((writer) => {
    const row = writer.get(
      "SELECT id FROM operations WHERE state = 'queued' AND id = coalesce(?, id) ORDER BY CAST(substr(id, 3) AS INTEGER) LIMIT 1",
      wanted ?? null,
    );
    if (row === undefined) return undefined;
    const id = String(row.id);
    writer.run(
      "UPDATE operations SET state = 'running', started_at = coalesce(started_at, ?) WHERE id = ?",
      now.getTime(),
      id,
    );
    noteOperation(writer, id);
    return getOperation(writer, id);
  });
}

export interface Settlement {
  readonly state: "succeeded" | "failed" | "cancelled" | "interrupted";
  readonly now: Date;
  readonly output?: unknown;
  readonly error?: EncodedError;
}

export function settleOperation(catalogue: Catalogue, id: string, settlement: Settlement): void {
  const { state, now, output, error } = settlement;
  catalogue.write((writer) => {
    writer.run(
      "UPDATE operations SET state = ?, ended_at = ?, output_json = ?, error_json = ? WHERE id = ? AND state = 'running'",
      state,
      now.getTime(),
      output === undefined ? null : JSON.stringify(output),
      error === undefined ? null : JSON.stringify(error),
      id,
    );
    noteOperation(writer, id);
  });
}

/** What a dead supervisor left running. Only the holder of the lease may read this and requeue. */
export function runningOperations(reader: CatalogueReader): readonly StoredOperation[] {
  return reader.all(`SELECT ${columns} FROM operations WHERE state = 'running'`).map(stored);
}

export function requeueOperation(catalogue: Catalogue, id: string): void {
  catalogue.write((writer) => {
    writer.run("UPDATE operations SET state = 'queued' WHERE id = ? AND state = 'running'", id);
    noteOperation(writer, id);
  });
}

/** Drops a waiting operation, requests that a running one stops; an ended one doesn't change. */
export function requestCancel(catalogue: Catalogue, id: string, now: Date): StoredOperation {
  return catalogue.write((writer: CatalogueWriter) => {
    const known = getOperation(writer, id);
    if (known.state === "queued")
      writer.run(
        "UPDATE operations SET state = 'cancelled', is_cancel_requested = 1, ended_at = ? WHERE id = ?",
        now.getTime(),
        known.id,
      );
    if (known.state === "running") writer.run("UPDATE operations SET is_cancel_requested = 1 WHERE id = ?", known.id);
    if (known.state === "queued" || known.state === "running") noteOperation(writer, known.id);
    return getOperation(writer, known.id);
  });
}

export function isCancelRequested(reader: CatalogueReader, id: string): boolean {
  return reader.get("SELECT is_cancel_requested AS it FROM operations WHERE id = ?", id)?.it === 1;
}

/** The digest of the credentials that a queued operation waits for; undefined where it waits for none. */
export function wantedCredentials(reader: CatalogueReader, id: string): CredentialsDigest | undefined {
  const row = reader.get(
    "SELECT credentials_json AS it FROM operations WHERE id = ? AND state = 'queued' AND needs_credentials = 1",
    id,
  );
  return row === undefined ? undefined : digestSchema.parse(json(row.it));
}

/** Notes that the supervisor has an operation's credentials. */
export function noteCredentials(catalogue: Catalogue, id: string): void {
  catalogue.write((writer) => {
    writer.run("UPDATE operations SET needs_credentials = 0 WHERE id = ?", id);
    noteOperation(writer, id);
  });
}

/** Notes that those of the unfinished operations are lost: the supervisor that had them has ended. */
export function noteLostCredentials(catalogue: Catalogue): void {
  catalogue.write((writer) => {
    const lost = "credentials_json IS NOT NULL AND needs_credentials = 0 AND state IN ('queued', 'running')";
    for (const { id } of writer.all(`SELECT id FROM operations WHERE ${lost}`)) {
      writer.run("UPDATE operations SET needs_credentials = 1 WHERE id = ?", String(id));
      noteOperation(writer, String(id));
    }
  });
}

export function setOperationRun(catalogue: Catalogue, id: string, runId: string): void {
  catalogue.write((writer) => {
    writer.run("UPDATE operations SET run_id = ? WHERE id = ?", runId, id);
    noteOperation(writer, id);
  });
}
