import type { PipelineStages, ReproduceNeeds } from "../areas/runs/needs.ts";
import { inTurn, splitMaker } from "../areas/runs/pipeline/take-turns.ts";
import type { ReferenceRead } from "../areas/splits/reference/count-reads.ts";
import type { SplitContext } from "../areas/splits/split-context.ts";
import { settingsOf, versionsOf } from "../contract/configs/resolved.ts";
import { AppError } from "../contract/errors.ts";
import type { SplitResult, TrainResult } from "../contract/runs/stage-results.ts";
import type { Clock, StageContext } from "../foundation/context.ts";
import type { ProjectPaths } from "../foundation/files/paths.ts";

/** The stages that `runs` composes, each loaded when it runs. Here areas meet: what one needs of another is handed over as a function. */
export const pipelineStages: PipelineStages = {
  split: async (context) => {
    const { planRun } = context;
    if (planRun === undefined) return await sharedSplit(context);
    const { segment, target } = planRun;
    const [{ splitView }, shared] = await Promise.all([
      import("../areas/splits/split-views.ts"),
      asOfFiles(context).then(sharedSplit),
    ]);
    return await splitView(context, shared, { target, segment });
  },
  version: async (context) => {
    const { versionStage } = await import("../areas/versioning/version-stage.ts");
    return await inTurn(context, "versioned files", () => versionStage(context));
  },
  train: async (context) => {
    const trained = await (await import("../areas/training/train-stage.ts")).trainStage(context);
    if (context.project.config.register === "after_training") await register(context, trained, {});
    return trained;
  },
  evaluate: async (context) => {
    const { evaluateStage } = await import("../areas/evaluation/evaluate-stage.ts");
    return await evaluateStage(await readsOf(context.project.paths, context.results.split, context.core.clock))(
      context,
    );
  },
  decide: async (context) => {
    const [{ decideStage }, { scoreModel }, { measureLatency }, { readPredictions }] = await Promise.all([
      import("../areas/promotion/decide/decide-stage.ts"),
      import("../areas/evaluation/score.ts"),
      import("../areas/evaluation/latency.ts"),
      import("../areas/evaluation/predictions.ts"),
    ]);
    const { paths } = context.project;
    const reads = await readsOf(paths, context.results.split, context.core.clock);
    const decide = decideStage({
      register: async (_, tags) => {
        const { train } = context.results;
        if (train === undefined)
          throw new AppError({ code: "runs/stage-blocked", message: "Registering needs the result of train." });
        return await register(context, train, tags);
      },
      scoreModel,
      measureLatency,
      readPredictions,
      knownEvaluation: (_, runId) => context.core.runs.results(runId).evaluate?.sets,
      referenceReads: (_, sha256) => reads.countReferenceReads(paths, sha256),
      recordReferenceRead: ({ core, runId }, read) =>
        reads.recordReferenceRead(paths, { ...read, at: core.clock.now().toISOString(), runId }),
    });
    // What production is must not change between the question and the entry.
    return await inTurn(context, "the ledger", () => decide(context));
  },
};

/**
 * The log of reads, for the rows that a run is measured on: those of a job of a plan are a part of the split's frozen reference test, so that
 * its reads are reads of that test. Reads that the ledger knows and the log lost are counted again first.
 */
async function readsOf(paths: ProjectPaths, split: Pick<SplitResult, "splitVersion"> | undefined, clock: Clock) {
  const [{ countReferenceReads, recordReferenceRead, restoreLostReads }, { readFrozen }, { readLedger }] =
    await Promise.all([
      import("../areas/splits/reference/reference-reads.ts"),
      import("../areas/configs/freeze/frozen.ts"),
      import("../areas/ledger/read.ts"),
    ]);
  const { references } = readFrozen(paths);
  restoreLostReads(paths, { entries: readLedger(paths.ledgerFile), references, now: clock.now() });
  const whole = split === undefined ? undefined : references[String(split.splitVersion)]?.sha256;
  return {
    countReferenceReads: (at: ProjectPaths, sha256: string) => countReferenceReads(at, whole ?? sha256),
    recordReferenceRead: (at: ProjectPaths, read: ReferenceRead) =>
      recordReferenceRead(at, whole === undefined || whole === read.sha256 ? read : { ...read, of: whole }),
  };
}

/** The split as the project describes it, which every job of a plan takes its rows from. */
export async function sharedSplit(context: SplitContext & Partial<StageContext>): Promise<SplitResult> {
  const { splitStage } = await import("../areas/splits/split-stage.ts");
  return await splitStage(context, splitMaker(context));
}

/** The context of a job with project and configurations as their files have them, not as the job sees them. */
async function asOfFiles(context: StageContext): Promise<StageContext> {
  const { core, configs } = context;
  const settings = settingsOf(versionsOf(configs));
  return { ...context, project: core.project(), configs: await core.configs.resolve(settings) };
}

/** What a repetition needs beside the stages. */
export const reproduceParts: Omit<ReproduceNeeds, "core" | "stages" | "coreAt"> = {
  placeVersioned: async (projectDir, content, into) =>
    (await import("../areas/versioning/cache/place-versioned.ts")).placeVersioned(projectDir, content, into),
  masterOf: async (root, master) => (await import("../areas/splits/master/master-files.ts")).masterFiles(root, master),
  splitWriterOf: async (file) => {
    const manifest = (await import("../areas/splits/manifest.ts")).readManifest(file);
    return manifest === null ? null : `${manifest.writer} with DuckDB ${manifest.duckdb}`;
  },
  initDvc: async (root) => {
    (await import("../areas/versioning/init-dvc.ts")).initDvc(root, { isNoScm: true });
  },
  decisionOf: async ({ ledgerFile }, runId) => {
    const { readLedger } = await import("../areas/ledger/read.ts");
    const entry = readLedger(ledgerFile).find((it) => it.kind === "decision" && it.body.runId === runId);
    return entry?.kind === "decision" ? entry.body : undefined;
  },
  askGate: async (context, { candidate, production }, decided) => {
    const [{ askGate }, { wasRescored }, { figuresOf }, { readPredictions }] = await Promise.all([
      import("../areas/promotion/gate/ask-gate.ts"),
      import("../areas/promotion/gate/was-rescored.ts"),
      import("../areas/promotion/gate/model-figures.ts"),
      import("../areas/evaluation/predictions.ts"),
    ]);
    const side = decided.production;
    const isKnown = side !== null && production !== null;
    return await askGate(context, {
      parts: { readPredictions },
      candidate,
      production: isKnown
        ? { ...side, version: side.version ?? "", tests: production, isRescored: wasRescored(decided.rows) }
        : null,
      lost: decided.rows.find((row) => row.role === "validity" && row.metric === "production")?.note ?? null,
      figures: figuresOf(decided),
    });
  },
  recordReferenceRead: async (paths, split, read) =>
    (await readsOf(paths, split, { now: () => new Date(read.at) })).recordReferenceRead(paths, {
      ...read,
      sha256: split.reference.sha256,
    }),
};

async function register(
  context: StageContext,
  train: TrainResult,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const { experiment, registeredModel: name } = context.project;
  const { modelDigest: digest, modelType } = train;
  const model = { name, experiment, runId: context.runId, digest, modelType, tags };
  return await context.core.models.register(context.tracking, model);
}
