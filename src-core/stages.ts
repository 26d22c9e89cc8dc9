import type { Stage, StageContext } from "./context.ts";
import { AppError } from "./contract/errors.ts";
import type { DecisionBody } from "./contract/ledger.ts";
import type { StageResults, TrainResult } from "./contract/stages.ts";
import type { ReproduceParts } from "./runs/reproduce-parts.ts";

/** The stages that `runs` composes, each loaded when it runs. Here areas meet: what one needs of another is handed over as a function. */
export type PipelineStages = { readonly [Name in keyof StageResults]: Stage<Name> };

export const pipelineStages: PipelineStages = {
  split: async (context) => {
    const [{ splitStage }, { splitsDeps }] = await Promise.all([
      import("./splits/stage.ts"),
      import("./splits-deps.ts"),
    ]);
    return await splitStage(splitsDeps(context.core))(context);
  },
  version: async (context) => (await import("./versioning/stage.ts")).versionStage(context),
  train: async (context) => {
    const trained = await (await import("./training/stage.ts")).trainStage(context);
    if (context.project.config.register === "after_training") await register(context, trained, {});
    return trained;
  },
  evaluate: async (context) => {
    const [{ evaluateStage }, reads] = await Promise.all([
      import("./evaluation/stage.ts"),
      import("./splits/reference-reads.ts"),
    ]);
    return await evaluateStage(reads)(context);
  },
  decide: async (context) => {
    const [{ decideStage }, { scoreModel }, { readPredictions }, reads] = await Promise.all([
      import("./promotion/stage.ts"),
      import("./evaluation/score.ts"),
      import("./evaluation/predictions.ts"),
      import("./splits/reference-reads.ts"),
    ]);
    const { paths } = context.project;
    return await decideStage({
      register: async (_, tags) => {
        const { train } = context.results;
        if (train === undefined)
          throw new AppError({ code: "runs/stage-blocked", message: "Registering needs the result of train." });
        return await register(context, train, tags);
      },
      scoreModel,
      readPredictions,
      knownEvaluation: (_, runId) => context.core.runResults(runId).evaluate?.sets,
      referenceReads: (_, sha256) => reads.countReferenceReads(paths, sha256),
      recordReferenceRead: ({ core, runId }, read) =>
        reads.recordReferenceRead(paths, { ...read, at: core.clock.now().toISOString(), runId }),
    })(context);
  },
};

/** What a repetition needs beside the stages. */
export const reproduceParts: Omit<ReproduceParts, "core" | "stages" | "coreAt"> = {
  placeVersioned: async (projectDir, content, into) =>
    (await import("./versioning/place-versioned.ts")).placeVersioned(projectDir, content, into),
  masterOf: async (root, master) => (await import("./splits/master-files.ts")).masterFiles(root, master),
  splitWriterOf: async (file) => {
    const manifest = (await import("./splits/manifest.ts")).readManifest(file);
    return manifest === null ? null : `${manifest.writer} with DuckDB ${manifest.duckdb}`;
  },
  initDvc: async (root) => {
    (await import("./versioning/init.ts")).initDvc(root, { isNoScm: true });
  },
  decisionOf: async ({ ledgerFile }, runId) => {
    const { readLedger } = await import("./ledger/read.ts");
    const entry = readLedger(ledgerFile).find((it) => it.kind === "decision" && it.body.runId === runId);
    return entry?.kind === "decision" ? entry.body : undefined;
  },
  askGate: async (context, { candidate, production }, decided) => {
    const [{ askGate }, { readPredictions }] = await Promise.all([
      import("./promotion/ask-gate.ts"),
      import("./evaluation/predictions.ts"),
    ]);
    const side = decided.production;
    const isKnown = side !== null && production !== null;
    return await askGate(context, {
      parts: { readPredictions },
      candidate,
      production: isKnown
        ? { ...side, version: side.version ?? "", tests: production, isRescored: wasRescored(decided) }
        : null,
    });
  },
  recordReferenceRead: async (paths, read) =>
    (await import("./splits/reference-reads.ts")).recordReferenceRead(paths, read),
};

/** The gate's row says where production's predictions came from; a repetition must say the same. */
function wasRescored({ rows }: DecisionBody): boolean {
  return rows.some((row) => row.metric === "same rows" && row.note?.includes("re-scored") === true);
}

async function register(
  context: StageContext,
  train: TrainResult,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const { registerTrained } = await import("./tracking/register.ts");
  const model = { runId: context.runId, digest: train.modelDigest, modelType: train.modelType, tags };
  return (await registerTrained(context.core, context.tracking, model)).version;
}
