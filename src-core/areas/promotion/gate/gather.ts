import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import type { SplitCheck } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import type { DecideNeeds } from "../needs.ts";
import type { GateEvidence } from "./gate-checks.ts";
import { type JoinedRows, joinByKey } from "./gate-evidence.ts";
import type { ProductionEvidence } from "./production-evidence.ts";
import type { ScoredTest } from "./scored-tests.ts";

export interface Gathered {
  readonly candidate: readonly ScoredTest[];
  readonly production: ProductionEvidence | null;
}

/** Both sides' predictions, joined by primary key test by test, as the gate takes them. */
export async function gatherEvidence(
  context: StageContext,
  duck: Duck,
  it: Gathered & { readonly parts: Pick<DecideNeeds, "readPredictions"> },
): Promise<Omit<GateEvidence, "figures">> {
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
    validity: validityOf(context, it),
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

function validityOf({ results }: StageContext, { candidate, production }: Gathered): GateEvidence["validity"] {
  if (results.split === undefined) return [];
  return [
    // A leak that nobody accepted stops the split: what is left to tell is what was accepted, or only near to one.
    { name: "leakage", isOk: true, note: leaksTold(results.split.checks) },
    sameRows(candidate, production),
  ];
}

/** What the checks for leaks saw, each as "<check>: <count> <what>"; what its limit allows is told as well. */
export function leaksTold(checks: readonly SplitCheck[]): string {
  const told = checks
    .filter(({ count }) => count > 0)
    .map(({ check, count, limit, outcome, note }) => {
      const why = outcome === "accepted" ? "accepted by the split schema" : count <= limit ? `limit ${limit}` : "";
      return `${check}: ${count} ${note}${why === "" ? "" : ` (${why})`}`;
    });
  if (told.length > 0) return told.join("; ");
  return checks.length === 0 ? "none stopped the split" : `none found (${checks.map(({ check }) => check).join(", ")})`;
}

/** Both models scored on files of the same digests. */
function sameRows(
  candidate: readonly ScoredTest[],
  production: ProductionEvidence | null,
): GateEvidence["validity"][number] {
  const name = "same rows";
  if (production === null) return { name, isOk: true, note: "no production to compare with" };
  const others = candidate.filter(
    (test) => production.tests.find((one) => one.name === test.name)?.data.sha256 !== test.data.sha256,
  );
  if (others.length > 0)
    return {
      name,
      isOk: false,
      note: `production was scored on other files: ${others.map((it) => it.name).join(", ")}`,
    };
  const how = production.isRescored ? "re-scored" : "evaluated";
  return {
    name,
    isOk: true,
    note: `production was ${how} on these rows`,
    isProductionRescored: production.isRescored,
  };
}
