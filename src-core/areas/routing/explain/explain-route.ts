import type { OperationOutput } from "../../../contract/index.ts";
import type { ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import type { Core } from "../../../foundation/context.ts";
import { readEvidence } from "../candidates/evidence-table.ts";
import { viewKey } from "../candidates/view-key.ts";
import { routeProject } from "../decide/routing-inputs.ts";
import type { RoutingNeeds } from "../needs.ts";
import { explain } from "./explain.ts";

type Explained = OperationOutput<"routing.explain">;

/** Why a view has its route: each rule that was asked, what the evidence behind it says, and what would change it. */
export async function explainRoute(
  core: Pick<Core, "project">,
  needs: RoutingNeeds,
  asked: { readonly target: string; readonly segment?: string | undefined },
): Promise<Explained> {
  const { table, loaded, tiers } = await routeProject(core, needs);
  const symbol = asked.segment ?? null;
  const found = explain({
    candidates: table.candidates,
    policy: loaded.policy,
    tiers,
    target: asked.target,
    symbol,
  });
  const evidence = readEvidence(core.project().paths.routing);
  const views = [
    evidence.get(viewKey(asked.target, null)),
    symbol === null ? undefined : evidence.get(viewKey(asked.target, symbol)),
  ];
  return {
    target: found.target,
    symbol: found.symbol,
    route: found.route,
    csSignal: found.crossSectional.signal,
    symbolSignal: found.segment?.signal ?? null,
    steps: [
      ...found.crossSectional.trace,
      ...(found.segment?.trace ?? []),
      ...(found.combination === null ? [] : [found.combination]),
    ],
    evidence: views.flatMap((view) => (view === undefined ? [] : evidenceLines(view))),
    wouldChange: found.wouldChange.map(({ kind, key, from, value, to, words }) => ({
      kind,
      key,
      from: String(from),
      to: String(value),
      route: to,
      text: words,
    })),
  };
}

/** What the assessment measured, a line a fact. */
function evidenceLines(view: ViewEvidence): readonly string[] {
  const name = view.symbol ?? "CS";
  const number = (value: number | null) => (value === null ? "–" : value.toFixed(4));
  const interval =
    view.score_low === null ? "" : ` [${number(view.score_low)}, ${number(view.score_high)}] (${view.interval_method})`;
  const score = view.score === null ? "no score" : `${view.best_family} ${number(view.score)}${interval}`;
  const { mean_overlap, mean_tau, snapshots } = view.stability_metrics;
  return [
    `${name}: ${view.rows.toLocaleString("en-US")} rows (${view.effective_sample_size === null ? "–" : Math.round(view.effective_sample_size).toLocaleString("en-US")} effective), ${view.folds} folds: ${score}`,
    `${name}: families ${view.families.map((it) => `${it.family} ${it.error === null ? number(it.score) : `failed (${it.error.message})`}`).join(", ")}`,
    `${name}: ${view.stability} over ${snapshots} snapshots, overlap ${number(mean_overlap)}, tau ${number(mean_tau)}`,
    ...view.leakage.map(({ detector, status, message }) => `${name}: ${detector} ${status}: ${message}`),
    ...(view.note === null ? [] : [`${name}: ${view.note}`]),
  ];
}
