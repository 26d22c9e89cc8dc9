import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Mark, mark, marked } from "../marks.ts";
import { counted } from "../numbers.ts";
import { paint, plainLine, type Screen, type Style } from "../screen.ts";
import { facts, table } from "../table.ts";
import { clip, hanging, indented, inner, lines, pad, parts, section, widthOf } from "../text.ts";

type Routes = OperationOutput<"routing.show">;
type Target = Routes["targets"][number];

const letters: Readonly<Record<string, { readonly sign: string; readonly style: Style; readonly text: string }>> = {
  ROUTE_CROSS_SECTIONAL: { sign: "C", style: "blue", text: "pooled" },
  ROUTE_SYMBOL_SPECIFIC: { sign: "S", style: "cyan", text: "own model" },
  ROUTE_BOTH: { sign: "B", style: "green", text: "both, and an ensemble" },
  ROUTE_EXPERIMENTAL_ONLY: { sign: "e", style: "yellow", text: "experiment only" },
  ROUTE_BLOCKED: { sign: "·", style: "dim", text: "not trained" },
};

/** Targets down, segments across, a letter a route; the reasons below. */
export function routesView(output: Routes, screen: Screen): string {
  const isPart = output.targets.length === 1 || output.targets.every((target) => target.segments.length <= 1);
  return parts(
    marksLine(output.marks, screen),
    matrix(output, screen),
    legend(output, screen),
    isPart ? output.targets.map((target) => reasons(target, screen)).join("\n\n") : "",
    section(
      screen,
      "Bad rows, left out",
      table(inner(screen), output.badRows, [
        { title: "row", value: (it) => it.key, shrink: 2, least: 20 },
        { title: "why", value: (it) => it.problems.join("; "), shrink: 1, least: 20 },
      ]),
    ),
    output.notes.map((note) => marked(screen, "note", note)).join("\n"),
    facts(screen, [["plan", output.file]]),
    isPart ? "" : section(screen, "Next", lines("signalbox route explain TARGET [SEGMENT]", "signalbox plan build")),
  );
}

export function marksLine(marks: readonly string[], screen: Screen): string {
  return marks.length === 0 ? "" : marked(screen, "warning", `made under relaxed rules: ${marks.join(", ")}`);
}

/** Columns that a name may take where others stand beside it. */
const longestName = 28;

/** The matrix in blocks of as many segments as fit the screen. */
function matrix({ targets }: Routes, screen: Screen): string {
  const segments = [...new Set(targets.flatMap((target) => target.segments.map(({ symbol }) => symbol)))];
  const nameWidth = Math.min(longestName, Math.max(6, ...targets.map(({ target }) => widthOf(plainLine(target)))));
  const width = Math.min(12, Math.max(2, ...segments.map((segment) => widthOf(plainLine(segment)))));
  const perBlock = Math.max(1, Math.floor((screen.width - nameWidth - 6) / (width + 1)));
  const blocks = [];
  for (let from = 0; from === 0 || from < segments.length; from += perBlock)
    blocks.push(block(targets, { segments: segments.slice(from, from + perBlock), nameWidth, width }, screen));
  return blocks.join("\n\n");
}

function block(
  targets: readonly Target[],
  at: { readonly segments: readonly string[]; readonly nameWidth: number; readonly width: number },
  screen: Screen,
): string {
  const head = [
    pad("", at.nameWidth),
    " CS ",
    ...at.segments.map((segment) => pad(clip(plainLine(segment), at.width), at.width)),
  ];
  const rows = targets.map(({ target, crossSectional, segments }) => {
    const bySymbol = new Map(segments.map((segment) => [segment.symbol, segment.route]));
    const pooled = crossSectional.route === "ENABLED" ? paint(screen, "green", "yes") : paint(screen, "dim", "no ");
    const cells = at.segments.map((segment) => {
      const letter = letters[bySymbol.get(segment) ?? ""];
      return letter === undefined ? pad("", at.width) : paint(screen, letter.style, pad(letter.sign, at.width));
    });
    return [pad(clip(plainLine(target), at.nameWidth), at.nameWidth), ` ${pooled}`, ...cells].join(" ").trimEnd();
  });
  return [paint(screen, "bold", head.join(" ").trimEnd()), ...rows].join("\n");
}

function legend({ counts }: Routes, screen: Screen): string {
  const gap = "   ";
  let width = 0;
  return Object.entries(letters)
    .map(([route, { sign, style, text }], index) => {
      const rest = ` ${text} (${counts[route as keyof typeof counts] ?? 0})`;
      const own = widthOf(sign + rest);
      const isOnNext = width + gap.length + own > screen.width;
      width = index === 0 || isOnNext ? own : width + gap.length + own;
      return `${index === 0 ? "" : isOnNext ? "\n" : gap}${paint(screen, style, sign)}${rest}`;
    })
    .join("");
}

function reasons({ target, crossSectional, segments }: Target, screen: Screen): string {
  const body = inner(screen);
  return lines(
    paint(screen, "bold", plainLine(target)),
    indented(hanging(body, "CS  ", `${crossSectional.route}, ${crossSectional.signal}: ${crossSectional.reason}`)),
    ...segments.map(({ symbol, route, reason }) =>
      indented(hanging(body, `${clip(plainLine(symbol), longestName)}  `, `${route}: ${reason.slice(1).join("; ")}`)),
    ),
  );
}

type Explained = OperationOutput<"routing.explain">;

/** Each rule that was asked, the evidence behind it, and what would lead elsewhere. */
export function explainView(output: Explained, screen: Screen): string {
  const name = plainLine(`${output.target}${output.symbol === null ? " (pooled)" : `, ${output.symbol}`}`);
  const signals =
    output.symbolSignal === null ? output.csSignal : `pooled ${output.csSignal}, own ${output.symbolSignal}`;
  const isShort = widthOf(`${name}: ${output.route}  (${signals})`) <= screen.width;
  const rules = output.steps.filter((step) => step.view !== "combination");
  return parts(
    `${paint(screen, "bold", name)}:${isShort ? " " : "\n"}${paint(screen, styleOfRoute(output.route), output.route)}  (${signals})`,
    section(
      screen,
      "Rules, in order",
      table(
        inner(screen),
        rules,
        [
          { title: "view", value: (it) => viewName(it.view) },
          { title: "rule", value: (it) => it.rule.replaceAll("_", " ") },
          { title: "value", value: (it) => figure(it.value), align: "right", shrink: 1, least: 8 },
          { title: "threshold", value: (it) => figure(it.threshold), align: "right", shrink: 2, least: 8 },
          { title: "outcome", value: (it) => (it.unmet === undefined ? it.outcome : "not met") },
          { title: "policy", value: (it) => it.policy_key ?? "–", shrink: 3, least: 12, keeps: "end" },
        ],
        {
          mark: (it) => mark(screen, signOf(it)),
          below: (it) => it.unmet ?? null,
        },
      ),
    ),
    output.steps
      .filter((step) => step.view === "combination")
      .map(({ value, outcome, policy_key: key }) =>
        hanging(screen, "", `CS × own: ${value} → ${outcome}${key === null ? "" : ` (${key})`}`),
      )
      .join("\n"),
    section(screen, "Evidence", output.evidence.map((line) => hanging(inner(screen), "", line)).join("\n")),
    section(
      screen,
      "What would change it",
      output.wouldChange.length === 0
        ? "No single threshold, switch or figure."
        : table(inner(screen), output.wouldChange, [
            { title: "to", value: (it) => it.route },
            { title: "by", value: (it) => it.text, shrink: 1, least: 24 },
          ]),
    ),
  );
}

const viewName = (view: string): string =>
  ({ cross_sectional: "CS", symbol: "own", combination: "both" })[view] ?? view;

function signOf({ outcome, unmet }: Explained["steps"][number]): Mark {
  if (outcome === "passed") return "good";
  if (outcome === "DISALLOWED" || outcome === "ROUTE_BLOCKED") return "bad";
  return unmet === undefined ? "active" : "none";
}

function styleOfRoute(route: string): Style {
  return letters[route]?.style ?? (route === "ENABLED" ? "green" : "dim");
}

const figure = (value: number | string | null): string => {
  if (value === null) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? value.toFixed(4) : String(value);
};

type WhatIf = OperationOutput<"routing.whatIf">;

export function whatIfView(output: WhatIf, screen: Screen): string {
  const hours = (value: number | null) => (value === null ? "not estimated" : `${value.toFixed(2)} h`);
  return parts(
    output.changed.length === 0
      ? "That is the policy in force: nothing would change."
      : output.changed.map(({ key, from, to }) => `${key}: ${from} → ${paint(screen, "bold", to)}`).join("\n"),
    section(
      screen,
      `${counted(output.routes.length, "route")} would change`,
      output.routes.length === 0
        ? "none"
        : table(inner(screen), output.routes, [
            { title: "target", value: (it) => it.target, shrink: 3, least: 10 },
            { title: "segment", value: (it) => it.symbol ?? "CS", shrink: 2, least: 6 },
            { title: "from", value: (it) => it.from },
            { title: "to", value: (it) => it.to },
            { title: "why", value: (it) => it.why, shrink: 1, least: 16 },
          ]),
    ),
    facts(screen, [
      ["jobs", `${output.jobsBefore} → ${output.jobsAfter} (${output.jobsAdded} added, ${output.jobsRemoved} removed)`],
      ["CPU", `${hours(output.cpuHoursBefore)} → ${hours(output.cpuHoursAfter)}`],
      ["GPU", `${hours(output.gpuHoursBefore)} → ${hours(output.gpuHoursAfter)}`],
      ["written", "nothing"],
    ]),
  );
}
