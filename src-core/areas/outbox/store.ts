import type { EncodedError } from "../../contract/errors.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
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
    putAt: Number(row.put_at),
    dueAt: Number(row.due_at),
    tried: Number(row.tried),
    triedAt: time(row.tried_at),
    error: row.error_json === null ? null : (JSON.parse(String(row.error_json)) as EncodedError),
    doneAt: time(row.done_at),
  };
}

const columns = "(kind, subject, payload_json, put_at, due_at, done_at)";

/** An item, in the version that was put at that time if one is given. */
export interface OutboxVersion extends OutboxKey {
  readonly putAt?: number;
}

/** Puts an item, or a newer version of the one on that subject: it is due again, and earlier attempts don't count. */
export function putItem(
  writer: CatalogueWriter,
  { kind, subject, payload, putAt, dueAt = putAt }: NewItem,
): OutboxVersion {
  const known = getItem(writer, { kind, subject });
  // Of two versions in one millisecond, or after a clock that was set back, the newer one must be another.
  const at = known === undefined ? putAt : Math.max(putAt, known.putAt + 1);
  writer.run(
    `INSERT INTO outbox ${columns} VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET payload_json = excluded.payload_json,
       put_at = excluded.put_at, due_at = excluded.due_at, tried = 0, tried_at = NULL, error_json = NULL, done_at = NULL`,
    kind,
    subject,
    JSON.stringify(payload),
    at,
    dueAt,
  );
  noteChange(writer, "outbox", [subject]);
  return { kind, subject, putAt: at };
}

/** Puts an item unless there is a row on that subject, delivered or not: for what is found again in files. */
export function restoreItem(
  writer: CatalogueWriter,
  { kind, subject, payload, putAt, dueAt = putAt }: NewItem,
  doneAt: number | null,
): void {
  writer.run(
    `INSERT INTO outbox ${columns} VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    kind,
    subject,
    JSON.stringify(payload),
    putAt,
    dueAt,
    doneAt,
  );
  noteChange(writer, "outbox", [subject]);
}

const pendingVersion = "kind = ? AND subject = ? AND done_at IS NULL AND put_at = COALESCE(?, put_at)";

/** Marks an item as delivered; not a version that was put meanwhile. */
export function markDone(writer: CatalogueWriter, { kind, subject, putAt }: OutboxVersion, doneAt: number): void {
  writer.run(
    `UPDATE outbox SET done_at = ?, error_json = NULL WHERE ${pendingVersion}`,
    doneAt,
    kind,
    subject,
    putAt ?? null,
  );
  noteChange(writer, "outbox", [subject]);
}

/** Notes an attempt that failed, and when the next may be. */
export function markTried(
  writer: CatalogueWriter,
  { kind, subject, putAt }: OutboxVersion,
  it: { readonly triedAt: number; readonly error: EncodedError; readonly dueAt: number },
): void {
  writer.run(
    `UPDATE outbox SET tried = tried + 1, tried_at = ?, error_json = ?, due_at = ? WHERE ${pendingVersion}`,
    it.triedAt,
    JSON.stringify(it.error),
    it.dueAt,
    kind,
    subject,
    putAt ?? null,
  );
  noteChange(writer, "outbox", [subject]);
}

export function getItem(reader: CatalogueReader, { kind, subject }: OutboxKey): OutboxItem | undefined {
  const row = reader.get("SELECT * FROM outbox WHERE kind = ? AND subject = ?", kind, subject);
  return row === undefined ? undefined : itemOf(row);
}

/** Everything that isn't delivered, the oldest first. */
export function pendingItems(reader: CatalogueReader): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox WHERE done_at IS NULL ORDER BY put_at, rowid").map(itemOf);
}

export function pendingOfKind(reader: CatalogueReader, kind: string): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox WHERE done_at IS NULL AND kind = ? ORDER BY put_at, rowid", kind).map(itemOf);
}

/** Everything, delivered or not, the newest first. */
export function allItems(reader: CatalogueReader): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox ORDER BY put_at DESC, rowid DESC").map(itemOf);
}
