import * as z from "zod";
import { kebab, valueNameOf } from "../src-core/contract/command-text.ts";
import { errorCodes, exitCodes } from "../src-core/contract/errors.ts";
import { operations } from "../src-core/contract/index.ts";
import type { CliGroup, Operation } from "../src-core/contract/operation.ts";

/** The command line as data, derived from the declared operations. The build writes it to `dist/help.json`. */

export interface Parameter {
  /** Key of the operation's input. */
  readonly key: string;
  /** Without dashes: "feature-version". */
  readonly name: string;
  readonly short?: string;
  readonly kind: "flag" | "text" | "number" | "integer" | "choice" | "pairs";
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly choices?: readonly string[];
  readonly defaultText?: string;
  readonly description: string;
  readonly valueName: string;
  /** True for a path from where the person is. */
  readonly isPath?: boolean;
}

export interface Command {
  readonly operation: string;
  readonly words: readonly string[];
  readonly group: CliGroup;
  readonly summary: string;
  readonly description?: string;
  readonly positionals: readonly Parameter[];
  readonly options: readonly Parameter[];
  readonly isLong: boolean;
  readonly needsProject: boolean;
  /** Key of the input that takes the folder where the person is. */
  readonly workingFolder?: string;
  readonly examples: readonly string[];
  readonly errors: readonly { readonly code: string; readonly exitCode: number }[];
}

export interface Manifest {
  readonly version: string;
  readonly commands: readonly Command[];
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly JsonSchema[];
}

function parameterOf(
  key: string,
  schema: JsonSchema,
  { cli: hints, paths = [], isRequired }: Pick<Operation, "cli" | "paths"> & { readonly isRequired: boolean },
): Parameter {
  const isList = schema.type === "array";
  const one = isList ? (schema.items ?? {}) : schema;
  const choices = one.enum?.map(String);
  const kind = kindOf(one, choices !== undefined);
  const short = hints.short?.[key];
  return {
    key,
    name: kebab(key),
    ...(short === undefined ? {} : { short }),
    kind,
    isList,
    isRequired,
    ...(choices === undefined ? {} : { choices }),
    ...(isWorthSaying(schema.default) ? { defaultText: String(schema.default) } : {}),
    description: schema.description ?? "",
    valueName:
      kind === "pairs" && hints.valueNames?.[key] === undefined ? "KEY=VALUE" : valueNameOf(key, hints.valueNames),
    ...(paths.includes(key) ? { isPath: true } : {}),
  };
}

function kindOf(schema: JsonSchema, hasChoices: boolean): Parameter["kind"] {
  if (hasChoices) return "choice";
  if (schema.type === "boolean") return "flag";
  if (schema.type === "integer") return "integer";
  if (schema.type === "number") return "number";
  if (schema.type === "object") return "pairs";
  return "text";
}

function commandOf(id: string, operation: Operation): Command {
  const schema = z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const required = new Set(schema.required ?? []);
  const positionalKeys = operation.cli.positionals ?? [];
  const hidden = new Set(operation.cli.hidden ?? []);
  const parameters = Object.entries(schema.properties ?? {}).map(([key, value]) =>
    parameterOf(key, value, { ...operation, isRequired: required.has(key) }),
  );
  const positionals = positionalKeys.map((key) => {
    const found = parameters.find((parameter) => parameter.key === key);
    if (found === undefined) throw new Error(`${id}: positional '${key}' isn't a key of its input`);
    return found;
  });
  return {
    operation: id,
    words: operation.cli.path.split(" "),
    group: operation.cli.group,
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    positionals,
    options: parameters.filter((parameter) => !positionalKeys.includes(parameter.key) && !hidden.has(parameter.key)),
    isLong: operation.isLong,
    needsProject: operation.needsProject,
    ...(operation.workingFolder === undefined ? {} : { workingFolder: operation.workingFolder }),
    examples: operation.cli.examples ?? [],
    errors: operation.errors.map((code) => ({ code, exitCode: exitCodes[errorCodes[code]] })),
  };
}

export function buildManifest(version: string): Manifest {
  const commands = Object.entries(operations as Readonly<Record<string, Operation>>)
    .map(([id, operation]) => commandOf(id, operation))
    .sort((a, b) => (a.words.join(" ") < b.words.join(" ") ? -1 : 1));
  return { version, commands };
}

/** False for what help needn't say: off, and nothing given. */
function isWorthSaying(value: unknown): boolean {
  return value !== undefined && value !== false && typeof value !== "object";
}
