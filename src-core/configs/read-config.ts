import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { z } from "zod";
import { AppError } from "../contract/errors.ts";
import { sha256 } from "../files/digest.ts";
import { fileError } from "../files/durable.ts";
import { maxYamlBytes, type ParsedYaml, parseYaml } from "./parse-yaml.ts";
import { problemError } from "./problems.ts";
import { schemaProblems } from "./schema-problems.ts";
import { isMapping } from "./schema-walk.ts";

/** A configuration file that was read, and where each of its values stands. */
export interface ConfigFile<T> {
  /** Project-relative, POSIX: the name messages use. */
  readonly file: string;
  /** sha256 (hex) of the bytes. */
  readonly digest: string;
  readonly value: T;
  readonly source: Pick<ParsedYaml, "placeOf" | "placeOfKey">;
}

const knownSchemaVersions = [1];

/**
 * Reads one file strictly.
 * @throws configs/not-found, configs/syntax, configs/unknown-schema-version, configs/unknown-key, configs/invalid-value
 */
export function readConfig<S extends z.ZodType>(root: string, file: string, schema: S): ConfigFile<z.output<S>> {
  const bytes = readBytes(path.join(root, file), file);
  return parseConfig(bytes, file, schema);
}

export function parseConfig<S extends z.ZodType>(bytes: Uint8Array, file: string, schema: S): ConfigFile<z.output<S>> {
  const parsed = parseYaml(bytes, file);
  if (parsed.value === null) {
    throw problemError([
      {
        code: "configs/invalid-value",
        place: { file, line: 1, column: 1 },
        path: [],
        message: "the file is empty",
        hint: "Restore it from git, or write it anew as the guide's configuration reference says.",
      },
    ]);
  }
  checkSchemaVersion(parsed, file);
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

/** Before the schema: a file of a later schema has keys this one doesn't know, and they aren't what is wrong with it. */
function checkSchemaVersion(parsed: ParsedYaml, file: string): void {
  if (!isMapping(parsed.value)) return;
  const { version } = parsed.value;
  if (typeof version !== "number" || knownSchemaVersions.includes(version)) return;
  throw problemError(
    [
      {
        code: "configs/unknown-schema-version",
        place: parsed.placeOf(["version"]),
        path: ["version"],
        key: "version",
        message: `\`version: ${version}\` is not a known version of the file's schema; known: ${knownSchemaVersions.join(", ")}`,
        allowed: knownSchemaVersions.map(String),
        hint: "`version` is the schema's version, not the file's number (that is in its name): write `version: 1`, or update Signalbox if a newer one wrote the file.",
      },
    ],
    { file },
  );
}

function readBytes(absolute: string, file: string): Uint8Array {
  try {
    // A folder or an endless device in the place of a configuration must not be read at all.
    const { size } = statSync(absolute);
    if (size > maxYamlBytes) {
      throw new AppError({
        code: "configs/syntax",
        message: `${file}:1:1: ${size} bytes; a configuration file has at most ${maxYamlBytes}`,
        hint: "Take out what is not configuration.",
        details: { file, line: 1, column: 1 },
      });
    }
    return readFileSync(absolute);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new AppError({
        code: "configs/not-found",
        message: `${file} doesn't exist.`,
        hint: `Restore it (git checkout -- ${file}), or write it as the guide's configuration reference says.`,
        details: { file },
      });
    }
    throw fileError(error, "read", absolute);
  }
}
