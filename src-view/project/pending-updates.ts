import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { OutboxItemView } from "../../src-core/contract/outbox.ts";
import type { Mark } from "../labels.ts";
import { shortDigest } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { line, nextSteps, part, report, signed, table } from "../shape.ts";
import { ageOf } from "../times.ts";

const kinds: Readonly<Record<string, string>> = {
  "run-outcome": "outcome of a run",
  "run-start": "start of a run",
  "ledger-entry": "entry of the ledger",
  "plan-summary": "summary of a plan",
};
const marks: Readonly<Record<OutboxItemView["state"], Mark>> = { due: "note", tried: "warning", done: "good" };

/** Shapes the updates that MLflow hasn't received yet. */
export function pendingUpdates({ total, items }: OperationOutput<"outbox.list">, now: number): readonly Section[] {
  if (total === 0) return report(part(line("MLflow has received every update.")));
  const isPending = items.some((it) => it.state !== "done");
  return report(
    part(updateTable(items, now)),
    total > items.length
      ? part(line(`${items.length} of ${counted(total, "update")}; --limit shows more.`))
      : undefined,
    isPending ? nextSteps(["signalbox mlflow sync"]) : undefined,
  );
}

/** Shapes what was sent and what still waits. */
export function sentUpdates(output: OperationOutput<"outbox.deliver">, now: number): readonly Section[] {
  const { delivered, failed, waiting, items } = output;
  const left = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting for another server or a running process`]),
  ];
  const sent = delivered === 0 ? "Nothing was sent" : `${counted(delivered, "update")} sent to MLflow`;
  return report(
    part(
      signed(
        failed > 0 ? "bad" : "good",
        left.length === 0 && delivered === 0 ? "MLflow has received every update" : [sent, ...left].join("; "),
      ),
      updateTable(items, now),
    ),
  );
}

function updateTable(items: readonly OutboxItemView[], now: number): Block | undefined {
  return table(
    items,
    [
      { title: "update", value: (it) => kinds[it.kind] ?? it.kind },
      { title: "of", value: (it) => shortDigest(it.subject), shrink: 1, least: 12 },
      { title: "state", value: (it) => it.state },
      { title: "attempts", value: (it) => it.tries, align: "right" },
      { title: "since", value: (it) => ageOf(Date.parse(it.since), now), align: "right" },
    ],
    { mark: (it) => marks[it.state], below: (it) => it.error },
  );
}
