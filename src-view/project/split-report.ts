import type { SplitReport } from "../../src-core/contract/splits.ts";
import type { Mark } from "../labels.ts";
import { shortDigest } from "../names.ts";
import { counted, formatBytes, formatCount } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { facts, line, part, report, section, table, text, toned } from "../shape.ts";

/** Shapes a split: where each row went, what was checked, and how it was decided. */
export function splitReport(split: SplitReport): readonly Section[] {
  const { master } = split;
  return report(
    part(
      line(
        toned(`Split ${split.splitVersion}`, "strong"),
        `  ${split.strategy}, decided by ${split.decidedBy.join(", ")}`,
      ),
      facts([
        ["master table", `${master.path}, ${counted(master.rows, "row")}, sha256 ${shortDigest(master.sha256)}`],
        ["data contract", split.dataContractVersion],
        ["salt", split.salt],
        ["DuckDB", split.duckdb],
        ["reference", `read ${counted(split.referenceReads, "time")}`],
      ]),
    ),
    section("Sides", sides(split)),
    section("Rows of the master table", rows(split)),
    section("Checks", checks(split)),
    section("Skipped", ...split.skipped.map((it) => text(it.reason, { lead: `${it.name}: ` }))),
    section("Warnings", ...split.warnings.map((it) => text(it, { mark: "warning" }))),
  );
}

function sides({ parts }: SplitReport): Block | undefined {
  return table(
    parts,
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

function rows({ rowCounts, master }: SplitReport): Block | undefined {
  return table(Object.entries(rowCounts), [
    { title: "", value: ([name]) => name.replaceAll("_", " "), shrink: 1, least: 20 },
    { title: "rows", value: ([, count]) => formatCount(count), align: "right" },
    {
      title: "share",
      value: ([, count]) => `${((100 * count) / Math.max(1, master.rows)).toFixed(2)} %`,
      align: "right",
    },
  ]);
}

function checks({ checks: all }: SplitReport): Block | undefined {
  return table(
    all,
    [
      { title: "check", value: (it) => it.check.replaceAll("_", " ") },
      { title: "found", value: (it) => formatCount(it.count), align: "right" },
      { title: "limit", value: (it) => formatCount(it.limit), align: "right" },
      { title: "outcome", value: (it) => it.outcome },
    ],
    { mark: (it) => markOf(it.outcome), below: (it) => it.note },
  );
}

function markOf(outcome: string): Mark {
  if (outcome === "passed") return "good";
  return outcome === "failed" ? "bad" : "warning";
}
