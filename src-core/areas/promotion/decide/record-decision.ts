import type { DecisionBody, LedgerEntry } from "../../../contract/ledger.ts";
import type { DecisionRow } from "../../../contract/promotion.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import type { Core, StageContext } from "../../../foundation/context.ts";
import { actorOf } from "../../../foundation/exec/caller/actor.ts";
import { putItem } from "../../outbox/store.ts";
import { putDecision } from "../store.ts";
import { entryItem } from "./entry-item.ts";

export type DecisionEntry = Extract<LedgerEntry, { readonly kind: "decision" }>;

/** Finds the decision on this run in the ledger, if the stage was killed after writing it. */
export async function knownDecision(context: StageContext): Promise<DecisionEntry | undefined> {
  const entries = await context.core.ledger.read();
  return entries.find(
    (entry): entry is DecisionEntry => entry.kind === "decision" && entry.body.runId === context.runId,
  );
}

/** Appends the decision to the ledger, and its rows to index and outbox, in one transaction. A run has one decision, however often this is called. */
export async function recordDecision({ core }: StageContext, body: DecisionBody): Promise<DecisionEntry> {
  const entry = await core.ledger.append(
    { kind: "decision", actor: actorOf(core), body },
    {
      unless: (entries) => entries.find((it) => it.kind === "decision" && it.body.runId === body.runId),
      alsoWrite: putRows,
    },
  );
  // Only decisions are passed above, and the ledger doesn't change the kind of an entry.
  return entry as DecisionEntry;
}

/** Writes the rows of a new entry: in the index, and in the outbox for MLflow. */
export function putRows(writer: CatalogueWriter, entry: LedgerEntry): void {
  putDecision(writer, rowOf(entry));
  putItem(writer, entryItem(entry));
}

/** Writes an entry to the table decisions. Idempotent. */
export function indexEntry(core: Pick<Core, "catalogue">, entry: LedgerEntry): void {
  core.catalogue().write((writer) => putDecision(writer, rowOf(entry)));
}

/** Writes many entries in one transaction, for a catalogue without them. */
export function indexEntries(writer: CatalogueWriter, entries: readonly LedgerEntry[]): void {
  for (const entry of entries) putDecision(writer, rowOf(entry));
}

function rowOf(entry: LedgerEntry): DecisionRow {
  const { body } = entry;
  const common = {
    ledgerIndex: entry.index,
    runId: body.runId,
    modelName: body.modelName,
    reason: body.reason,
    actor: entry.actor,
    decidedAt: Date.parse(entry.at),
  };
  if (entry.kind === "decision") {
    const { candidate, alias, verdict } = entry.body;
    return {
      ...common,
      kind: entry.kind,
      modelVersion: candidate.version ?? "",
      verdict,
      isExperiment: entry.body.isExperiment === true,
      productionBefore: alias.before,
      productionAfter: alias.after,
    };
  }
  const { fromVersion, toVersion } = entry.body;
  return {
    ...common,
    kind: entry.kind,
    modelVersion: toVersion,
    verdict: null,
    isExperiment: false,
    productionBefore: fromVersion,
    productionAfter: toVersion,
  };
}
