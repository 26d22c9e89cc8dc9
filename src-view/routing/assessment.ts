import type { OperationOutput } from "../../src-core/contract/index.ts";
import { viewName } from "../../src-core/contract/routing/view-name.ts";
import type { Mark } from "../labels.ts";
import { counted, formatCount } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { facts, nextSteps, note, part, report, section, table } from "../shape.ts";

type Assessed = OperationOutput<"routing.assess">;
type AssessedView = Assessed["views"][number];

/** Shapes the measurements by target: the pooled view first, then the segments. */
export function assessment(output: Assessed): readonly Section[] {
  const targets = [...new Set(output.views.map((view) => view.target))];
  const measured = output.results - output.reused;
  return report(
    ...targets.map((target) => section(target, evidence(output.views.filter((view) => view.target === target)))),
    part(method(output)),
    part(
      facts([
        [
          "results",
          `${counted(measured, "result")} measured, ${formatCount(output.reused)} reused because of an equal signature`,
        ],
        ["candidates", output.candidatesFile],
        ["evidence", output.evidenceFile],
      ]),
    ),
    nextSteps(["signalbox route build", "signalbox route explain TARGET [SEGMENT]"]),
  );
}

function evidence(views: readonly AssessedView[]): Block | undefined {
  return table(
    views,
    [
      { title: "view", value: (it) => (it.symbol === null ? "CS (pooled)" : viewName(it.symbol)), shrink: 2, least: 8 },
      { title: "rows", value: (it) => formatCount(it.rows), align: "right" },
      { title: "score", value: (it) => score(it.score), align: "right" },
      { title: "95 % interval", value: (it) => (it.low === null ? "–" : `[${score(it.low)}, ${score(it.high)}]`) },
      { title: "best family", value: (it) => it.bestFamily ?? "–", shrink: 1, least: 8 },
      { title: "stability", value: (it) => it.stability },
      { title: "leakage", value: (it) => it.leakage },
    ],
    { mark: markOf, below: remarks },
  );
}

function markOf(view: AssessedView): Mark {
  if (view.score === null) return "bad";
  if (view.leakage !== "SAFE") return "warning";
  return view.families.some((family) => family.error !== null) ? "unclear" : "good";
}

function remarks(view: AssessedView): string | null {
  const failed = view.families.filter((family) => family.error !== null);
  const isUnmeasured = view.score === null && view.note !== null;
  const said = [
    ...new Set([
      ...view.findings.map((finding) => finding.message),
      ...(isUnmeasured ? [view.note] : failed.map((it) => `${it.family} failed: ${it.error?.message}`)),
    ]),
  ];
  return said.length === 0 ? null : said.join("; ");
}

function method({ views }: Assessed): Block | undefined {
  const methods = [...new Set(views.flatMap((view) => (view.method === null ? [] : [view.method])))];
  return methods.length === 0 ? undefined : note(`Intervals of the out-of-fold score: ${methods.join("; ")}.`);
}

const score = (value: number | null): string => (value === null ? "–" : value.toFixed(4));
