import type { OperationOutput } from "../../src-core/contract/index.ts";
import { segmentText } from "../../src-core/contract/routing/view-name.ts";
import type { Mark, Tone } from "../labels.ts";
import type { Section } from "../section.ts";
import { line, part, report, section, table, text } from "../shape.ts";
import { toneOfRoute } from "./routes.ts";

type Explained = OperationOutput<"routing.explain">;

export interface RouteHeading {
  readonly name: string;
  readonly route: string;
  readonly tone: Tone;
  readonly signals: string;
}

export function routeHeading({ target, symbol, route, csSignal, symbolSignal }: Explained): RouteHeading {
  return {
    name: `${target}${symbol === null ? " (pooled)" : `, ${segmentText(symbol)}`}`,
    route,
    tone: toneOfRoute(route),
    signals: symbolSignal === null ? csSignal : `pooled ${csSignal}, own ${symbolSignal}`,
  };
}

/** Shapes the applied rules, their evidence, and what would change the route. */
export function explanation(output: Explained): readonly Section[] {
  const rules = output.steps.filter((step) => step.view !== "combination");
  const combined = output.steps.filter((step) => step.view === "combination");
  return report(
    section(
      "Rules, in order",
      table(
        rules,
        [
          { title: "view", value: (it) => viewNames[it.view] ?? it.view },
          { title: "rule", value: (it) => it.rule.replaceAll("_", " ") },
          { title: "value", value: (it) => figure(it.value), align: "right", shrink: 1, least: 8 },
          { title: "threshold", value: (it) => figure(it.threshold), align: "right", shrink: 2, least: 8 },
          { title: "outcome", value: (it) => (it.unmet === undefined ? it.outcome : "not met") },
          { title: "policy", value: (it) => it.policy_key ?? "–", shrink: 3, least: 12, keeps: "end" },
        ],
        {
          mark: markOf,
          below: (it) => it.unmet ?? null,
        },
      ),
    ),
    part(
      ...combined.map(({ value, outcome, policy_key: key }) =>
        text(`CS × own: ${value} → ${outcome}${key === null ? "" : ` (${key})`}`),
      ),
    ),
    section("Evidence", ...output.evidence.map((it) => text(it))),
    section(
      "What would change it",
      output.wouldChange.length === 0
        ? line("No single threshold, switch or value would.")
        : table(output.wouldChange, [
            { title: "to", value: (it) => it.route },
            { title: "by", value: (it) => it.text, shrink: 1, least: 24 },
          ]),
    ),
  );
}

const viewNames: Readonly<Record<string, string>> = { cross_sectional: "CS", symbol: "own", combination: "both" };

function markOf({ outcome, unmet }: Explained["steps"][number]): Mark {
  if (outcome === "passed") return "good";
  if (outcome === "DISALLOWED" || outcome === "ROUTE_BLOCKED") return "bad";
  return unmet === undefined ? "active" : "none";
}

const figure = (value: number | string | null): string => {
  if (value === null) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? value.toFixed(4) : String(value);
};
