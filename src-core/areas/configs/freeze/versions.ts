import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { type ConfigKind, configKinds } from "../../../contract/configs/config-kinds.ts";
import { fileError } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";

export const kinds = Object.keys(configKinds) as readonly ConfigKind[];

/** The name of a kind in messages. */
export const kindNames: Readonly<Record<ConfigKind, string>> = {
  data_contract: "data contract",
  split: "split",
  feature: "feature",
  model: "model",
};

/** Versions whose file exists, ascending. `v01.yaml` isn't a version: one number would have two names. */
export function existingVersions(paths: ProjectPaths, kind: ConfigKind): readonly number[] {
  const folder = path.join(paths.configs, configKinds[kind].folder);
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder)
      .flatMap((name) => {
        const digits = /^v(0|[1-9][0-9]{0,8})\.yaml$/.exec(name)?.[1];
        return digits === undefined ? [] : [Number(digits)];
      })
      .sort((a, b) => a - b);
  } catch (error) {
    throw fileError(error, "list", folder);
  }
}

/** One more than every number in use, on disk or frozen: a frozen number is never reused for other content. */
export function nextFreeVersion(existing: readonly number[], frozen: readonly number[]): number {
  return Math.max(-1, ...existing, ...frozen) + 1;
}
