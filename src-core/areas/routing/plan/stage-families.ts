import type { FamilyEvidence, ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";

export interface PlanFamily {
  readonly name: string;
  readonly stage: 1 | 2;
  readonly device: "cpu" | "gpu";
}

/** The families that compete in one stage, by name; a GPU is needed if one of them requires it. */
export interface StageFamilies {
  readonly stage: 1 | 2;
  readonly names: string[];
  readonly device: "cpu" | "gpu";
  readonly families: readonly PlanFamily[];
}

/** A target's stages that have families, the first stage first; whatever the order of the families. */
export function stagesOf(families: readonly PlanFamily[]): readonly StageFamilies[] {
  const sorted = [...families].sort((a, b) => compareCodePoints(a.name, b.name));
  return ([1, 2] as const).flatMap((stage): readonly StageFamilies[] => {
    const competing = sorted.filter((family) => family.stage === stage);
    if (competing.length === 0) return [];
    const device = competing.some((family) => family.device === "gpu") ? "gpu" : "cpu";
    return [{ stage, names: competing.map(({ name }) => name), device, families: competing }];
  });
}

function hasFailed({ score, fold_scores }: FamilyEvidence): boolean {
  return score === null && fold_scores.every((one) => one === null);
}

/** The stages without the families that failed in every fold of a view; one without evidence hasn't been tried yet. */
export function usableStages(
  stages: readonly StageFamilies[],
  evidence: ViewEvidence | undefined,
): readonly StageFamilies[] {
  if (evidence === undefined || !evidence.families.some(hasFailed)) return stages;
  const failed = new Set(evidence.families.filter(hasFailed).map(({ family }) => family));
  return stagesOf(stages.flatMap(({ families }) => families).filter(({ name }) => !failed.has(name)));
}
