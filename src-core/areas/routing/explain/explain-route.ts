import { evidenceLines } from "../../../../src-view/routing/evidence-lines.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import { readViewName } from "../../../contract/routing/view-name.ts";
import type { Core } from "../../../foundation/context.ts";
import { readEvidence } from "../candidates/evidence-table.ts";
import { viewKey } from "../candidates/view-key.ts";
import { routeProject } from "../decide/routing-inputs.ts";
import type { RoutingNeeds } from "../needs.ts";
import { policyText } from "../policy/policy-keys.ts";
import { explain } from "./explain.ts";

type Explained = OperationOutput<"routing.explain">;

/** Why a view has its route: each evaluated rule, the evidence it used, and what would change the route. */
export async function explainRoute(
  core: Pick<Core, "project">,
  needs: RoutingNeeds,
  requested: { readonly target: string; readonly segment?: string | undefined },
): Promise<Explained> {
  const { table, loaded, tiers } = await routeProject(core, needs);
  const symbol = requested.segment === undefined ? null : readViewName(requested.segment);
  const found = explain({
    candidates: table.candidates,
    policy: loaded.policy,
    tiers,
    target: requested.target,
    symbol,
  });
  const evidence = readEvidence(core.project().paths.routing);
  const views = [
    evidence.get(viewKey(requested.target, null)),
    symbol === null ? undefined : evidence.get(viewKey(requested.target, symbol)),
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
      from: policyText(from),
      to: policyText(value),
      route: to,
      text: words,
    })),
  };
}
