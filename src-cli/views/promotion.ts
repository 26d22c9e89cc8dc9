import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { DecisionRow } from "../../src-core/contract/promotion.ts";
import { type Mark, mark, styleOf } from "../marks.ts";
import { counted } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, inner, lines, nextSteps, parts, section, shortRun } from "../text.ts";
import { ageOf, timeWithAge } from "../times.ts";
import type { Views } from "../view.ts";
import { gateMethod, gateView } from "./gate.ts";

export const promotionViews: Views = {
  "promotion.list": ({ total, decisions }, screen) =>
    total === 0
      ? parts("Nothing was decided yet.", nextSteps(screen, ["signalbox run"]))
      : parts(
          decisionTable(decisions, screen),
          total > decisions.length ? `${decisions.length} of ${counted(total, "decision")}; --limit shows more.` : "",
        ),
  "promotion.show": shown,
  "promotion.check": ({ runId, verdict, reason, isOverridden, isPassed }, screen) =>
    lines(
      `${mark(screen, isPassed ? "good" : "bad")} run ${shortRun(runId)}  ${paint(screen, styleOf(verdict), verdict)}${isOverridden ? paint(screen, "yellow", "  promoted by a person against the gate") : ""}`,
      hanging(inner(screen), "  ", reason),
      isOverridden && !isPassed ? hanging(screen, "  ", "--allow-override lets an overridden run pass.") : "",
    ),
  "promotion.rollback": ({ modelName, from, to, ledgerIndex }, screen) =>
    parts(
      `${mark(screen, "good")} ${plainLine(modelName)}: production is version ${to} again (before: version ${from}); ledger entry ${ledgerIndex}`,
      nextSteps(screen, [`signalbox ledger show ${ledgerIndex}`, "signalbox promotion list"]),
    ),
  "promotion.override": ({ modelName, version, verdict, before, ledgerIndex }, screen) =>
    parts(
      lines(
        `${mark(screen, "warning")} ${plainLine(modelName)}: version ${version} is production against the gate, which said ${paint(screen, styleOf(verdict), verdict)}`,
        `  before: ${before === null ? "no version" : `version ${before}`}; ledger entry ${ledgerIndex}`,
      ),
      nextSteps(screen, [`signalbox ledger show ${ledgerIndex}`, "signalbox promotion rollback --reason 'why'"]),
    ),
};

function decisionTable(decisions: readonly DecisionRow[], screen: Screen): string {
  return table(
    screen,
    decisions,
    [
      { title: "entry", value: (it) => it.ledgerIndex, align: "right" },
      { title: "what", value: (it) => it.verdict ?? it.kind, style: (it) => styleOf(it.verdict) },
      { title: "run", value: (it) => shortRun(it.runId) },
      { title: "model", value: (it) => `${it.modelName} ${it.modelVersion}`, shrink: 1, least: 14 },
      { title: "production", value: moveOf },
      { title: "by", value: (it) => it.actor, shrink: 2, least: 8 },
      { title: "when", value: (it) => ageOf(it.decidedAt, screen.now), align: "right" },
    ],
    { mark: (it) => mark(screen, signOf(it)), below: (it) => it.reason },
  );
}

function signOf(it: DecisionRow): Mark {
  if (it.kind !== "decision") return "warning";
  if (it.verdict === "PROMOTE") return "good";
  return it.verdict === "HOLD" ? "unclear" : "bad";
}

function moveOf({ productionBefore, productionAfter }: DecisionRow): string {
  if (productionBefore === productionAfter) return `stays ${productionAfter ?? "–"}`;
  return `${productionBefore ?? "–"} → ${productionAfter ?? "–"}`;
}

function shown(output: OperationOutput<"promotion.show">, screen: Screen): string {
  const { decision, gate, later, referenceReads, ...how } = output;
  const body = inner(screen);
  const verdict = decision.verdict ?? decision.kind;
  return parts(
    lines(
      `${paint(screen, "bold", `Decision on run ${shortRun(decision.runId)}`)}  ${paint(screen, styleOf(verdict), verdict)}`,
      hanging(screen, "", decision.reason),
    ),
    facts(screen, [
      ["model", `${decision.modelName} version ${decision.modelVersion}`],
      ["production", moveOf(decision)],
      ["decided", timeWithAge(decision.decidedAt, screen.now)],
      ["by", decision.actor],
      ["ledger", `entry ${decision.ledgerIndex}`],
      ["reference", `looked at ${counted(referenceReads, "time")} when this was decided`],
    ]),
    section(
      screen,
      "Gate",
      lines(gateView(gate, body), gateMethod({ ...how, rule: how.rule === "point" ? "point" : "bootstrap" }, body)),
    ),
    section(screen, "Later", decisionTable(later, body)),
    nextSteps(screen, [
      `signalbox ledger show ${decision.ledgerIndex}`,
      `signalbox runs show ${shortRun(decision.runId)}`,
    ]),
  );
}
