import type { OperationOutput } from "../../src-core/contract/index.ts";
import { segmentText, viewName } from "../../src-core/contract/routing/view-name.ts";
import type { Tone } from "../labels.ts";
import { counted } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { facts, line, nextSteps, part, report, section, table, text, toned } from "../shape.ts";

type Routes = OperationOutput<"routing.show">;

export interface RouteSign {
  readonly sign: string;
  readonly tone: Tone;
  readonly text: string;
}

const signs: Readonly<Record<string, RouteSign>> = {
  ROUTE_CROSS_SECTIONAL: { sign: "C", tone: "accent", text: "pooled" },
  ROUTE_SYMBOL_SPECIFIC: { sign: "S", tone: "active", text: "own model" },
  ROUTE_BOTH: { sign: "B", tone: "good", text: "both, and an ensemble" },
  ROUTE_EXPERIMENTAL_ONLY: { sign: "e", tone: "caution", text: "experiment only" },
  ROUTE_BLOCKED: { sign: "·", tone: "quiet", text: "not trained" },
};

export function toneOfRoute(route: string): Tone {
  return signs[route]?.tone ?? (route === "ENABLED" ? "good" : "quiet");
}

export interface RouteMatrix {
  readonly segments: readonly string[];
  readonly targets: readonly {
    readonly name: string;
    readonly isPooled: boolean;
    /** One for each segment; undefined if the target has no such view. */
    readonly signs: readonly (RouteSign | undefined)[];
  }[];
  readonly legend: readonly (RouteSign & { readonly count: number })[];
}

/** Shapes the matrix of targets and segments, with a letter for each route. */
export function routeMatrix({ targets, counts }: Routes): RouteMatrix {
  const segments = [...new Set(targets.flatMap((target) => target.segments.map(({ symbol }) => symbol)))];
  return {
    segments: segments.map(segmentText),
    targets: targets.map(({ target, crossSectional, segments: own }) => {
      const bySymbol = new Map(own.map((segment) => [segment.symbol, segment.route]));
      return {
        name: target,
        isPooled: crossSectional.route === "ENABLED",
        signs: segments.map((segment) => signs[bySymbol.get(segment) ?? ""]),
      };
    }),
    legend: Object.entries(signs).map(([route, sign]) => ({
      ...sign,
      count: counts[route as keyof typeof counts] ?? 0,
    })),
  };
}

export function relaxedRules(marks: readonly string[]): Block | undefined {
  return marks.length === 0 ? undefined : text(`made under relaxed rules: ${marks.join(", ")}`, { mark: "warning" });
}

/** Shapes what follows the matrix: the reasons if few views are shown, else the command that shows them. */
export function routeReasons(output: Routes): readonly Section[] {
  const isPart = output.targets.length === 1 || output.targets.every((target) => target.segments.length <= 1);
  return report(
    ...(isPart ? output.targets.map(reasons) : []),
    section(
      "Invalid rows, ignored",
      table(output.badRows, [
        { title: "row", value: (it) => it.key, shrink: 2, least: 20 },
        { title: "why", value: (it) => it.problems.join("; "), shrink: 1, least: 20 },
      ]),
    ),
    part(...output.notes.map((it) => text(it, { mark: "note" }))),
    part(facts([["plan", output.file]])),
    isPart ? undefined : nextSteps(["signalbox route explain TARGET [SEGMENT]", "signalbox plan build"]),
  );
}

function reasons({ target, crossSectional, segments }: Routes["targets"][number]): Section | undefined {
  return section(
    target,
    text(`${crossSectional.route}, ${crossSectional.signal}: ${crossSectional.reason}`, { name: "CS" }),
    ...segments.map(({ symbol, route, reason }) =>
      text(`${route}: ${reason.slice(1).join("; ")}`, { name: segmentText(symbol) }),
    ),
  );
}

/** Shapes what another policy would change. */
export function whatIf(output: OperationOutput<"routing.whatIf">): readonly Section[] {
  const hours = (value: number | null) => (value === null ? "not estimated" : `${value.toFixed(2)} h`);
  return report(
    part(
      ...(output.changed.length === 0
        ? [line("This is the current policy, so nothing would change.")]
        : output.changed.map(({ key, from, to }) => line(`${key}: ${from} → `, toned(to, "strong")))),
    ),
    section(
      `${counted(output.routes.length, "route")} would change`,
      output.routes.length === 0
        ? line("none")
        : table(output.routes, [
            { title: "target", value: (it) => it.target, shrink: 3, least: 10 },
            { title: "segment", value: (it) => viewName(it.symbol), shrink: 2, least: 6 },
            { title: "from", value: (it) => it.from },
            { title: "to", value: (it) => it.to },
            { title: "why", value: (it) => it.why, shrink: 1, least: 16 },
          ]),
    ),
    part(
      facts([
        [
          "jobs",
          `${output.jobsBefore} → ${output.jobsAfter} (${output.jobsAdded} added, ${output.jobsRemoved} removed)`,
        ],
        ["CPU", `${hours(output.cpuHoursBefore)} → ${hours(output.cpuHoursAfter)}`],
        ["GPU", `${hours(output.gpuHoursBefore)} → ${hours(output.gpuHoursAfter)}`],
        ["written", "nothing"],
      ]),
    ),
  );
}
