import { counted, formatCount } from "../../../../src-view/numbers.ts";
import { yamlComment } from "../../../foundation/text/yaml.ts";
import type { Sentinel } from "../infer/find-sentinels.ts";
import type { TextNumbers } from "../infer/find-text-numbers.ts";
import { percent } from "../infer/infer-contract.ts";
import type { SimilarValues } from "../infer/similar-values.ts";

/** Words about values that only the owner of the table can judge. All pure. */

interface Described {
  readonly topic: string;
  readonly choice: string;
  readonly reason: string;
}

interface Roles {
  readonly target: string;
  /** Columns that decide a row's side: group and time. */
  readonly sides: readonly string[];
}

export function describeSentinel(it: Sentinel, { target, sides }: Roles): Described {
  const isSide = sides.includes(it.column);
  const isNeeded = it.column === target || isSide;
  const use = it.column === target ? "is learned and scored" : isSide ? "decides the side of the split" : "is used";
  const missing = isNeeded
    ? "Write no value there in the table"
    : "Write no value there in the table to have it imputed";
  return {
    topic: "codes for missing?",
    choice: `${it.column} is ${it.value} in ${countOf(it)}`,
    reason: `it looks like a code for a missing value and ${use} like any other. ${missing}, or leave these rows out with the rule that is commented out in configs/data_contracts/v1.yaml.`,
  };
}

export function describeTextNumbers(it: TextNumbers, { target }: Pick<Roles, "target">): Described {
  const others =
    it.others === 0 ? "" : `, ${counted(it.others, "value")} that ${it.others === 1 ? "isn't one" : "aren't"}`;
  return {
    topic: "numbers as text",
    choice: `${it.column} looks like ${it.form}: ${counted(it.values, "value")}${others}`,
    reason: `${usedAs(it, target)} until they are written plainly (1234.5) where the table is made`,
  };
}

/** Spellings are shown in quotes, because spaces may be all that differs. */
export function describeSimilar(
  { column, example, values }: SimilarValues,
  { sides }: Pick<Roles, "sides">,
): Described {
  const shown = example.map((text) => JSON.stringify(text)).join(" and ");
  const more = values === 1 ? "" : `, and ${values - 1} more`;
  return {
    topic: "similar values",
    choice: `${column} has ${shown}${more}, which differ only in case, spaces or the form of Unicode`,
    reason: `each is a ${sides.includes(column) ? "group" : "value"} of its own; write them alike in the table if they are one`,
  };
}

function usedAs({ column, readAs }: TextNumbers, target: string): string {
  if (readAs !== "text") return `each is ${readAs}`;
  return column === target ? "its values are classes" : "it is text";
}

/** Exclude rules that do nothing until the user wants them. They continue a list of rules, if there is one before them. */
export function sentinelComments(sentinels: readonly Sentinel[], hasRules: boolean): string {
  if (sentinels.length === 0) return "";
  return [
    "# Values that look like codes for a missing value. They are used like any other; these rules would leave their rows out:",
    ...(hasRules ? [] : ["# exclude:"]),
    ...sentinels.map((it, index) => {
      const reason = `${it.column} is ${it.value}, a code for a missing value, in ${countOf(it)}`;
      const rule = `{ name: unknown_${index + 1}, sql: ${JSON.stringify(it.sql)}, reason: ${JSON.stringify(reason)} }`;
      return yamlComment(`- ${rule}`).replace("# ", "#   ");
    }),
  ].join("\n");
}

function countOf({ rows, filled }: Sentinel): string {
  return `${formatCount(rows)} of ${counted(filled, "row")} (${percent(rows, filled)})`;
}
