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

/** Joins the predictions of both sides by primary key, for each test, in the form of the gate. */
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
      classNames: classes,
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

/** Models with different classes can't be compared, because their probabilities have different meanings. */
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
    // A leak that isn't accepted stops the split, so only accepted leaks and near ones remain to be reported.
    { name: "leakage", isOk: true, note: leaksTold(results.split.checks) },
    sameRows(candidate, production),
  ];
}

/** Describes the result of each leak check as "<check>: <count> <what>", including what its limit allows. */
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

/** Checks that both models were scored on files with the same digests. */
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
