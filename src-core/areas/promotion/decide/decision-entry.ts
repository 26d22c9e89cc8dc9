import type { ResolvedFile } from "../../../contract/configs/resolved.ts";
import { AppError } from "../../../contract/errors.ts";
import type { DecisionBody } from "../../../contract/ledger.ts";
import type { GateResult } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import type { ProductionEvidence } from "../gate/production-evidence.ts";
import type { ScoredTest } from "../gate/scored-tests.ts";

export interface Decided {
  readonly gate: GateResult;
  readonly candidate: readonly ScoredTest[];
  readonly production: ProductionEvidence | null;
  readonly modelVersion: string;
  readonly referenceReads: number;
  readonly alias: { readonly before: string | null; readonly after: string | null };
}

const digests = (tests: readonly ScoredTest[]): Record<string, string> =>
  Object.fromEntries(tests.map((test) => [test.name, test.predictions.sha256]));

const versionDigest = (file: ResolvedFile<unknown>) => ({ version: file.version, digest: file.digest });

/** Builds the ledger's record of a decision, with everything that it is based on. */
export function entryOf(context: StageContext, it: Decided): DecisionBody {
  const { configs, project, results } = context;
  const { split, train, version } = results;
  if (split === undefined || train === undefined)
    throw new AppError({ code: "runs/stage-blocked", message: "A decision needs the results of split and train." });
  const { gate } = it;
  return {
    runId: context.runId,
    modelName: project.registeredModel,
    candidate: {
      version: it.modelVersion,
      runId: context.runId,
      modelDigest: train.modelDigest,
      predictions: digests(it.candidate),
    },
    production:
      it.production === null
        ? null
        : {
            version: it.production.version,
            runId: it.production.runId,
            modelDigest: it.production.modelDigest,
            predictions: digests(it.production.tests),
          },
    alias: it.alias,
    data: {
      masterSha256: split.masterSha256,
      trainSha256: split.train.sha256,
      tests: Object.fromEntries(it.candidate.map((test) => [test.name, test.data.sha256])),
      dvc:
        version === undefined
          ? {}
          : {
              master: version.master.map((one) => one.hash).join(","),
              split: version.split.hash,
              reference: version.reference.hash,
            },
    },
    configs: {
      dataContract: versionDigest(configs.dataContract),
      split: versionDigest(configs.split),
      feature: versionDigest(configs.feature),
      model: versionDigest(configs.model),
      promotion: configs.promotion.digest,
    },
    gateHash: gate.gateHash,
    gate: configs.promotion.value,
    rule: gate.rule,
    rows: gate.rows,
    n: gate.n,
    clusters: gate.clusters,
    clusterBy: gate.clusterBy,
    minimumDetectable: gate.minimumDetectable,
    extraUnitsNeeded: gate.extraUnitsNeeded,
    ...(gate.positiveClass === undefined ? {} : { positiveClass: gate.positiveClass }),
    verdict: gate.verdict,
    reason: gate.reason,
    ...(context.planRun?.isExperiment === true ? { isExperiment: true as const } : {}),
    referenceReads: it.referenceReads,
  };
}

/** Converts the result of the gate to the form of an entry. */
export function gateOf(body: DecisionBody): GateResult {
  return {
    verdict: body.verdict,
    reason: body.reason,
    rows: body.rows,
    rule: body.rule,
    gateHash: body.gateHash,
    n: body.n,
    clusters: body.clusters,
    clusterBy: body.clusterBy,
    alpha: body.gate.alpha,
    replicates: body.gate.replicates,
    seed: body.gate.seed,
    minimumDetectable: body.minimumDetectable,
    extraUnitsNeeded: body.extraUnitsNeeded,
    ...(body.positiveClass === undefined ? {} : { positiveClass: body.positiveClass }),
  };
}
