import path from "node:path";
import type { StageContext } from "../context.ts";
import { AppError } from "../contract/errors.ts";
import { leakSchema } from "../contract/split-schema.ts";
import type { Duck } from "../duck/open.ts";
import type { GateEvidence } from "./gate-checks.ts";
import { type JoinedRows, joinByKey } from "./gate-evidence.ts";
import type { ProductionEvidence } from "./production-evidence.ts";
import type { DecideParts, ScoredTest } from "./stage-parts.ts";

export interface Gathered {
  readonly candidate: readonly ScoredTest[];
  readonly production: ProductionEvidence | null;
}

/** Both sides' predictions, joined by primary key test by test, as the gate takes them. */
export async function gatherEvidence(
  context: StageContext,
  duck: Duck,
  it: Gathered & { readonly parts: Pick<DecideParts, "readPredictions"> },
): Promise<GateEvidence> {
  const { core, project, configs, results } = context;
  const { task } = project.config;
  const sets: Record<string, JoinedRows> = {};
  for (const test of it.candidate) {
    const other = it.production?.tests.find((one) => one.name === test.name);
    const classes = [...new Set([...test.classes, ...(other?.classes ?? [])])];
    if (task === "binary" && classes.length !== 2) throw otherClasses(it.production, { candidate: test, other });
    const read = (side: ScoredTest) =>
      it.parts.readPredictions(duck, {
        predictionsFile: path.join(core.projectDir, side.predictions.path),
        dataFile: path.join(core.projectDir, test.data.path),
        primaryKey: configs.dataContract.value.primary_key,
        group: results.split?.group ?? [],
        task,
        modelClasses: side.classes,
        classes,
      });
    sets[test.name] = joinByKey({
      task,
      classCount: task === "regression" ? 1 : classes.length,
      candidate: await read(test),
      production: other === undefined ? null : await read(other),
    });
  }
  return {
    hasProduction: it.production !== null,
    sets,
    figures: {
      fit_seconds: { candidate: results.train?.fitSeconds ?? null, production: null },
      model_size_bytes: { candidate: modelSize(context), production: null },
    },
    validity: validityOf(context, it.production),
  };
}

/** Two classes against two others: no probability of the one says anything about the other. */
function otherClasses(
  production: ProductionEvidence | null,
  { candidate, other }: { readonly candidate: ScoredTest; readonly other: ScoredTest | undefined },
): AppError {
  const told = (side: ScoredTest | undefined) => side?.classes.join(", ") || "none";
  return new AppError({
    code: "promotion/no-evidence",
    message: `Production (version ${production?.version ?? "none"}) tells apart the classes ${told(other)}, this run ${told(candidate)}: they can't be compared.`,
    hint: "Train on a table whose target has production's classes, or register the model under another name (tracking: {registered_model: …}).",
    details: { candidate: [...candidate.classes], production: [...(other?.classes ?? [])] },
  });
}

function modelSize({ results }: StageContext): number | null {
  return results.train === undefined ? null : results.train.files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

function validityOf({ results }: StageContext, production: ProductionEvidence | null): GateEvidence["validity"] {
  if (results.split === undefined) return [];
  return [
    // A leak that nobody accepted stops the split: what is left to tell is what was accepted, or only near to one.
    { name: "leakage", isOk: true, note: leaksTold(results.split.warnings) },
    {
      name: "same rows",
      isOk: true,
      note:
        production === null
          ? "no production to compare with"
          : production.isRescored
            ? "production was re-scored on these rows"
            : "production was evaluated on these rows",
    },
  ];
}

/** The split's warnings that are about leaks, each as "<check>: <count> <what>". */
export function leaksTold(warnings: readonly string[]): string {
  const told = warnings.filter((warning) => leakSchema.options.some((leak) => warning.startsWith(`${leak}: `)));
  return told.length === 0 ? "the split's checks found none" : told.join("; ");
}
