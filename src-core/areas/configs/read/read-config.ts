import path from "node:path";
import * as z from "zod";
import { sha256 } from "../../../foundation/files/digest.ts";
import { type ParsedYaml, parseYaml } from "./parse-yaml.ts";
import { problemError } from "./problems.ts";
import { readBytes } from "./read-bytes.ts";
import { schemaProblems } from "./schema-problems.ts";
import { isMapping } from "./schema-walk.ts";

/** A configuration file that was read, with the place of each of its values. */
export interface ConfigFile<T> {
  /** Project-relative, POSIX: the name messages use. */
  readonly file: string;
  /** sha256 (hex) of the bytes. */
  readonly digest: string;
  readonly value: T;
  readonly source: Pick<ParsedYaml, "placeOf" | "placeOfKey" | "textOf">;
}

/** The versions that a schema's own field `version` allows. */
function versionsOf(schema: z.ZodType): readonly number[] {
  const field = schema instanceof z.ZodObject ? schema.shape.version : undefined;
  return field instanceof z.ZodLiteral ? [...field.values].filter((it) => typeof it === "number") : [1];
}

interface ReadBefore {
  readonly absolute: string;
  readonly bytes: Buffer;
  readonly config: ConfigFile<unknown>;
}

/** The file that each schema read last: one command reads signalbox.yaml many times, and parsing it is the slow part. */
const readBefore = new WeakMap<z.ZodType, ReadBefore>();

/**
 * Reads one file strictly. The result may be shared with a caller that read the same bytes before.
 * @throws configs/not-found, configs/syntax, configs/unknown-schema-version, configs/unknown-key, configs/invalid-value
 */
export function readConfig<S extends z.ZodType>(root: string, file: string, schema: S): ConfigFile<z.output<S>> {
  const absolute = path.join(root, file);
  const bytes = readBytes(absolute, file);
  const before = readBefore.get(schema);
  // Compared by its bytes: a time stamp would miss a second change within one tick of the file system's clock.
  if (before?.absolute === absolute && before.config.file === file && before.bytes.equals(bytes))
    return before.config as ConfigFile<z.output<S>>;
  const config = parseConfig(bytes, file, schema);
  readBefore.set(schema, { absolute, bytes, config });
  return config;
}

/** How a file is read, for areas that own a file besides the versioned ones. */
export type ReadConfig = typeof readConfig;

export function parseConfig<S extends z.ZodType>(bytes: Uint8Array, file: string, schema: S): ConfigFile<z.output<S>> {
  const parsed = parseYaml(bytes, file);
  if (parsed.value === null) {
    throw problemError([
      {
        code: "configs/invalid-value",
        place: { file, line: 1, column: 1 },
        path: [],
        message: "the file is empty",
        hint: "Restore it from git, or rewrite it as the guide's configuration reference describes.",
      },
    ]);
  }
  checkSchemaVersion(parsed, file, versionsOf(schema));
  const result = schema.safeParse(parsed.value);
  if (!result.success) throw problemError(schemaProblems(schema, parsed, result.error.issues), { file });
  let digest: string | undefined;
  return {
    file,
    get digest() {
      digest ??= sha256(bytes);
      return digest;
    },
    value: result.data,
    source: parsed,
  };
}

/** Runs before the schema: a file of a later schema has keys that this one doesn't know, but they aren't the problem. */
function checkSchemaVersion(parsed: ParsedYaml, file: string, known: readonly number[]): void {
  if (!isMapping(parsed.value)) return;
  const { version } = parsed.value;
  if (typeof version !== "number" || known.includes(version)) return;
  throw problemError(
    [
      {
        code: "configs/unknown-schema-version",
        place: parsed.placeOf(["version"]),
        path: ["version"],
        key: "version",
        message: `\`version: ${version}\` isn't a known version of the file's schema; known: ${known.join(", ")}`,
        allowed: known.map(String),
        hint: `\`version\` is the schema's version, not the file's number (that is in its name): write \`version: ${known.join(" or ")}\`, or update Signalbox if a newer one wrote the file.`,
      },
    ],
    { file },
  );
}
