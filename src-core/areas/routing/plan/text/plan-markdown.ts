import type { Route } from "../../../../contract/routing/routes.ts";
import type { RoutingPlan } from "../../../../contract/routing/routing-plans.ts";
import { segmentText } from "../../../../contract/routing/view-name.ts";
import { compareCodePoints } from "../../../../foundation/text/code-points.ts";
import { markdownCell, markdownHead, markdownRow } from "./markdown-cell.ts";

const shortRoutes: Readonly<Record<Route, string>> = {
  ROUTE_CROSS_SECTIONAL: "CS",
  ROUTE_SYMBOL_SPECIFIC: "SYMBOL",
  ROUTE_BOTH: "BOTH",
  ROUTE_EXPERIMENTAL_ONLY: "EXPERIMENT",
  ROUTE_BLOCKED: "blocked",
};

/** The routing plan in readable form: which target is trained where, as a matrix, then why. */
export function routingPlanMarkdown(plan: RoutingPlan): string {
  const { metadata, targets } = plan;
  const marks = metadata.marks.map((mark) => `**Made under \`${markdownCell(mark)}\`.**`);
  return `${[
    "# Routing plan",
    "",
    `Made ${markdownCell(metadata.generated_at)}${metadata.git_commit === null ? "" : ` at commit ${markdownCell(metadata.git_commit)}`}, from candidates ${metadata.candidates_hash.slice(0, 12)} and policy ${metadata.config_hash.slice(0, 12)}.`,
    ...marks,
    "",
    "## Routes",
    "",
    ...matrix(targets),
    "",
    "CS: one model over all segments. SYMBOL: one of its own. BOTH: the two and their ensemble. EXPERIMENT: trained, never promoted. blocked: not trained. –: no evidence.",
    "",
    "## Reasons",
    ...Object.entries(targets).flatMap(([name, target]) => reasons(name, target)),
  ].join("\n")}\n`;
}

type Targets = RoutingPlan["targets"];

function matrix(targets: Targets): readonly string[] {
  const names = new Set(Object.values(targets).flatMap(({ symbols }) => Object.keys(symbols)));
  const symbols = [...names].sort(compareCodePoints);
  const rows = Object.entries(targets).map(([name, target]) => {
    const routes = new Map(Object.entries(target.symbols));
    const cells = symbols.map((symbol) => {
      const route = routes.get(symbol)?.route;
      return route === undefined ? "–" : shortRoutes[route];
    });
    return markdownRow([name, target.cross_sectional.route, ...cells]);
  });
  return [...markdownHead(["target", "cross-sectional", ...symbols.map(segmentText)]), ...rows];
}

function reasons(name: string, { cross_sectional, symbols }: Targets[string]): readonly string[] {
  return [
    "",
    `### ${markdownCell(name)}`,
    "",
    ...markdownHead(["view", "route", "signal", "reason"]),
    markdownRow(["cross-sectional", cross_sectional.route, cross_sectional.signal, cross_sectional.reason]),
    ...Object.entries(symbols).map(([symbol, { route, cs_signal, symbol_signal, reason }]) =>
      markdownRow([segmentText(symbol), route, `${symbol_signal} (CS ${cs_signal})`, reason.join("; ")]),
    ),
  ];
}
