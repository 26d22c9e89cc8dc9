import type { OperationRow } from "../../src-core/contract/operations.ts";
import { type Mark, toneOf } from "../labels.ts";
import { shortRun } from "../names.ts";
import type { Block, Section } from "../section.ts";
import { line, part, report, signed, table, toned } from "../shape.ts";
import { ageOf, formatDuration } from "../times.ts";

const marks: Readonly<Record<OperationRow["state"], Mark>> = {
  queued: "none",
  running: "active",
  succeeded: "good",
  failed: "bad",
  cancelled: "warning",
  interrupted: "warning",
};

/** Where operations are shown. */
export interface OperationPlace {
  /** Returns the command of an operation. */
  readonly commandOf: (operation: string) => string;
  readonly now: number;
}

export function longOperations(rows: readonly OperationRow[], { commandOf, now }: OperationPlace): readonly Section[] {
  if (rows.length === 0) return report(part(line("There are no long operations yet.")));
  return report(
    part(
      table(
        rows,
        [
          { title: "id", value: (it) => it.id, align: "right" },
          { title: "operation", value: (it) => commandOf(it.operation), shrink: 1, least: 12 },
          { title: "state", value: stateOf, tone: (it) => toneOf(it.state) },
          { title: "by", value: (it) => it.actor, shrink: 2, least: 8 },
          { title: "run", value: (it) => (it.runId === null ? null : shortRun(it.runId)) },
          { title: "requested", value: (it) => ageOf(it.requestedAt, now), align: "right" },
          { title: "took", value: (it) => tookOf(it, now), align: "right" },
        ],
        { mark: markOf, below: (it) => it.error?.message ?? (it.needsCredentials ? howToGive : undefined) },
      ),
    ),
  );
}

/** Shapes an operation as one line. */
export function longOperation(row: OperationRow, { commandOf, now }: OperationPlace): Block {
  const run = row.runId === null ? "" : ` of run ${shortRun(row.runId)}`;
  const took = tookOf(row, now);
  return signed(
    markOf(row),
    `Operation ${row.id} (signalbox ${commandOf(row.operation)})${run}: `,
    toned(stateOf(row), toneOf(row.state)),
    took === null ? "" : `, ${took}`,
  );
}

const howToGive = "Follow it where the credentials are set that it was started with.";

function markOf(row: OperationRow): Mark {
  return row.needsCredentials ? "warning" : marks[row.state];
}

function stateOf(row: OperationRow): string {
  if (row.needsCredentials) return "needs credentials";
  return row.isCancelRequested && row.state === "running" ? "being cancelled" : row.state;
}

function tookOf({ startedAt, endedAt }: OperationRow, now: number): string | null {
  return startedAt === null ? null : formatDuration((endedAt ?? now) - startedAt);
}
