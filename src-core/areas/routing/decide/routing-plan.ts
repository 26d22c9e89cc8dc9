import type * as z from "zod";
import type { RoutingPlan, routingMetadataSchema, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { hashTexts } from "../../../foundation/files/hash-texts.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";
import { remembered } from "../../../foundation/text/remembered.ts";
import { isEnabled } from "./combine.ts";
import type { Routing, TargetDecision } from "./route.ts";

export type RoutingMetadata = z.output<typeof routingMetadataSchema>;
type TargetRoutes = RoutingPlan["targets"][string];
type SymbolRoute = TargetRoutes["symbols"][string];

/**
 * The decisions as a file: what is decided and why, without the evidence. Its records have no prototype: a target named
 * `__proto__` is one like any other, and adding a thousand members takes a fifth of the time.
 */
export function buildRoutingPlan(input: {
  readonly routing: Routing;
  readonly metadata: RoutingMetadata;
}): RoutingPlan {
  const { generated_at, git_commit, config_hash, candidates_hash, marks } = input.metadata;
  const sorted = [...input.routing].sort((a, b) => compareCodePoints(a.target, b.target));
  const words = remembered(combinationReason);
  const targets: RoutingPlan["targets"] = Object.create(null);
  for (const decision of sorted) targets[decision.target] = targetRoutes(decision, words);
  return {
    schema_version: 1,
    metadata: { generated_at, git_commit, config_hash, candidates_hash, marks: [...marks] },
    targets,
  };
}

function targetRoutes(
  { crossSectional, segments }: TargetDecision,
  words: (combination: TraceStep) => string,
): TargetRoutes {
  const sorted = [...segments].sort((a, b) => compareCodePoints(a.symbol, b.symbol));
  const pooledReason = `cross-sectional: ${crossSectional.reason}`;
  const symbols: TargetRoutes["symbols"] = Object.create(null);
  for (const { symbol, route, view, combination } of sorted)
    symbols[symbol] = {
      route,
      cs_signal: crossSectional.signal,
      symbol_signal: view.signal,
      reason: [pooledReason, `symbol: ${view.reason}`, words(combination)],
    };
  return {
    cross_sectional: {
      route: isEnabled(crossSectional.signal) ? "ENABLED" : "DISABLED",
      signal: crossSectional.signal,
      reason: crossSectional.reason,
    },
    symbols,
  };
}

/** "STRONG × WEAK_BUT_OK: ROUTE_BOTH (both_strong_behavior)" */
function combinationReason({ value, outcome, policy_key }: TraceStep): string {
  return `${value}: ${outcome}${policy_key === null ? "" : ` (${policy_key})`}`;
}

/** The content of the file; equal plans have equal content. */
export function routingPlanText(plan: RoutingPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/**
 * sha256 of the canonical JSON of everything but `generated_at`, `git_commit` and the reasons. Those follow from candidates
 * and policy, whose hashes are included, and a reworded sentence doesn't make another plan.
 */
export function routingPlanHash(plan: RoutingPlan): string {
  return hashTexts(canonicalPieces(plan));
}

/** Canonical JSON in pieces, with members in sorted order; written out because there may be a million segments. */
function* canonicalPieces({ schema_version, metadata, targets }: RoutingPlan): Generator<string> {
  const { generated_at: _, git_commit: __, ...hashed } = metadata;
  yield `{"metadata":${canonicalJson(hashed)},"schema_version":${schema_version},"targets":{`;
  const symbolText = symbolWriter();
  let separator = "";
  for (const name of Object.keys(targets).sort()) {
    const target = targets[name];
    if (target === undefined) continue;
    const { route, signal } = target.cross_sectional;
    const crossSectional = `{"route":"${route}","signal":"${signal}"}`;
    const symbols: string[] = [];
    for (const symbol of Object.keys(target.symbols).sort()) {
      const decided = target.symbols[symbol];
      if (decided !== undefined) symbols.push(symbolText(symbol, decided));
    }
    yield `${separator}${JSON.stringify(name)}:{"cross_sectional":${crossSectional},"symbols":{${symbols.join(",")}}}`;
    separator = ",";
  }
  yield "}}";
}

/** A segment as a member of its target. Names and outcomes repeat, so each string is built once. */
function symbolWriter(): (name: string, symbol: SymbolRoute) => string {
  const quoted = remembered((name: string) => JSON.stringify(name));
  const decided = remembered((cs: string) =>
    remembered((route: string) =>
      remembered((own: string) => `:{"cs_signal":"${cs}","route":"${route}","symbol_signal":"${own}"}`),
    ),
  );
  return (name, { cs_signal, route, symbol_signal }) => quoted(name) + decided(cs_signal)(route)(symbol_signal);
}
