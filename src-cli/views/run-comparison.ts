import type { OperationOutput } from "../../src-core/contract/index.ts";
import { allEqual, type ComparedRuns, comparedRuns, shownValue } from "../../src-view/runs/run-comparison.ts";
import { line, part, report, section, table, toned } from "../../src-view/shape.ts";
import { paintSections } from "../paint-sections.ts";
import type { Screen } from "../screen.ts";
import { inner } from "../text.ts";

/** Renders a column per run. The room of a column decides how much of a value is shown. */
export function runComparison(output: OperationOutput<"runs.compare">, screen: Screen): string {
  const compared = comparedRuns(output);
  if (compared === undefined) return allEqual(output);
  const share = Math.max(10, Math.floor((inner(screen).width - 26) / compared.runs.length) - 2);
  const sections = report(
    part(line(toned(compared.title, "strong")), line(compared.summary)),
    ...compared.groups.map(({ title, rows }) => section(title, group(compared.runs, rows, share))),
  );
  return paintSections(sections, screen);
}

function group(runs: readonly string[], rows: ComparedRuns["groups"][number]["rows"], share: number) {
  return table(rows, [
    { title: "", value: (row) => row.key, shrink: 1, least: 20 },
    ...runs.map((title, at) => ({
      title,
      value: (row: (typeof rows)[number]) => shownValue(row.values[at] ?? null, share),
      align: "right" as const,
      shrink: 2,
      least: share,
      tone: (row: (typeof rows)[number]) => (row.isEqual ? ("quiet" as const) : undefined),
    })),
  ]);
}
