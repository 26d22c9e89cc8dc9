import type { SplitReport } from "../../src-core/contract/splits.ts";
import { type Mark, mark } from "../marks.ts";
import { counted, formatBytes, formatCount } from "../numbers.ts";
import { paint, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, inner, lines, parts, section, shortDigest } from "../text.ts";
import type { Views } from "../view.ts";

export const splitsViews: Views = { "splits.show": report, "splits.check": report };

function report(split: SplitReport, screen: Screen): string {
  const body = inner(screen);
  return parts(
    lines(
      `${paint(screen, "bold", `Split ${split.splitVersion}`)}  ${split.strategy}, decided by ${split.decidedBy.join(", ")}`,
      facts(screen, [
        [
          "master",
          `${split.master.path}, ${counted(split.master.rows, "row")}, sha256 ${shortDigest(split.master.sha256)}`,
        ],
        ["data contract", split.dataContractVersion],
        ["salt", split.salt],
        ["DuckDB", split.duckdb],
        ["reference", `looked at ${counted(split.referenceReads, "time")}`],
      ]),
    ),
    section(screen, "Sides", sides(split, body)),
    section(screen, "Every row of the master", rows(split, body)),
    section(screen, "Checks", checks(split, body)),
    section(screen, "Skipped", split.skipped.map((it) => hanging(body, `${it.name}: `, it.reason)).join("\n")),
    section(
      screen,
      "Warnings",
      split.warnings.map((it) => mark(screen, "warning") + hanging(body, "  ", it).slice(1)).join("\n"),
    ),
  );
}

function sides({ parts: all }: SplitReport, screen: Screen): string {
  return table(
    screen,
    all,
    [
      { title: "side", value: (it) => it.part, shrink: 1, least: 14 },
      { title: "rows", value: (it) => formatCount(it.rows), align: "right" },
      { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
      { title: "sha256", value: (it) => shortDigest(it.sha256) },
      { title: "rows digest", value: (it) => shortDigest(it.rowDigest) },
    ],
    { below: (it) => it.path },
  );
}

function rows({ rowCounts, master }: SplitReport, screen: Screen): string {
  return table(screen, Object.entries(rowCounts), [
    { title: "", value: ([name]) => name.replaceAll("_", " "), shrink: 1, least: 20 },
    { title: "rows", value: ([, count]) => formatCount(count), align: "right" },
    {
      title: "share",
      value: ([, count]) => `${((100 * count) / Math.max(1, master.rows)).toFixed(2)} %`,
      align: "right",
    },
  ]);
}

function checks({ checks: all }: SplitReport, screen: Screen): string {
  return table(
    screen,
    all,
    [
      { title: "check", value: (it) => it.check.replaceAll("_", " ") },
      { title: "found", value: (it) => formatCount(it.count), align: "right" },
      { title: "limit", value: (it) => formatCount(it.limit), align: "right" },
      { title: "outcome", value: (it) => it.outcome },
    ],
    { mark: (it) => mark(screen, signOf(it.outcome)), below: (it) => it.note },
  );
}

function signOf(outcome: string): Mark {
  if (outcome === "passed") return "good";
  return outcome === "failed" ? "bad" : "warning";
}
