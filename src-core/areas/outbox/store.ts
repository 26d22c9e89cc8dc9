import type { EncodedError } from "../../contract/errors.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueReader, CatalogueWriter, Row } from "../../foundation/catalogue/open.ts";

/** The table outbox. Other areas put a row in the transaction of the fact that it announces. */

/** The key of a row. */
export interface OutboxKey {
  readonly kind: string;
  readonly subject: string;
}

export interface NewItem extends OutboxKey {
  /** What its deliverer needs besides the subject, as JSON. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** ms since 1970, like all times here. */
  readonly putAt: number;
  /** When a command may send it; at once by default. */
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

/** An item; if a time is given, the version that was put then. */
export interface OutboxVersion extends OutboxKey {
  readonly putAt?: number;
}

/** Puts an item, or a newer version of it, which is due again without earlier attempts. */
export function putItem(
  writer: CatalogueWriter,
  { kind, subject, payload, putAt, dueAt = putAt }: NewItem,
): OutboxVersion {
  const known = getItem(writer, { kind, subject });
  // A newer version needs another time, even in the same millisecond or after the clock was set back.
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

/** Puts an item that was found in files, unless there is a row with that key, delivered or not. */
export function restoreItem(
  writer: CatalogueWriter,
  { kind, subject, payload, putAt, dueAt = putAt }: NewItem,
  doneAt: number | null,
): void {
  const written = writer.run(
    `INSERT INTO outbox ${columns} VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    kind,
    subject,
    JSON.stringify(payload),
    putAt,
    dueAt,
    doneAt,
  );
  if (written > 0) noteChange(writer, "outbox", [subject]);
}

const pendingVersion = "kind = ? AND subject = ? AND done_at IS NULL AND put_at = COALESCE(?, put_at)";

/** Marks an item as delivered, but not a newer version of it. */
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

/** Records a failed attempt, and when the next one is allowed. */
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

/** Lists undelivered items, oldest first. */
export function pendingItems(reader: CatalogueReader): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox WHERE done_at IS NULL ORDER BY put_at, rowid").map(itemOf);
}

export function pendingOfKind(reader: CatalogueReader, kind: string): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox WHERE done_at IS NULL AND kind = ? ORDER BY put_at, rowid", kind).map(itemOf);
}

/** Lists all items, newest first. */
export function allItems(reader: CatalogueReader): readonly OutboxItem[] {
  return reader.all("SELECT * FROM outbox ORDER BY put_at DESC, rowid DESC").map(itemOf);
}
