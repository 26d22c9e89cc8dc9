import { AppError } from "../../../contract/errors.ts";
import { nearest } from "../../../contract/nearest.ts";
import { routeSchema } from "../../../contract/routing/routes.ts";
import type { RoutesOutput } from "../../../contract/routing/routing-output.ts";
import type { RoutingPlan } from "../../../contract/routing/routing-plans.ts";
import { readViewName, segmentText } from "../../../contract/routing/view-name.ts";

/** A routing plan as an operation's output: a matrix of targets and segments, or a part of it. */
export function routesOutput(
  plan: RoutingPlan,
  it: {
    readonly file: string;
    readonly badRows?: RoutesOutput["badRows"];
    readonly notes?: readonly string[];
    readonly target?: string | undefined;
    readonly segment?: string | undefined;
  },
): RoutesOutput {
  const wanted = it.segment === undefined ? undefined : readViewName(it.segment);
  const targets = Object.entries(plan.targets)
    .filter(([name]) => it.target === undefined || name === it.target)
    .map(([target, { cross_sectional, symbols }]) => ({
      target,
      crossSectional: cross_sectional,
      segments: Object.entries(symbols)
        .filter(([symbol]) => wanted === undefined || symbol === wanted)
        .map(([symbol, { route, cs_signal, symbol_signal, reason }]) => ({
          symbol,
          route,
          csSignal: cs_signal,
          symbolSignal: symbol_signal,
          reason,
        })),
    }));
  if (it.target !== undefined && targets.length === 0) throw unknown("target", it.target, Object.keys(plan.targets));
  const segments = [...new Set(Object.values(plan.targets).flatMap(({ symbols }) => Object.keys(symbols)))];
  if (wanted != null && !segments.includes(wanted)) throw unknown("segment", wanted, segments);
  return {
    file: it.file,
    generatedAt: plan.metadata.generated_at,
    marks: plan.metadata.marks,
    counts: routeCounts(targets),
    targets,
    badRows: [...(it.badRows ?? [])],
    notes: [...(it.notes ?? [])],
  };
}

function routeCounts(targets: RoutesOutput["targets"]): RoutesOutput["counts"] {
  const counts = Object.fromEntries(routeSchema.options.map((route) => [route, 0])) as RoutesOutput["counts"];
  for (const { segments } of targets) for (const { route } of segments) counts[route] += 1;
  return counts;
}

function unknown(what: string, name: string, known: readonly string[]): AppError {
  const near = nearest(name, known);
  return new AppError({
    code: "routing/not-found",
    message: `The routing plan has no ${what} '${name}'${near === undefined ? "" : ` — did you mean '${near}'?`}`,
    hint: `It has: ${known.slice(0, 20).map(segmentText).join(", ")}.`,
    details: { [what]: name, nearest: near },
  });
}
