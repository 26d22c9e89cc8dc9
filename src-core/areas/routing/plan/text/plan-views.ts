import type { PlanJob, TrainingPlan } from "../../../../contract/routing/routing-plans.ts";
import { compareCodePoints } from "../../../../foundation/text/code-points.ts";
import { withBarriers } from "./plan-barrier.ts";
import { jsonLines, trainingPlanText } from "./plan-text.ts";
import { safeNames } from "./safe-names.ts";
import { trainingPlanMarkdown } from "./training-markdown.ts";

/** A file of the plan's folder; the path is relative, with `/`. */
export interface PlanFile {
  readonly path: string;
  readonly text: string;
}

export const masterFile = "master_training_plan.json";
/** The file of the jobs that don't belong to a single segment. */
const crossSectional = "_cross_sectional";

interface View {
  readonly folder: string;
  /** The segments whose files list a job; null: it belongs to no segment. */
  readonly namesOf: (job: PlanJob) => readonly (string | null)[];
}

const views: readonly View[] = [
  { folder: "by_target", namesOf: ({ target }) => [target] },
  { folder: "by_symbol", namesOf: ({ symbol }) => [symbol] },
  { folder: "by_type", namesOf: ({ training_type }) => [training_type] },
  { folder: "by_route", namesOf: ({ route }) => [route] },
  // An ensemble fits no family, so it is in no family's file.
  { folder: "by_family", namesOf: ({ model_families }) => model_families },
];

/** Everything in the plan's folder: the master, its table for people, and the views of it. */
export function trainingPlanFiles(plan: TrainingPlan): readonly PlanFile[] {
  return [
    { path: masterFile, text: trainingPlanText(plan) },
    { path: "training_plan.md", text: trainingPlanMarkdown(plan) },
    ...planViews(plan),
  ];
}

/** The jobs by target, segment, type, route and family. How each was decided (`trace`) is only in the master. */
export function planViews(plan: TrainingPlan): readonly PlanFile[] {
  const jobs = withBarriers(plan.jobs).map(({ trace: _, ...job }) => job);
  const texts = jobs.map((job) => JSON.stringify(job));
  return views.flatMap(({ folder, namesOf }) => {
    const byName = new Map<string | null, number[]>();
    for (const [index, job] of plan.jobs.entries()) {
      for (const name of namesOf(job)) {
        const known = byName.get(name);
        if (known === undefined) byName.set(name, [index]);
        else known.push(index);
      }
    }
    const names = [...byName.keys()].filter((name) => name !== null);
    const files = safeNames(names, [crossSectional]);
    return [...byName]
      .map(([name, members]) => ({
        path: `${folder}/${name === null ? crossSectional : files.get(name)}.json`,
        text: viewText(
          plan,
          { view: folder, name },
          members.map((index) => texts[index] ?? ""),
        ),
      }))
      .sort((a, b) => compareCodePoints(a.path, b.path));
  });
}

/** `name` is the subject of the file, even if the file needs another name; null: no single segment. */
function viewText(
  { metadata }: TrainingPlan,
  subject: { readonly view: string; readonly name: string | null },
  jobs: readonly string[],
): string {
  const head = JSON.stringify({ ...subject, plan_hash: metadata.plan_hash, total_jobs: jobs.length }, null, 2);
  return `${head.slice(0, -2)},\n  "jobs": ${jsonLines(jobs)}\n}\n`;
}
