import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { promotionOperations } from "../../contract/promotion.ts";
import type { PromotionCore } from "./needs.ts";
import { decidedRuns, decisionsOf, listDecisions } from "./store.ts";

export function promotionOps(core: PromotionCore): Implementations<typeof promotionOperations> {
  /** A run of this folder, or one that only the ledger knows: in a clone, the runs of others have no record. */
  const findDecided = (reference: string) => {
    try {
      return core.runs.find(reference);
    } catch (error) {
      const runId = decidedRunNamed(decidedRuns(core.catalogue()), reference.trim());
      if (runId === undefined) throw error;
      return { runId, number: null, status: "decided elsewhere" };
    }
  };
  const decidedRun = (reference: string) => {
    const run = findDecided(reference);
    const decisions = decisionsOf(core.catalogue(), run.runId);
    const decision = decisions.find((it) => it.kind === "decision");
    if (decision === undefined || decision.verdict === null) {
      throw new AppError({
        code: "promotion/not-decided",
        message: `Run #${run.number} (${run.status}) has no decision yet.`,
        next: [nextStep("runs.resume", { run: run.runId }, "continues to the decision")],
      });
    }
    return { run, decision, verdict: decision.verdict, later: decisions.filter((it) => it.kind !== "decision") };
  };
  return {
    "promotion.list": async ({ limit }) => listDecisions(core.catalogue(), limit),
    "promotion.show": async (input) => {
      const { decision, later } = decidedRun(input.run);
      const { gateOf } = await import("./decide/decision-entry.ts");
      const entry = (await core.ledger.read()).find((it) => it.index === decision.ledgerIndex);
      if (entry?.kind !== "decision") {
        throw new AppError({
          code: "ledger/not-found",
          message: `The ledger has no decision with the number ${decision.ledgerIndex}.`,
          next: [nextStep("ledger.verify", {}, "shows what is wrong")],
        });
      }
      const { verdict: _, reason: __, rows, ...gate } = gateOf(entry.body);
      return { decision, gate: rows, ...gate, referenceReads: entry.body.referenceReads, later: [...later] };
    },
    "promotion.check": async (input) => {
      const { run, decision, verdict, later } = decidedRun(input.run);
      const isOverridden = later.some((it) => it.kind === "override");
      return {
        runId: run.runId,
        verdict,
        reason: decision.reason,
        isExperiment: decision.isExperiment,
        isOverridden,
        isPassed: (verdict === "PROMOTE" && !decision.isExperiment) || (isOverridden && input.allowOverride),
      };
    },
    "promotion.rollback": async (input) => (await import("./moves.ts")).rollback(core, input),
    "promotion.override": async (input) =>
      (await import("./moves.ts")).override(core, {
        runId: findDecided(input.run).runId,
        reason: input.reason,
      }),
  };
}

/** Finds a run among the decided ones, oldest first: by `latest`, its id, or a beginning of it that only one has. */
function decidedRunNamed(runIds: readonly string[], reference: string): string | undefined {
  if (reference === "latest") return runIds.at(-1);
  const found = runIds.filter((it) => it === reference || (reference.length >= 4 && it.startsWith(reference)));
  return found.length === 1 ? found[0] : undefined;
}
