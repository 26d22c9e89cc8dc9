import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Mark, mark, marked } from "../marks.ts";
import { counted, formatCount } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, inner, lines, parts, section } from "../text.ts";

type Assessed = OperationOutput<"routing.assess">;
type AssessedView = Assessed["views"][number];

/** What was measured, target by target: the pooled view first, then its segments. */
export function assessView(output: Assessed, screen: Screen): string {
  const targets = [...new Set(output.views.map((view) => view.target))];
  const measured = output.results - output.reused;
  return parts(
    ...targets.map((target) =>
      section(
        screen,
        plainLine(target),
        evidence(
          output.views.filter((view) => view.target === target),
          inner(screen),
        ),
      ),
    ),
    method(output, screen),
    lines(
      facts(screen, [
        [
          "results",
          `${counted(measured, "result")} measured, ${formatCount(output.reused)} reused of an equal signature`,
        ],
        ["candidates", output.candidatesFile],
        ["evidence", output.evidenceFile],
      ]),
    ),
    section(screen, "Next", lines("signalbox route build", "signalbox route explain TARGET [SEGMENT]")),
  );
}

function evidence(views: readonly AssessedView[], screen: Screen): string {
  return table(
    screen,
    views,
    [
      { title: "view", value: (it) => it.symbol ?? "CS (pooled)", shrink: 2, least: 8 },
      { title: "rows", value: (it) => formatCount(it.rows), align: "right" },
      { title: "score", value: (it) => score(it.score), align: "right" },
      { title: "95 % interval", value: (it) => (it.low === null ? "–" : `[${score(it.low)}, ${score(it.high)}]`) },
      { title: "best family", value: (it) => it.bestFamily ?? "–", shrink: 1, least: 8 },
      { title: "stability", value: (it) => it.stability },
      { title: "leakage", value: (it) => it.leakage },
    ],
    { mark: (it) => mark(screen, signOf(it)), below: remarks },
  );
}

function signOf(view: AssessedView): Mark {
  if (view.score === null) return "bad";
  if (view.leakage !== "SAFE") return "warning";
  return view.families.some((family) => family.error !== null) ? "unclear" : "good";
}

function remarks(view: AssessedView): string | null {
  const failed = view.families.filter((family) => family.error !== null);
  const said = [
    ...new Set([
      ...view.findings.map((finding) => finding.message),
      ...(view.score === null && view.note !== null ? [view.note] : []),
      ...(view.score === null && view.note !== null
        ? []
        : failed.map((it) => `${it.family} failed: ${it.error?.message}`)),
    ]),
  ];
  return said.length === 0 ? null : said.join("; ");
}

function method({ views }: Assessed, screen: Screen): string {
  const methods = [...new Set(views.flatMap((view) => (view.method === null ? [] : [view.method])))];
  return methods.length === 0
    ? ""
    : paint(screen, "dim", hanging(screen, "", `Intervals of the out-of-fold score: ${methods.join("; ")}.`));
}

const score = (value: number | null): string => (value === null ? "–" : value.toFixed(4));

export function policyView(output: OperationOutput<"routing.configShow">, screen: Screen): string {
  return parts(
    output.marks.length === 0
      ? ""
      : marked(screen, "warning", `relaxed: ${output.marks.join(", ")}; every artifact says so`),
    table(screen, output.values, [
      { title: "key", value: (it) => it.key, style: (it) => (it.origin === "default" ? "dim" : undefined) },
      { title: "value", value: (it) => it.value, align: "right", shrink: 1, least: 12 },
      { title: "from", value: (it) => it.origin },
    ]),
    facts(screen, [
      ["file", output.file ?? "none: every value is the default (configs/routing.yaml sets others)"],
      ["digest", output.digest.slice(0, 12)],
    ]),
  );
}

export function policyCheckView(output: OperationOutput<"routing.configCheck">, screen: Screen): string {
  return parts(
    marked(
      screen,
      "good",
      `${output.file ?? "the default policy"} and signalbox.yaml are valid${output.marks.length === 0 ? "" : ` (${output.marks.join(", ")})`}`,
    ),
    table(screen, output.targets, [
      { title: "target", value: (it) => it.name, shrink: 2, least: 10 },
      { title: "task", value: (it) => it.task },
      { title: "scored by", value: (it) => it.metric },
      { title: "horizon", value: (it) => it.tier },
      { title: "families", value: (it) => it.families.join(", "), shrink: 3, least: 16 },
      { title: "gate", value: (it) => it.gate, shrink: 1, least: 12, keeps: "end" },
    ]),
    facts(screen, [["segments", output.segments ?? "none: only pooled models"]]),
  );
}
