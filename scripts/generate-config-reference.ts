import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { type ModelType, modelTypes } from "../src-core/areas/configs/check/model-types.ts";
import { alternatives, unwrapped } from "../src-core/areas/configs/read/schema-walk.ts";
import { activeConfigSchema } from "../src-core/contract/configs/active-config.ts";
import { dataContractSchema } from "../src-core/contract/configs/data-contract.ts";
import { featureSchemaSchema } from "../src-core/contract/configs/feature-schema.ts";
import { modelSchemaSchema } from "../src-core/contract/configs/model-schema.ts";
import { projectConfigSchema } from "../src-core/contract/configs/project-config.ts";
import { promotionConfigSchema } from "../src-core/contract/configs/promotion-config.ts";
import { routingConfigSchema } from "../src-core/contract/configs/routing-config.ts";
import { splitSchemaSchema } from "../src-core/contract/configs/split-schema.ts";
import { metricRegistry } from "../src-core/contract/evaluation/metrics.ts";
import { durationText, momentText, typeText } from "./schema-text.ts";

/** Writes the configuration reference from the schemas; `--check` fails if the file is out of date. */

export const referenceFile = fileURLToPath(new URL("../docs/reference/configuration.md", import.meta.url));

interface Row {
  readonly key: string;
  readonly value: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Lists every key below a schema, nested ones by their path. @throws if a key has no description */
export function rowsOf(schema: z.ZodType, prefix = ""): readonly Row[] {
  const options = alternatives(schema);
  const objects = options.filter((one) => one instanceof z.ZodObject);
  return options.flatMap((one) => {
    if (one instanceof z.ZodArray) return rowsOf(one.element as z.ZodType, `${prefix}[]`);
    if (one instanceof z.ZodRecord) return rowsOf(one.valueType as z.ZodType, `${prefix}.<${singular(prefix)}>`);
    if (!(one instanceof z.ZodObject)) return [];
    return Object.entries(one.shape).flatMap(([name, child]) => {
      const key = prefix === "" ? name : `${prefix}.${name}`;
      if (!(child instanceof z.ZodType)) throw new Error(`${key} isn't a schema`);
      if (child.description === undefined) throw new Error(`The key ${key} has no description`);
      const row = rowOf(key, child, child.description);
      const isEverywhere = objects.every((other) => name in other.shape);
      return [isEverywhere ? row : { ...row, fallback: "one of these" }, ...rowsOf(child, key)];
    });
  });
}

/** Names one entry of a mapping: `columns` → `column`, `families` → `family`. */
function singular(path: string): string {
  const name = path.split(".").at(-1) ?? path;
  return name.endsWith("ies") ? `${name.slice(0, -"ies".length)}y` : name.replace(/s$/, "");
}

function rowOf(key: string, schema: z.ZodType, meaning: string): Row {
  return { key, value: typeText(unwrapped(schema)), fallback: fallbackOf(schema), meaning };
}

function fallbackOf(schema: z.ZodType): string {
  // The default of a mapping follows from its keys, which are listed below it.
  if (schema instanceof z.ZodDefault && unwrapped(schema) instanceof z.ZodObject) return "–";
  if (schema instanceof z.ZodDefault) return `\`${JSON.stringify(schema.def.defaultValue)}\``;
  return schema instanceof z.ZodOptional ? "–" : "required";
}

function tableOf(rows: readonly Row[]): string {
  const seen = new Set<string>();
  const cells = rows
    .filter(({ key }) => !seen.has(key) && seen.add(key))
    .map(
      ({ key, value, fallback, meaning }) =>
        `| \`${key}\` | ${value} | ${fallback} | ${meaning.replaceAll("|", "\\|")} |`,
    );
  return ["| key | value | default | meaning |", "|---|---|---|---|", ...cells].join("\n");
}

const table = (schema: z.ZodType) => tableOf(rowsOf(schema));

/** The keys that all strategies share, then those of each strategy. */
function splitSection(): string {
  const strategies = splitSchemaSchema.options.map((schema) => ({
    name: [...schema.shape.strategy.values].join(),
    meaning: schema.shape.strategy.description ?? "",
    rows: rowsOf(schema).filter(({ key }) => key !== "strategy"),
  }));
  const isCommon = ({ key }: Row) => strategies.every(({ rows }) => rows.some((row) => row.key === key));
  const [first] = strategies;
  const sections = strategies.map(
    ({ name, meaning, rows }) =>
      `### \`strategy: ${name}\`\n\n${meaning}.\n\n${tableOf(rows.filter((row) => !isCommon(row)))}`,
  );
  return [`### Every strategy\n\n${tableOf((first?.rows ?? []).filter(isCommon))}`, ...sections].join("\n\n");
}

function seedText(seed: ModelType["seed"]): string {
  if (typeof seed === "string") return seed === "always" ? "required" : "–";
  const cases = Object.entries(seed).map(
    ([name, values]) => `\`${name}\` ${values.map((one) => `\`${one}\``).join(", ")}`,
  );
  return `required with ${cases.join("; ")}`;
}

function modelTable(): string {
  const rows = Object.entries(modelTypes).map(
    ([name, { tasks, seed, group }]) =>
      `| \`${name}\` | ${tasks.join(", ")} | ${seedText(seed)} | ${group === null ? "–" : `\`signalbox env add ${group}\``} |`,
  );
  return ["| type | tasks | seed | packages |", "|---|---|---|---|", ...rows].join("\n");
}

function metricTable(): string {
  const rows = Object.entries(metricRegistry).map(
    ([name, { direction, unit, tasks, definition }]) =>
      `| \`${name}\` | ${tasks.join(", ")} | ${direction} | ${unit} | ${definition.replaceAll("|", "\\|")} |`,
  );
  return ["| metric | tasks | better | unit | definition |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** The whole page. */
export function configReference(): string {
  const section = (title: string, text: string, body: string) => `## ${title}\n\n${text}\n\n${body}`;
  return `${[
    `# Configuration

Written by \`scripts/generate-config-reference.ts\` from the schemas; don't edit it by hand.

Every file is YAML 1.2 and read strictly: an unknown key, a wrong value or a duplicate key stops a run with file, line, column and the nearest key that is allowed. A file may have at most 1 MiB. Each file begins with \`version: 1\`, the version of its schema.

Four kinds are versioned by their file's number: \`configs/data_contracts/v1.yaml\`, \`configs/splits/v1.yaml\`, \`configs/features/v1.yaml\`, \`configs/models/v1.yaml\`. A version exists if its file exists, and 0 is a version. A run uses the version that \`--set feature_version=2\` names, else the one in \`configs/active.yaml\`. The first run that uses a version freezes it: its sha256 is recorded in \`configs/frozen.json\`, and an edited file is refused with the next free number. Use \`signalbox configs list\`, \`show\` and \`diff\` to read and compare versions.

A column name may contain any characters; quote it where YAML would read it differently. A *duration* is ${durationText}. A *time* is ${momentText}.`,
    section("signalbox.yaml", "The project.", table(projectConfigSchema)),
    section("configs/active.yaml", "The versions that runs use by default.", table(activeConfigSchema)),
    section("configs/data_contracts/v*N*.yaml", "What the table must look like.", table(dataContractSchema)),
    section(
      "configs/splits/v*N*.yaml",
      "Which rows train a model and which test it. The keys depend on `strategy`.",
      splitSection(),
    ),
    section("configs/features/v*N*.yaml", "How columns become features.", table(featureSchemaSchema)),
    section("configs/models/v*N*.yaml", "What is fitted.", `${table(modelSchemaSchema)}\n\n${modelTable()}`),
    section(
      "configs/promotion.yaml",
      "The gate.",
      `${table(promotionConfigSchema)}\n\n### Metrics\n\n${metricTable()}`,
    ),
    section(
      "configs/routing.yaml",
      "Where models are trained: pooled across segments, per segment, both, as an experiment, or not at all. The file may be missing: every key but `version` has a default.",
      table(routingConfigSchema),
    ),
  ].join("\n\n")}\n`;
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const text = configReference();
  if (process.argv.includes("--check")) {
    if (readFileSync(referenceFile, "utf8") !== text) {
      console.error("docs/reference/configuration.md is out of date. Run: node scripts/generate-config-reference.ts");
      process.exitCode = 1;
    }
  } else {
    mkdirSync(path.dirname(referenceFile), { recursive: true });
    writeFileSync(referenceFile, text);
  }
}
