import { declaredForm } from "../../src-core/contract/declared-forms.ts";
import { decodeError } from "../../src-core/contract/errors.ts";
import { type OperationId, operations } from "../../src-core/contract/index.ts";
import type { OperationRow } from "../../src-core/contract/jobs.ts";
import { renderError } from "../error-view.ts";
import { type Mark, mark, styleOf } from "../marks.ts";
import { formatDuration } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { lines, parts, shortRun } from "../text.ts";
import { ageOf } from "../times.ts";
import type { Views } from "../view.ts";

export const jobsViews: Views = {
  "jobs.list": ({ operations: rows }, screen) =>
    rows.length === 0 ? "No long operation yet." : operationTable(rows, screen),
  "jobs.follow": async ({ output, ...row }, screen, render) => {
    if (row.error !== null)
      return lines(oneLine(row, screen), renderError(decodeError(row.error), screen, declaredForm));
    if (row.state !== "succeeded" || !Object.hasOwn(operations, row.operation)) return oneLine(row, screen);
    // The row's operation is one of the table's: asked just above.
    return parts(oneLine(row, screen), await render(row.operation as OperationId, output));
  },
  "jobs.cancel": (row, screen) => oneLine(row, screen),
};

const signs: Readonly<Record<OperationRow["state"], Mark>> = {
  queued: "none",
  running: "active",
  succeeded: "good",
  failed: "bad",
  cancelled: "warning",
  interrupted: "warning",
};

function operationTable(rows: readonly OperationRow[], screen: Screen): string {
  return table(
    screen,
    rows,
    [
      { title: "id", value: (it) => it.id, align: "right" },
      { title: "operation", value: commandOf, shrink: 1, least: 12 },
      { title: "state", value: stateOf, style: (it) => styleOf(it.state) },
      { title: "run", value: (it) => (it.runId === null ? null : shortRun(it.runId)) },
      { title: "asked", value: (it) => ageOf(it.requestedAt, screen.now), align: "right" },
      { title: "took", value: (it) => tookOf(it, screen), align: "right" },
    ],
    { mark: (it) => mark(screen, signs[it.state]), below: (it) => it.error?.message },
  );
}

function oneLine(row: OperationRow, screen: Screen): string {
  const run = row.runId === null ? "" : ` of run ${shortRun(row.runId)}`;
  const took = tookOf(row, screen);
  return `${mark(screen, signs[row.state])} Operation ${plainLine(row.id)} (signalbox ${commandOf(row)})${run}: ${paint(screen, styleOf(row.state), stateOf(row))}${took === null ? "" : `, ${took}`}`;
}

/** The words that a person typed for it. */
function commandOf({ operation }: OperationRow): string {
  const known = Object.entries(operations).find(([id]) => id === operation);
  return known === undefined ? plainLine(operation) : known[1].cli.path;
}

function stateOf(row: OperationRow): string {
  return row.isCancelRequested && row.state === "running" ? "being cancelled" : row.state;
}

function tookOf({ startedAt, endedAt }: OperationRow, screen: Screen): string | null {
  return startedAt === null ? null : formatDuration((endedAt ?? screen.now) - startedAt);
}
