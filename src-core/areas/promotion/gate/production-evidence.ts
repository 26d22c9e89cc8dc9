import { existsSync } from "node:fs";
import path from "node:path";
import { askingStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { SideFact } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import type { Production } from "../../../foundation/mlflow/registry/registry-promotion.ts";
import type { ScoredTest, ScoreModel } from "./scored-tests.ts";

/** Predictions of production on the candidate's tests. */
export interface ProductionEvidence {
  readonly version: string;
  readonly runId: string;
  readonly modelDigest: string;
  readonly tests: readonly ScoredTest[];
  /** True if the model was fetched and scored again, because its own evaluation was on other rows or no longer exists. */
  readonly isRescored: boolean;
}

/** The tests that the evaluation of the production run scored, with their files. */
export type KnownEvaluation = (runId: string) => readonly ScoredTest[] | undefined;

/**
 * Gets production's predictions on exactly these rows: from its own evaluation if that has the same files and is complete, else by fetching
 * and re-scoring its model.
 * @throws promotion/no-evidence if its model may be from another program
 */
export async function productionEvidence(
  context: StageContext,
  production: Production,
  parts: {
    readonly tests: readonly { readonly name: string; readonly data: SideFact }[];
    readonly scoreModel: ScoreModel;
    readonly known: KnownEvaluation;
  },
): Promise<ProductionEvidence> {
  if (production.digest === undefined)
    throw foreign(production, "its version carries no model digest: another program registered it");
  const base = { version: production.version, runId: production.runId, modelDigest: production.digest };
  const known = parts.known(production.runId) ?? [];
  const same = parts.tests.map((test) =>
    known.find((it) => it.name === test.name && it.data.sha256 === test.data.sha256 && isWhole(context, it)),
  );
  if (same.every((it) => it !== undefined)) return { ...base, tests: same, isRescored: false };
  const run = await context.tracking.client.getRun(production.runId);
  const type = run.params.model_type;
  if (type === undefined) throw foreign(production, "its run has no parameter model_type");
  context.report({
    message: `production (version ${production.version}) was evaluated on other rows: scoring it on these`,
  });
  const tests = await parts.scoreModel(context, {
    jobId: `production-${production.version}`,
    what: "Scoring production",
    model: { runId: production.runId, type, digest: production.digest },
    sets: parts.tests,
    // It may have other classes. Joining reorders its probabilities by class names, or reports that it can't.
    positiveClass: null,
  });
  return { ...base, tests, isRescored: true };
}

function isWhole({ core }: StageContext, test: ScoredTest): boolean {
  const file = path.join(core.projectDir, test.predictions.path);
  return existsSync(file) && fileDigest(file) === test.predictions.sha256;
}

function foreign(production: Production, why: string): AppError {
  return new AppError({
    code: "promotion/no-evidence",
    message: `Production (version ${production.version}) can't be scored on these rows: ${why}.`,
    hint: "Move the alias to a version that Signalbox registered, or remove it.",
    next: [askingStep("promotion.rollback", { input: {}, asks: ["to", "reason"] }, "moves it")],
    details: { version: production.version, runId: production.runId },
  });
}
