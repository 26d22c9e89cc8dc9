import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { DecisionRow } from "../../src-core/contract/promotion.ts";
import { gateBlock, gateMethod } from "../gate.ts";
import { type Mark, toneOf } from "../labels.ts";
import { shortRun, verdictText } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { facts, line, nextSteps, note, part, report, section, signed, table, text, toned } from "../shape.ts";
import { ageOf, timeWithAge } from "../times.ts";

export function decisions(
  { total, decisions: all }: OperationOutput<"promotion.list">,
  now: number,
): readonly Section[] {
  if (total === 0) return report(part(line("There are no decisions yet.")), nextSteps(["signalbox run"]));
  return report(
    part(decisionTable(all, now)),
    total > all.length ? part(line(`${all.length} of ${counted(total, "decision")}; --limit shows more.`)) : undefined,
  );
}

function decisionTable(all: readonly DecisionRow[], now: number): Block | undefined {
  return table(
    all,
    [
      { title: "entry", value: (it) => it.ledgerIndex, align: "right" },
      { title: "what", value: whatOf, tone: (it) => (it.isExperiment ? "quiet" : toneOf(it.verdict)) },
      { title: "run", value: (it) => shortRun(it.runId) },
      { title: "model", value: (it) => `${it.modelName} ${it.modelVersion}`, shrink: 1, least: 14 },
      { title: "production", value: moveOf },
      { title: "by", value: (it) => it.actor, shrink: 2, least: 8 },
      { title: "when", value: (it) => ageOf(it.decidedAt, now), align: "right" },
    ],
    { mark: markOf, below: (it) => it.reason },
  );
}

function whatOf(it: DecisionRow): string {
  return it.verdict === null ? it.kind : verdictText(it.verdict, it.isExperiment);
}

function markOf(it: DecisionRow): Mark {
  if (it.kind !== "decision") return "warning";
  if (it.isExperiment) return "note";
  if (it.verdict === "PROMOTE") return "good";
  return it.verdict === "HOLD" ? "unclear" : "bad";
}

function moveOf({ productionBefore, productionAfter }: DecisionRow): string {
  if (productionBefore === productionAfter) return `stays ${productionAfter ?? "–"}`;
  return `${productionBefore ?? "–"} → ${productionAfter ?? "–"}`;
}

const experimentNote = "An experiment of a training plan: the verdict is recorded, but the model is never promoted.";

/** Shapes a decision with its evidence, and the overrides and rollbacks that followed. */
export function oneDecision(output: OperationOutput<"promotion.show">, now: number): readonly Section[] {
  const { decision, gate, later, referenceReads, ...how } = output;
  const verdict = decision.verdict ?? decision.kind;
  return report(
    part(
      line(toned(`Decision on run ${shortRun(decision.runId)}`, "strong"), "  ", toned(verdict, toneOf(verdict))),
      text(decision.reason),
      decision.isExperiment ? text(experimentNote, { mark: "note" }) : undefined,
    ),
    part(
      facts([
        ["model", `${decision.modelName} version ${decision.modelVersion}`],
        ["production", moveOf(decision)],
        ["decided", timeWithAge(decision.decidedAt, now)],
        ["by", decision.actor],
        ["ledger", `entry ${decision.ledgerIndex}`],
        ["reference", `read ${counted(referenceReads, "time")} when this was decided`],
      ]),
    ),
    section("Gate", gateBlock(gate), note(gateMethod({ ...how, rule: how.rule === "point" ? "point" : "bootstrap" }))),
    section("Later", decisionTable(later, now)),
    nextSteps([`signalbox ledger show ${decision.ledgerIndex}`, `signalbox runs show ${shortRun(decision.runId)}`]),
  );
}

/** Shapes whether a run passed the gate. */
export function checkedRun(found: OperationOutput<"promotion.check">): readonly Section[] {
  const { verdict, isExperiment, isOverridden, isPassed } = found;
  return report(
    part(
      signed(
        isPassed ? "good" : "bad",
        `run ${shortRun(found.runId)}  `,
        toned(verdictText(verdict, isExperiment), isExperiment ? "quiet" : toneOf(verdict)),
        isOverridden ? toned("  promoted by a person against the gate", "caution") : "",
      ),
      text(found.reason, { lead: "  " }),
      isExperiment ? text(experimentNote, { lead: "  " }) : undefined,
      isOverridden && !isPassed ? text("Use --allow-override to accept an overridden run.", { lead: "  " }) : undefined,
    ),
  );
}

export function rolledBack(done: OperationOutput<"promotion.rollback">): readonly Section[] {
  const { modelName, from, to, ledgerIndex } = done;
  return report(
    part(
      signed(
        "good",
        `${modelName}: production is version ${to} again (previously version ${from}); ledger entry ${ledgerIndex}`,
      ),
    ),
    nextSteps([`signalbox ledger show ${ledgerIndex}`, "signalbox promotion list"]),
  );
}

export function overridden(done: OperationOutput<"promotion.override">): readonly Section[] {
  const { modelName, version, verdict, before, ledgerIndex } = done;
  return report(
    part(
      signed(
        "warning",
        `${modelName}: version ${version} is production, against the gate's verdict `,
        toned(verdict, toneOf(verdict)),
      ),
      line(`  previously: ${before === null ? "no version" : `version ${before}`}; ledger entry ${ledgerIndex}`),
    ),
    nextSteps([`signalbox ledger show ${ledgerIndex}`, "signalbox promotion rollback --reason 'why'"]),
  );
}
