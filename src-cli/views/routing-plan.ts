import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Mark, mark, marked } from "../marks.ts";
import { counted } from "../numbers.ts";
import { plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { inner, lines, parts, section } from "../text.ts";
import { marksLine } from "./routing-routes.ts";

type Plan = OperationOutput<"routing.planShow">;
type Job = Plan["jobs"][number];

export const jobKind = (job: { readonly training_type: string; readonly stage: number }): string =>
  job.training_type === "ensemble"
    ? "ensemble"
    : `${job.training_type === "cross_sectional" ? "pooled" : "own"}${job.stage === 2 ? ", stage 2" : ""}`;

const shortTime = (seconds: number | null): string => {
  if (seconds === null) return "–";
  return seconds < 100 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
};

export function planView(output: Plan, screen: Screen): string {
  const { totals, by_type: byType } = output.summary;
  const kinds = Object.entries(byType).map(([type, count]) => `${count} ${type.replaceAll("_", " ")}`);
  return parts(
    marksLine(output.marks, screen),
    table(screen, output.jobs, [
      { title: "target", value: (it: Job) => it.target, shrink: 4, least: 10 },
      { title: "segment", value: (it: Job) => it.symbol ?? "CS", shrink: 3, least: 5 },
      { title: "job", value: jobKind },
      {
        title: "route",
        value: (it: Job) => it.route.replace("ROUTE_", "").toLowerCase().replaceAll("_", " "),
        shrink: 2,
        least: 8,
      },
      { title: "prio", value: (it: Job) => it.priority, align: "right" },
      { title: "families", value: (it: Job) => it.model_families.join(", ") || "–", shrink: 5, least: 10 },
      { title: "rows", value: (it: Job) => it.estimated_samples, align: "right" },
      { title: "time", value: (it: Job) => shortTime(it.estimated_seconds), align: "right" },
      { title: "id", value: (it: Job) => it.job_id.slice(0, 8) },
    ]),
    section(
      screen,
      "Not trained",
      output.skipped
        .map(({ target, symbol, reason }) =>
          marked(inner(screen), "none", `${plainLine(target)}/${plainLine(symbol ?? "CS")}: ${reason}`),
        )
        .join("\n"),
    ),
    facts(screen, [
      ["jobs", `${counted(totals.jobs, "job")}: ${kinds.join(", ") || "none"}`],
      ["estimate", `${shortTime(totals.estimated_seconds)} one after the other`],
      ["plan", `${output.planHash.slice(0, 12)} in ${output.file}`],
    ]),
    section(screen, "Next", lines("signalbox train --dry-run", "signalbox train")),
  );
}

export function planCheckView(output: OperationOutput<"routing.planCheck">, screen: Screen): string {
  return lines(
    marked(
      screen,
      "good",
      `${output.file} is whole, and its inputs are what it was made from: ${counted(output.jobs, "job")}, plan ${output.planHash.slice(0, 12)}`,
    ),
    marksLine(output.marks, screen),
  );
}

type Diff = OperationOutput<"routing.planDiff">;
const signs: Readonly<Record<Diff["rows"][number]["change"], Mark>> = {
  added: "good",
  removed: "bad",
  changed: "active",
};

export function diffView(output: Diff, screen: Screen): string {
  return parts(
    facts(screen, [
      ["from", output.from],
      ["to", output.to],
    ]),
    section(
      screen,
      "Inputs that changed",
      output.inputs
        .map(({ input, from, to }) =>
          marked(inner(screen), "note", `${input}: ${from?.slice(0, 12) ?? "none"} → ${to?.slice(0, 12) ?? "none"}`),
        )
        .join("\n"),
    ),
    output.rows.length === 0
      ? "The jobs are the same."
      : table(
          screen,
          output.rows,
          [
            { title: "", value: (it) => it.change },
            { title: "target", value: (it) => it.target, shrink: 3, least: 10 },
            { title: "segment", value: (it) => it.symbol ?? "CS", shrink: 2, least: 5 },
            { title: "job", value: (it) => it.job },
            { title: "what", value: (it) => it.what, shrink: 4, least: 16 },
          ],
          {
            mark: (it) => mark(screen, signs[it.change]),
            below: (it) => it.why,
          },
        ),
  );
}

export function importView(output: OperationOutput<"routing.import">, screen: Screen): string {
  return parts(
    [
      ...output.written.map((file) => `${mark(screen, "good")} ${file}`),
      ...output.kept.map(
        (file) => `${mark(screen, "none")} ${file} is there already and was left (--force replaces it)`,
      ),
    ].join("\n"),
    section(
      screen,
      "Without a place today",
      table(inner(screen), output.unmapped, [
        { title: "file", value: (it) => it.file, shrink: 2, least: 12, keeps: "end" },
        { title: "key", value: (it) => it.key, shrink: 1, least: 12 },
        { title: "why", value: (it) => it.reason, shrink: 3, least: 16 },
      ]),
    ),
    output.notes.map((note) => marked(screen, "note", note)).join("\n"),
  );
}
