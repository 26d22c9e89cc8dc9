import type { OperationOutput } from "../../src-core/contract/index.ts";
import { viewName } from "../../src-core/contract/routing/view-name.ts";
import type { Mark } from "../labels.ts";
import { oneLine } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Section } from "../section.ts";
import { facts, line, nextSteps, part, report, section, signed, table, text } from "../shape.ts";
import { roughDuration } from "../times.ts";
import { relaxedRules } from "./routes.ts";

type Plan = OperationOutput<"routing.planShow">;

export const jobKind = (job: { readonly training_type: string; readonly stage: number }): string =>
  job.training_type === "ensemble"
    ? "ensemble"
    : `${job.training_type === "cross_sectional" ? "pooled" : "own"}${job.stage === 2 ? ", stage 2" : ""}`;

export function trainingPlan(output: Plan): readonly Section[] {
  const { totals, by_type: byType } = output.summary;
  const kinds = Object.entries(byType).map(([type, count]) => `${count} ${type.replaceAll("_", " ")}`);
  return report(
    part(relaxedRules(output.marks)),
    part(
      table(output.jobs, [
        { title: "target", value: (it) => it.target, shrink: 4, least: 10 },
        { title: "segment", value: (it) => viewName(it.symbol), shrink: 3, least: 5 },
        { title: "job", value: jobKind },
        {
          title: "route",
          value: (it) => it.route.replace("ROUTE_", "").toLowerCase().replaceAll("_", " "),
          shrink: 2,
          least: 8,
        },
        { title: "prio", value: (it) => it.priority, align: "right" },
        { title: "families", value: (it) => it.model_families.join(", ") || "–", shrink: 5, least: 10 },
        { title: "rows", value: (it) => it.estimated_samples, align: "right" },
        { title: "time", value: (it) => roughDuration(it.estimated_seconds), align: "right" },
        { title: "id", value: (it) => it.job_id.slice(0, 8) },
      ]),
    ),
    section(
      "Not trained",
      ...output.skipped.map(({ target, symbol, reason }) =>
        text(`${oneLine(target)}/${oneLine(viewName(symbol))}: ${reason}`, { mark: "none" }),
      ),
    ),
    part(
      facts([
        ["jobs", `${counted(totals.jobs, "job")}: ${kinds.join(", ") || "none"}`],
        ["estimate", `${roughDuration(totals.estimated_seconds)} in sequence`],
        ["plan", `${output.planHash.slice(0, 12)} in ${output.file}`],
      ]),
    ),
    nextSteps(["signalbox train --dry-run", "signalbox train"]),
  );
}

export function checkedPlan(output: OperationOutput<"routing.planCheck">): readonly Section[] {
  return report(
    part(
      text(
        `${output.file} is complete, and its inputs haven't changed: ${counted(output.jobs, "job")}, plan ${output.planHash.slice(0, 12)}`,
        { mark: "good" },
      ),
      relaxedRules(output.marks),
    ),
  );
}

type Diff = OperationOutput<"routing.planDiff">;
const marks: Readonly<Record<Diff["rows"][number]["change"], Mark>> = {
  added: "good",
  removed: "bad",
  changed: "active",
};

/** Shapes the differences between two plans, and their reasons. */
export function planChanges(output: Diff): readonly Section[] {
  return report(
    part(
      facts([
        ["from", output.from],
        ["to", output.to],
      ]),
    ),
    section(
      "Inputs that changed",
      ...output.inputs.map(({ input, from, to }) =>
        text(`${input}: ${from?.slice(0, 12) ?? "none"} → ${to?.slice(0, 12) ?? "none"}`, { mark: "note" }),
      ),
    ),
    part(
      output.rows.length === 0
        ? line("The jobs are the same.")
        : table(
            output.rows,
            [
              { title: "", value: (it) => it.change },
              { title: "target", value: (it) => it.target, shrink: 3, least: 10 },
              { title: "segment", value: (it) => viewName(it.symbol), shrink: 2, least: 5 },
              { title: "job", value: (it) => it.job },
              { title: "what", value: (it) => it.what, shrink: 4, least: 16 },
            ],
            { mark: (it) => marks[it.change], below: (it) => it.why },
          ),
    ),
  );
}

/** Shapes what was imported from an older layout, and what couldn't be. */
export function importedLayout(output: OperationOutput<"routing.import">): readonly Section[] {
  return report(
    part(
      ...output.written.map((file) => signed("good", file)),
      ...output.kept.map((file) => signed("none", `${file} already exists and was kept (--force overwrites it)`)),
    ),
    section(
      "Not imported",
      table(output.unmapped, [
        { title: "file", value: (it) => it.file, shrink: 2, least: 12, keeps: "end" },
        { title: "key", value: (it) => it.key, shrink: 1, least: 12 },
        { title: "why", value: (it) => it.reason, shrink: 3, least: 16 },
      ]),
    ),
    part(...output.notes.map((it) => text(it, { mark: "note" }))),
  );
}
