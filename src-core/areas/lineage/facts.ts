import type { DecisionBody, LedgerEntry } from "../../contract/ledger.ts";
import type { PlanRun } from "../../contract/routing/plan-run.ts";
import type { StageResults } from "../../contract/runs/stage-results.ts";

/** Facts about a run, from its folder, its parameters or the decision on it. Plain values only. */
export interface RunFacts {
  readonly runId: string;
  readonly number: number | null;
  readonly startedAt: number | null;
  readonly splitVersion: number | null;
  /** Digest of the split's manifest; null if only its files are known. */
  readonly manifest: string | null;
  readonly master: FileFacts | null;
  readonly train: FileFacts | null;
  /** Tests by name, "reference" first. */
  readonly tests: readonly (FileFacts & { readonly name: string })[];
  readonly configs: readonly ConfigFacts[];
  readonly models: readonly ModelFacts[];
  /** Digest of a trained model that has no version. */
  readonly modelDigest: string | null;
  /** Runs whose models are part of this run's model: of an earlier stage, or the members of an ensemble. */
  readonly members: readonly { readonly runId: string; readonly role: string }[];
}

export interface FileFacts {
  readonly sha256: string;
  readonly path: string | null;
}

export interface ConfigFacts {
  readonly kind: ConfigName;
  /** Null for the gate, which has no versions. */
  readonly version: number | null;
  readonly digest: string;
  /** File of the gate, if it isn't that of the project. */
  readonly path?: string | undefined;
}
export type ConfigName = "data_contract" | "split" | "feature" | "model" | "promotion";

export interface ModelFacts {
  readonly name: string;
  readonly version: string;
  readonly digest: string | null;
}

/** The input of `graphOf`. */
export interface LineageFacts {
  readonly runs: readonly RunFacts[];
  readonly entries: readonly LedgerEntry[];
}

export interface RunSource {
  readonly runId: string;
  readonly number: number | null;
  readonly startedAt: number | null;
  readonly params: Readonly<Record<string, string>>;
  readonly results: Partial<StageResults>;
  readonly decision: DecisionBody | null;
  readonly registered: readonly ModelFacts[];
  /** Job of a training plan that the run executed. */
  readonly planRun?: Pick<PlanRun, "members" | "promotion"> | undefined;
  /** Path in signalbox.yaml. */
  readonly masterPath: string;
}

/** Uses the best source: the folder of the run, else the decision on it, else its parameters. */
export function runFacts(source: RunSource): RunFacts {
  const { params, decision, results } = source;
  const { split, train, version } = results;
  const digestOf = (value: string | undefined): FileFacts | null =>
    value === undefined ? null : { sha256: value, path: null };
  const masterSha = split?.masterSha256 ?? decision?.data.masterSha256 ?? params.master_sha256;
  const trainSide: FileFacts | null = split?.train ?? digestOf(decision?.data.trainSha256 ?? params.train_sha256);
  const tests =
    split !== undefined
      ? [{ name: "reference", ...split.reference }, ...split.optional]
      : decision !== null
        ? Object.entries(decision.data.tests).map(([name, sha256]) => ({ name, sha256, path: null }))
        : params.reference_sha256 === undefined
          ? []
          : [{ name: "reference", sha256: params.reference_sha256, path: null }];
  const models = modelsOf(source);
  return {
    runId: source.runId,
    number: source.number,
    startedAt: source.startedAt,
    splitVersion: split?.splitVersion ?? decision?.configs.split.version ?? numberOf(params.split_version),
    manifest: split?.manifest.sha256 ?? params.split_manifest_sha256 ?? null,
    master: masterSha === undefined ? null : { sha256: masterSha, path: version?.master[0]?.path ?? source.masterPath },
    train: trainSide === null ? null : { sha256: trainSide.sha256, path: trainSide.path },
    tests: tests
      .map(({ name, sha256, path }) => ({ name, sha256, path }))
      .sort((a, b) => rank(a.name) - rank(b.name) || compare(a.name, b.name)),
    configs: configsOf(source),
    models,
    modelDigest: models.length > 0 ? null : (train?.modelDigest ?? null),
    members: source.planRun?.members.map(({ runId, role }) => ({ runId, role })) ?? [],
  };
}

const rank = (name: string): number => (name === "reference" ? 0 : 1);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

function configsOf({ params, decision, planRun }: RunSource): readonly ConfigFacts[] {
  const path = planRun?.promotion;
  if (decision !== null) {
    const { dataContract, split, feature, model, promotion } = decision.configs;
    return [
      { kind: "data_contract", ...dataContract },
      { kind: "split", ...split },
      { kind: "feature", ...feature },
      { kind: "model", ...model },
      { kind: "promotion", version: null, digest: promotion, path },
    ];
  }
  const kinds = ["data_contract", "split", "feature", "model", "promotion"] as const;
  return kinds.flatMap((kind) => {
    const digest = params[`${kind}_config_digest`];
    return digest === undefined
      ? []
      : [{ kind, version: numberOf(params[`${kind}_version`]), digest, ...(kind === "promotion" ? { path } : {}) }];
  });
}

function modelsOf({ decision, registered, results }: RunSource): readonly ModelFacts[] {
  const digest = results.train?.modelDigest ?? decision?.candidate.modelDigest ?? null;
  const decided =
    decision === null || decision.candidate.version === null
      ? []
      : [{ name: decision.modelName, version: decision.candidate.version, digest }];
  const others = registered.filter((it) => !decided.some((one) => one.name === it.name && one.version === it.version));
  return [...decided, ...others];
}
