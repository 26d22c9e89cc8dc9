import { withArticle } from "../../../../src-view/names.ts";
import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import type { FeatureSchema } from "../../../contract/configs/feature-schema.ts";
import type { KeyPath } from "../read/parse-yaml.ts";
import type { Problem } from "../read/problems.ts";
import { type ConfigSet, Findings } from "./findings.ts";

interface Use {
  readonly column: string;
  readonly path: KeyPath;
  readonly block: keyof Omit<FeatureSchema, "version">;
  readonly hasImputer: boolean;
}

const typesOf: Readonly<Record<Use["block"], readonly ColumnType[]>> = {
  numeric: ["int", "float", "bool"],
  categorical: ["string", "int", "float", "bool", "file", "timestamp"],
  text: ["string", "file"],
  datetime: ["timestamp"],
};

/** Checks the feature schema against the data contract: no target, nothing known only after, an imputer where nulls may occur. */
export function checkFeatures({ feature, contract }: ConfigSet): readonly Problem[] {
  const findings = new Findings(feature);
  const uses = usesOf(feature.value);
  if (uses.length === 0) {
    findings.add([], "there is no feature", {
      hint: "List at least one column under numeric, categorical, text or datetime.",
    });
  }
  const seen = new Set<string>();
  for (const { column, path, block, hasImputer } of uses) {
    if (column === contract.value.target) {
      findings.add(path, `the target \`${column}\` can't be a feature`, { hint: "Remove it from the feature schema." });
      continue;
    }
    if (!findings.hasColumn(path, column, contract)) continue;
    const declared = contract.value.columns[column];
    if (!declared) continue;
    if (seen.has(`${block}\0${column}`)) {
      findings.add(path, `\`${column}\` is listed twice under \`${block}\``, {
        hint: "List each column once per kind.",
      });
    }
    seen.add(`${block}\0${column}`);
    if (declared.known === "after") {
      findings.add(path, `\`${column}\` is known only after the decision (${contract.file}), so it leaks the outcome`, {
        code: "splits/leakage",
        hint: "Remove it from the features; if it is known before the decision, write `known: before` in a new data contract.",
      });
    }
    if (declared.row_counter === true) {
      findings.add(path, `\`${column}\` is a row counter (${contract.file}): it only says where in the file a row is`, {
        hint: "Remove it from the features.",
      });
    }
    if (!typesOf[block].includes(declared.type)) {
      findings.add(
        path,
        `\`${column}\` is ${withArticle(declared.type)}; \`${block}\` takes ${typesOf[block].join(", ")}`,
        {
          hint: "Move the column to a block for its type.",
        },
      );
    }
    if (!declared.non_nullable && !hasImputer) {
      findings.add(path, `\`${column}\` is nullable and has no imputer`, {
        hint: `Add \`impute\` to the block, or declare the column non_nullable in ${contract.file}.`,
      });
    }
  }
  checkBlocks(feature.value, findings);
  return findings.problems;
}

function usesOf(schema: FeatureSchema): readonly Use[] {
  const blocks = (["numeric", "categorical", "datetime"] as const).flatMap((block) =>
    schema[block].flatMap(({ columns, impute }, at) =>
      columns.map((column, index) => ({
        column,
        path: [block, at, "columns", index],
        block,
        hasImputer: impute !== undefined,
      })),
    ),
  );
  const texts = schema.text.map(({ column, impute }, at) => ({
    column,
    path: ["text", at, "column"],
    block: "text" as const,
    hasImputer: impute !== undefined,
  }));
  return [...blocks, ...texts];
}

function checkBlocks(schema: FeatureSchema, findings: Findings): void {
  for (const [index, { clip }] of schema.numeric.entries()) {
    if (clip?.min !== undefined && clip.max !== undefined && clip.min > clip.max) {
      findings.add(["numeric", index, "clip"], `clip's min ${clip.min} is above its max ${clip.max}`, {
        hint: "Swap them.",
      });
    }
  }
  for (const [index, block] of schema.categorical.entries()) {
    const at = ["categorical", index];
    const isOrdinal = block.encode === "ordinal";
    for (const column of isOrdinal ? block.columns : []) {
      if (block.order && Object.hasOwn(block.order, column)) continue;
      findings.add([...at, "order"], `\`ordinal\` has no order for \`${column}\``, {
        hint: `Add \`order: {${column}: [lowest, …, highest]}\`, or encode it another way.`,
      });
    }
    for (const column of Object.keys(block.order ?? {})) {
      if (isOrdinal && block.columns.includes(column)) continue;
      findings.add(
        [...at, "order", column],
        `\`order\` for \`${column}\`, which this block doesn't encode as ordinal`,
        {
          hint: "Remove the entry, or add the column to the block.",
        },
      );
    }
    const options = { min_frequency: "onehot", folds: "target", smooth: "target" } as const;
    for (const [key, encode] of Object.entries(options)) {
      if (!(key in block) || block.encode === encode) continue;
      findings.add([...at, key], `\`${key}\` belongs to \`encode: ${encode}\`; this block is ${block.encode}`, {
        hint: `Remove \`${key}\`.`,
      });
    }
  }
  for (const [index, { ngrams }] of schema.text.entries()) {
    if (ngrams && ngrams[0] > ngrams[1]) {
      findings.add(["text", index, "ngrams"], `ngrams [${ngrams.join(", ")}] has its bounds in the wrong order`, {
        hint: "Swap them.",
      });
    }
  }
}
