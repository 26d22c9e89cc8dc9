import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { programStep } from "../../../contract/build-step.ts";
import { type ConfigKind, versionPath } from "../../../contract/configs/config-kinds.ts";
import { type FrozenReference, frozenReferenceSchema } from "../../../contract/configs/frozen-reference.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Catalogue, CatalogueReader, CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import { fileError, writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { indexedVersions } from "../store.ts";
import { kinds } from "./versions.ts";

/**
 * `configs/frozen.json`: what must not change any more because a run used it. It is tracked, so that another clone refuses
 * the same edits; the catalogue only indexes it.
 */

const digest = z.string().regex(/^[0-9a-f]{64}$/, "a sha256 in hex");
const versionKey = z.string().regex(/^(0|[1-9][0-9]*)$/, "a version number");
const digests = z.record(versionKey, digest).default({});

const frozenSchema = z.strictObject({
  version: z.literal(1),
  configs: z.strictObject({ data_contract: digests, split: digests, feature: digests, model: digests }),
  /** By split version. */
  references: z.record(versionKey, frozenReferenceSchema).default({}),
});
export type Frozen = z.output<typeof frozenSchema>;

const nothingFrozen: Frozen = {
  version: 1,
  configs: { data_contract: {}, split: {}, feature: {}, model: {} },
  references: {},
};

const fileName = "configs/frozen.json";

/** @throws configs/syntax, configs/invalid-value */
export function parseFrozen(text: string, { root }: Pick<ProjectPaths, "root">): Frozen {
  const advice = {
    hint: "Only runs write it; without it, edited versions can't be recognised. If it was never committed, delete it: the next run writes it again.",
    next: [programStep(["git", "-C", root, "checkout", "--", fileName], "restores it, if it was committed")],
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError({
      code: "configs/syntax",
      message: `${fileName}: not JSON: ${reason}`,
      ...advice,
      details: { file: fileName },
    });
  }
  const result = frozenSchema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  throw new AppError({
    code: "configs/invalid-value",
    message: `${fileName}: \`${first?.path.join(".") ?? ""}\`: ${first?.message ?? "invalid"}`,
    ...advice,
    details: { file: fileName, key: first?.path.join(".") },
  });
}

/** What is frozen in a project; empty if the file doesn't exist yet. */
export function readFrozen(paths: ProjectPaths): Frozen {
  if (!existsSync(paths.frozenFile)) return nothingFrozen;
  let text: string;
  try {
    text = readFileSync(paths.frozenFile, "utf8");
  } catch (error) {
    throw fileError(error, "read", paths.frozenFile);
  }
  return parseFrozen(text, paths);
}

/** What is frozen, with what the catalogue still knows where the file was lost or set back. */
export function knownFrozen(paths: ProjectPaths, reader: CatalogueReader): Frozen {
  return indexedVersions(reader).reduce(
    (so, { kind, version, digest }) =>
      so.configs[kind][String(version)] === undefined ? withFrozenConfig(so, { kind, version, digest }) : so,
    readFrozen(paths),
  );
}

/** True if the file of a used version was changed or deleted since. */
export function isAnyChanged({ root }: Pick<ProjectPaths, "root">, frozen: Frozen): boolean {
  return kinds.some((kind) =>
    Object.entries(frozen.configs[kind]).some(([version, digest]) => {
      const file = path.join(root, versionPath(kind, Number(version)));
      return !existsSync(file) || fileDigest(file) !== digest;
    }),
  );
}

/** With one more version frozen. The caller has checked that the digest is the recorded one, if any. */
export function withFrozenConfig(
  frozen: Frozen,
  { kind, version, digest }: { readonly kind: ConfigKind; readonly version: number; readonly digest: string },
): Frozen {
  const ofKind = { ...frozen.configs[kind], [String(version)]: digest };
  return { ...frozen, configs: { ...frozen.configs, [kind]: ofKind } };
}

/** With the reference test of a split version recorded. */
export function withFrozenReference(frozen: Frozen, splitVersion: number, reference: FrozenReference): Frozen {
  return { ...frozen, references: { ...frozen.references, [String(splitVersion)]: reference } };
}

function ordered<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => Number(a) - Number(b)));
}

/** Keeps a fixed order, so that equal content has equal bytes and git shows only what was added. */
function canonical(frozen: Frozen): Frozen {
  const { data_contract, split, feature, model } = frozen.configs;
  return {
    version: 1,
    configs: {
      data_contract: ordered(data_contract),
      split: ordered(split),
      feature: ordered(feature),
      model: ordered(model),
    },
    references: ordered(frozen.references),
  };
}

/**
 * Reads, changes and durably writes the file inside one catalogue transaction, so that two processes can't lose each
 * other's entry. `change` gets the transaction's writer for whatever belongs to the same step.
 */
export function updateFrozen(
  paths: ProjectPaths,
  catalogue: Catalogue,
  change: (frozen: Frozen, writer: CatalogueWriter) => Frozen,
): Frozen {
  return catalogue.write((writer) => {
    const before = readFrozen(paths);
    const after = canonical(change(before, writer));
    if (JSON.stringify(after) !== JSON.stringify(canonical(before)) || !existsSync(paths.frozenFile)) {
      writeJsonDurable(paths.frozenFile, after);
    }
    return after;
  });
}
