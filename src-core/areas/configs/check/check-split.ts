import { withArticle } from "../../../../src-view/names.ts";
import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import { momentText } from "../../../contract/schema-parts.ts";
import type { KeyPath } from "../read/parse-yaml.ts";
import type { Problem } from "../read/problems.ts";
import { type ConfigSet, Findings } from "./findings.ts";

/** What a split can cut by: times, or whole numbers as years. A decision has a time within its year. */
const timeTypes: readonly string[] = ["timestamp", "int"];

/** Checks the split schema against the data contract: its columns exist and have types that the strategy can use. */
export function checkSplit({ split, contract }: ConfigSet): readonly Problem[] {
  const findings = new Findings(split);
  const { value } = split;
  const columns = contract.value.columns;
  const needTime = (path: KeyPath, name: string, types: readonly string[] = timeTypes) => {
    if (!findings.hasColumn(path, name, contract)) return;
    const column = columns[name];
    if (!types.includes(column?.type ?? "")) {
      const or = types.length > 1 ? ", or one of whole years" : "";
      findings.add(path, `\`${name}\` is ${withArticle(column?.type ?? "unknown")}, but a time is needed here`, {
        hint: `Choose a column of type timestamp${or}, or declare \`${name}\` as one in ${contract.file}.`,
      });
    }
    needValues(path, name);
  };
  const needValues = (path: KeyPath, name: string) => {
    if (columns[name]?.non_nullable !== false) return;
    findings.add(path, `\`${name}\` is nullable, and a row without it belongs to no side`, {
      hint: `Declare it non_nullable in ${contract.file}, with an \`exclude\` rule for rows without it.`,
    });
  };
  for (const [index, name] of ("group" in value ? value.group : []).entries()) {
    const path = ["group", index];
    if (!findings.hasColumn(path, name, contract)) continue;
    const type = columns[name]?.type;
    if (type === "float" || type === "struct" || type === "list") {
      findings.add(path, `\`${name}\` is ${withArticle(type)}; a group is a string, int, bool or timestamp`, {
        hint: "Group by a column whose values always have the same text form.",
      });
    }
    if (name === contract.value.target) {
      findings.add(path, `the target \`${name}\` is a group`, { hint: "Group by what is known before the outcome." });
    }
    needValues(path, name);
  }
  if ("column" in value) needTime(["column"], value.column);
  if (value.strategy === "geographic") {
    const { column, from, to } = value.closed_period;
    needTime(["closed_period", "column"], column);
    if (Date.parse(momentText(from)) >= Date.parse(momentText(to))) {
      findings.add(["closed_period", "to"], `the period ends (${to}) before it starts (${from})`, {
        hint: "`from` is inclusive, `to` exclusive: swap or change them.",
      });
    }
  }
  if (value.strategy === "stratified_hash") {
    for (const [index, name] of value.strata.entries()) findings.hasColumn(["strata", index], name, contract);
  }
  if (value.decision_time !== undefined) needTime(["decision_time"], value.decision_time, ["timestamp"]);
  checkOptionalTests(value, { findings, contract, needTime });
  return findings.problems;
}

const reservedNames = ["train", "reference", "test"];

function checkOptionalTests(
  split: SplitSchema,
  check: Pick<ConfigSet, "contract"> & { findings: Findings; needTime: (path: KeyPath, name: string) => void },
): void {
  const { findings, contract, needTime } = check;
  const seen = new Set<string>();
  for (const [index, test] of split.optional_tests.entries()) {
    const at = ["optional_tests", index];
    if (reservedNames.includes(test.name) || seen.has(test.name)) {
      findings.add([...at, "name"], `the name \`${test.name}\` is ${seen.has(test.name) ? "used twice" : "reserved"}`, {
        hint: "Metrics are prefixed by the test's name: give each a name of its own.",
      });
    }
    seen.add(test.name);
    if ("moving_period" in test) needTime([...at, "moving_period", "column"], test.moving_period.column);
    if ("slice" in test) findings.hasColumn([...at, "slice", "column"], test.slice.column, contract);
  }
}
