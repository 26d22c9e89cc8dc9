import type { z } from "zod";
import type { RoutingPlan, routingMetadataSchema, TraceStep } from "../contract/routing-plans.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { compareCodePoints } from "../versioning/code-points.ts";
import { isEnabled } from "./combine.ts";
import { hashTexts } from "./hash-texts.ts";
import type { Routing, TargetDecision } from "./route.ts";

export type RoutingMetadata = z.output<typeof routingMetadataSchema>;
type TargetRoutes = RoutingPlan["targets"][string];
type SymbolRoute = TargetRoutes["symbols"][string];

/** The decisions as a file: what is decided and why, without the evidence. */
export function buildRoutingPlan(input: {
  readonly routing: Routing;
  readonly metadata: RoutingMetadata;
}): RoutingPlan {
  const { generated_at, git_commit, config_hash, candidates_hash, marks } = input.metadata;
  const targets = [...input.routing].sort((a, b) => compareCodePoints(a.target, b.target));
  return {
    schema_version: 1,
    metadata: { generated_at, git_commit, config_hash, candidates_hash, marks: [...marks] },
    // fromEntries defines its members: a target named `__proto__` is one like any other.
    targets: Object.fromEntries(targets.map((decision) => [decision.target, targetRoutes(decision)])),
  };
}

function targetRoutes({ crossSectional, segments }: TargetDecision): TargetRoutes {
  const sorted = [...segments].sort((a, b) => compareCodePoints(a.symbol, b.symbol));
  const pooledReason = `cross-sectional: ${crossSectional.reason}`;
  return {
    cross_sectional: {
      route: isEnabled(crossSectional.signal) ? "ENABLED" : "DISABLED",
      signal: crossSectional.signal,
      reason: crossSectional.reason,
    },
    symbols: Object.fromEntries(
      sorted.map(({ symbol, route, view, combination }): [string, SymbolRoute] => [
        symbol,
        {
          route,
          cs_signal: crossSectional.signal,
          symbol_signal: view.signal,
          reason: [pooledReason, `symbol: ${view.reason}`, combinationReason(combination)],
        },
      ]),
    ),
  };
}

/** "STRONG × WEAK_BUT_OK: ROUTE_BOTH (both_strong_behavior)" */
function combinationReason({ value, outcome, policy_key }: TraceStep): string {
  return `${value}: ${outcome}${policy_key === null ? "" : ` (${policy_key})`}`;
}

/** The file's text; equal plans have equal texts. */
export function routingPlanText(plan: RoutingPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/**
 * sha256 of the canonical JSON of everything but `generated_at`, `git_commit` and the reasons: those follow from candidates
 * and policy, whose hashes are in it, and a sentence written in other words is no other plan.
 */
export function routingPlanHash(plan: RoutingPlan): string {
  return hashTexts(canonicalPieces(plan));
}

/** Canonical JSON in pieces, members in their sorted order: written out, for there may be a million segments. */
function* canonicalPieces({ schema_version, metadata, targets }: RoutingPlan): Generator<string> {
  const { generated_at: _, git_commit: __, ...hashed } = metadata;
  yield `{"metadata":${canonicalJson(hashed)},"schema_version":${schema_version},"targets":{`;
  for (const [index, name] of Object.keys(targets).sort().entries()) {
    const target = targets[name];
    if (target === undefined) continue;
    const { route, signal } = target.cross_sectional;
    const crossSectional = `{"route":"${route}","signal":"${signal}"}`;
    yield `${index === 0 ? "" : ","}${JSON.stringify(name)}:{"cross_sectional":${crossSectional},"symbols":{`;
    yield* symbolPieces(target.symbols);
    yield "}}";
  }
  yield "}}";
}

function* symbolPieces(symbols: TargetRoutes["symbols"]): Generator<string> {
  let separator = "";
  for (const name of Object.keys(symbols).sort()) {
    const symbol = symbols[name];
    if (symbol === undefined) continue;
    const { cs_signal, route, symbol_signal } = symbol;
    const decided = `{"cs_signal":"${cs_signal}","route":"${route}","symbol_signal":"${symbol_signal}"}`;
    yield `${separator}${JSON.stringify(name)}:${decided}`;
    separator = ",";
  }
}
