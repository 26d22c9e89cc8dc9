import type { EncodedError } from "../../contract/errors.ts";
import type { CatalogueReader, CatalogueWriter, Row } from "../../foundation/catalogue/open.ts";

/** The table outbox. Other areas put their rows in the transaction of the fact that a row announces. */

/** What a row is about; there is one row for each. */
export interface OutboxKey {
  readonly kind: string;
  readonly subject: string;
}

export interface NewItem extends OutboxKey {
  /** What its deliverer needs beside the subject; JSON. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** ms since 1970, as all times here. */
  readonly putAt: number;
  /** From when on a command may send it; at once unless given. */
  readonly dueAt?: number;
}

export interface OutboxItem extends Required<NewItem> {
  readonly revision: number;
  readonly tried: number;
  readonly triedAt: number | null;
  readonly error: EncodedError | null;
  readonly doneAt: number | null;
}

function itemOf(row: Row): OutboxItem {
  const time = (value: unknown): number | null => (value === null ? null : Number(value));
  return {
    kind: String(row.kind),
    subject: String(row.subject),
    payload: JSON.parse(String(row.payload_json)) as OutboxItem["payload"],
    revision: Number(row.revision),
    putAt: Number(row.put_at),
    dueAt: Number(row.due_at),
    tried: Number(row.tried),
    triedAt: time(row.tried_at),
    error: row.error_json === null ? null : (JSON.parse(String(row.error_json)) as EncodedError),
    doneAt: time(row.done_at),
  };
}

const insert = "INSERT INTO outbox (kind, subject, payload_json, put_at, due_at) VALUES (?, ?, ?, ?, ?)";

/** Puts an item, or a newer version of the one on that subject: it is due again, and earlier attempts don't count. */
export function putItem(writer: CatalogueWriter, { kind, subject, payload, putAt, dueAt = putAt }: NewItem): void {
  writer.run(
    `${insert} ON CONFLICT (kind, subject) DO UPDATE SET payload_json = excluded.payload_json, revision = revision + 1,
       put_at = excluded.put_at, due_at = excluded.due_at, tried = 0, tried_at = NULL, error_json = NULL, done_at = NULL`,
    kind,
    subject,
    JSON.stringify(payload),
    putAt,
    dueAt,
  );
}

/** Puts an item unless there is a row on that subject, delivered or not: for what is found again in files. */
export function putIfMissing(writer: CatalogueWriter, { kind, subject, payload, putAt, dueAt = putAt }: NewItem): void {
  writer.run(`${insert} ON CONFLICT DO NOTHING`, kind, subject, JSON.stringify(payload), putAt, dueAt);
}

/** Marks an item as delivered; with a revision only that one, since a newer one has not been sent. */
export function markDone(
  writer: CatalogueWriter,
  { kind, subject }: OutboxKey,
  it: { readonly at: number; readonly revision?: number },
): void {
  writer.run(
    "UPDATE outbox SET done_at = ?, error_json = NULL WHERE kind = ? AND subject = ? AND done_at IS NULL AND revision = COALESCE(?, revision)",
    it.at,
    kind,
    subject,
    it.revision ?? null,
  );
}

/** Notes an attempt that failed, and when the next may be. */
export function markTried(
  writer: CatalogueWriter,
  { kind, subject }: OutboxKey,
  it: { readonly at: number; readonly error: EncodedError; readonly dueAt: number; readonly revision?: number },
): void {
  writer.run(
    `UPDATE outbox SET tried = tried + 1, tried_at = ?, error_json = ?, due_at = ?
     WHERE kind = ? AND subject = ? AND done_at IS NULL AND revision = COALESCE(?, revision)`,
    it.at,
    JSON.stringify(it.error),
    it.dueAt,
    kind,
    subject,
    it.revision ?? null,
  );
}

export function getItem(reader: CatalogueReader, { kind, subject }: OutboxKey): OutboxItem | undefined {
  const row = reader.get("SELECT * FROM outbox WHERE kind = ? AND subject = ?", kind, subject);
  return row === undefined ? undefined : itemOf(row);
}

/** Everything that isn't delivered, the oldest first. */
export function pendingItems(reader: CatalogueReader): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox WHERE done_at IS NULL ORDER BY put_at, id").map(itemOf);
}

export function pendingOfKind(reader: CatalogueReader, kind: string): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox WHERE done_at IS NULL AND kind = ? ORDER BY put_at, id", kind).map(itemOf);
}

/** Everything, delivered or not, the newest first. */
export function allItems(reader: CatalogueReader): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox ORDER BY put_at DESC, id DESC").map(itemOf);
}
