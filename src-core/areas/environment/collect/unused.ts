import { readdirSync } from "node:fs";
import path from "node:path";
import type { ListedEnvironment } from "../../../contract/environment.ts";
import type { Candidate } from "./free.ts";
import { foldersInUse } from "./inventory.ts";
import { sizeOf } from "./sizes.ts";

/** Lists environments, and whether they were used after `since` (ms since 1970). */
export function unusedEnvironments(environments: readonly ListedEnvironment[], since: number): readonly Candidate[] {
  return environments.map((environment) => {
    const used = Date.parse(environment.lastUsedAt ?? environment.madeAt);
    const day = new Date(used).toISOString().slice(0, 10);
    const groups = environment.groups.length > 0 ? ` with ${environment.groups.join(", ")}` : "";
    const name = `Python ${environment.python}${groups}`;
    return {
      kind: "environment" as const,
      path: environment.folder,
      sizeBytes: environment.sizeBytes,
      mayGo: !environment.isInUse && used <= since,
      reason: environment.isInUse ? `${name}: in use now` : `${name}: last used ${day}`,
    };
  });
}

/** Lists private Nodes other than the running one, `node`. */
export function unusedNodes(home: string, node: string): readonly Candidate[] {
  const root = path.join(home, "node");
  const names = readdirIfThere(root).filter((name) => !name.startsWith("."));
  const folders = names.map((name) => path.join(root, name));
  const used = foldersInUse(folders);
  const own = folders.filter((folder) => node.startsWith(`${folder}${path.sep}`));
  return folders
    .filter((folder) => !own.includes(folder) && !used.has(folder) && own.length > 0)
    .map((folder) => ({
      kind: "node" as const,
      path: folder,
      sizeBytes: sizeOf(folder),
      reason: "an older private Node",
      mayGo: true,
    }));
}

export function readdirIfThere(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
