import type { Subject } from "../../contract/operation.ts";
import type { CatalogueReader, CatalogueWriter } from "./open.ts";

/** The table `changes`: one row for each fact that was written, in the transaction of that fact. */

/** A reader that comes for older ones fetches everything again. */
const mostKept = 10_000;
/** Pruning is a DELETE of its own: not at every write. */
const pruneEvery = 500;

export interface Change {
  readonly subject: Subject;
  readonly ids: readonly string[];
}

export interface FeedPosition {
  readonly epoch: string;
  /** Of the last change that was read. */
  readonly seq: number;
}

/** Tells of a fact in the transaction that writes it. `ids`: what of the subject changed; none means that anything of it may have. */
export function noteChange(writer: CatalogueWriter, subject: Subject, ids: readonly string[]): void {
  writer.run("INSERT INTO changes (subject, ids) VALUES (?, ?)", subject, JSON.stringify(ids));
  const seq = lastSeq(writer);
  if (seq % pruneEvery === 0) writer.run("DELETE FROM changes WHERE seq <= ?", seq - mostKept);
}

function lastSeq(reader: CatalogueReader): number {
  return Number(reader.get("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")?.seq ?? 0);
}

export function feedPosition(reader: CatalogueReader): FeedPosition {
  const epoch = reader.get("SELECT epoch FROM feed WHERE id = 1")?.epoch;
  return { epoch: String(epoch), seq: lastSeq(reader) };
}

export interface ReadChanges extends FeedPosition {
  readonly changes: readonly Change[];
  /** True if the requested rows were pruned or are of another catalogue. */
  readonly mustRefetch: boolean;
}

/** What was written since a position, oldest first, and the position of the feed then. */
export function readChanges(reader: CatalogueReader, since: FeedPosition): ReadChanges {
  const now = feedPosition(reader);
  const oldest = Number(reader.get("SELECT min(seq) AS oldest FROM changes")?.oldest ?? now.seq + 1);
  if (since.epoch !== now.epoch || since.seq > now.seq || since.seq + 1 < oldest)
    return { ...now, changes: [], mustRefetch: true };
  const rows = reader.all("SELECT seq, subject, ids FROM changes WHERE seq > ? ORDER BY seq", since.seq);
  return {
    epoch: now.epoch,
    seq: Math.max(since.seq, Number(rows.at(-1)?.seq ?? 0)),
    changes: rows.map((row) => ({
      // Both were written by `noteChange`.
      subject: row.subject as Subject,
      ids: JSON.parse(String(row.ids)) as string[],
    })),
    mustRefetch: false,
  };
}
