import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import type { DecisionBody } from "../../../contract/ledger.ts";
import type { EvaluateResult, GateResult } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import type { ReproduceNeeds, ScoredTest } from "../needs.ts";
import { readResults } from "../record/record.ts";

/** The gate's new result, or why there is none. */
export interface GateAgain {
  readonly gate: GateResult | undefined;
  readonly why: string | null;
}

interface GateRequest {
  readonly paths: ProjectPaths;
  readonly decided: DecisionBody | undefined;
  /** Of the reproduction, in its scratch project. */
  readonly context: StageContext;
  readonly evaluate: EvaluateResult;
}

/** Applies the gate to the new predictions and the recorded ones of production, so the decision is repeated against the same model. */
export async function askGateAgain(parts: ReproduceNeeds, request: GateRequest): Promise<GateAgain> {
  const { decided, evaluate, context } = request;
  if (decided === undefined) return { gate: undefined, why: "the run has no decision" };
  const names = Object.keys(decided.candidate.predictions);
  const candidate = evaluate.sets.filter((set) => names.includes(set.name));
  const production = decided.production === null ? null : recordedProduction(request, decided.production, candidate);
  if (production === "gone") {
    const version = decided.production?.version ?? "?";
    return {
      gate: undefined,
      why: `the predictions of production (version ${version}) that it was compared with no longer exist`,
    };
  }
  return { gate: await parts.askGate(context, { candidate, production }, decided), why: null };
}

/** Finds production's predictions with the digests in the ledger, from its own evaluation or from the re-scoring by the decided run. */
function recordedProduction(
  { paths, decided, context }: GateRequest,
  production: NonNullable<DecisionBody["production"]>,
  candidate: readonly ScoredTest[],
): readonly ScoredTest[] | "gone" {
  const inScratch = (file: string) => path.relative(context.core.projectDir, file);
  const found: ScoredTest[] = [];
  for (const [name, sha256] of Object.entries(production.predictions)) {
    const test = candidate.find((it) => it.name === name);
    const known = [
      ...evaluated(paths, production.runId, name),
      ...rescored(paths, { runId: decided?.runId ?? "", job: `production-${production.version ?? ""}`, name }),
    ].find(({ file }) => existsSync(file) && fileDigest(file) === sha256);
    if (test === undefined || known === undefined) return "gone";
    found.push({
      name,
      data: test.data,
      predictions: { path: inScratch(known.file), sha256, sizeBytes: 0 },
      classes: [...known.classes],
      unseenClasses: { ...known.unseenClasses },
    });
  }
  return found;
}

interface Recorded extends Pick<ScoredTest, "classes" | "unseenClasses"> {
  readonly file: string;
}

function evaluated(paths: ProjectPaths, runId: string, name: string): readonly Recorded[] {
  const sets = readResults(path.join(paths.runs, runId)).evaluate?.sets ?? [];
  return sets
    .filter((set) => set.name === name)
    .map(({ predictions, classes, unseenClasses }) => ({
      file: path.join(paths.root, predictions.path),
      ...{ classes, unseenClasses },
    }));
}

const scoresSchema = z.object({
  sets: z.array(
    z.object({
      name: z.string(),
      classes: z.array(z.string()),
      unseen_classes: z.record(z.string(), z.number()).default({}),
    }),
  ),
});

function rescored(
  paths: ProjectPaths,
  { runId, job, name }: { readonly runId: string; readonly job: string; readonly name: string },
): readonly Recorded[] {
  const outputs = path.join(paths.runs, runId, job, "outputs");
  const file = path.join(outputs, "evaluation.json");
  if (!existsSync(file)) return [];
  const scores = scoresSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  const set = scores.data?.sets.find((one) => one.name === name);
  if (set === undefined) return [];
  const { classes, unseen_classes: unseenClasses } = set;
  return [{ file: path.join(outputs, `${name}.parquet`), classes, unseenClasses }];
}
