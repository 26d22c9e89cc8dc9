import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import type { ListedEnvironment } from "../../../contract/environment.ts";
import { currentPlatform, environmentsFolder, lastUsedName, recordName } from "../build/ensure.ts";
import { environmentDigest, locksOf } from "../build/locks.ts";
import { sizeOf } from "./sizes.ts";

const recordSchema = z.object({
  groups: z.array(z.string()),
  python: z.string(),
  madeAt: z.string(),
});

/** Lists the command lines of all visible processes on this machine. */
function commandLines(): readonly string[] {
  if (process.platform === "linux")
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, "utf8");
        } catch {
          return "";
        }
      });
  return spawnSync("ps", ["-axo", "command="], { encoding: "utf8" }).stdout.split("\n");
}

/** Finds the folders that occur in the command line of a live process. */
export function foldersInUse(folders: readonly string[]): ReadonlySet<string> {
  const lines = commandLines();
  return new Set(folders.filter((folder) => lines.some((line) => line.includes(`${folder}${path.sep}`))));
}

function isCurrent(trainer: string, record: z.output<typeof recordSchema>, digest: string): boolean {
  try {
    const pythonMinor = record.python.split(".").slice(0, 2).join(".");
    const locks = locksOf(trainer, record.groups);
    return digest === environmentDigest({ locks, groups: record.groups, pythonMinor, platform: currentPlatform() });
  } catch {
    // This version no longer has the group.
    return false;
  }
}

/** Lists the finished environments in the user's data folder, without running or interrupted builds. */
export function listEnvironments(home: string, trainer: string): readonly ListedEnvironment[] {
  const root = environmentsFolder(home);
  const names = existsSync(root) ? readdirSync(root).sort() : [];
  const folders = names.map((name) => path.join(root, name)).filter((it) => existsSync(path.join(it, recordName)));
  const used = foldersInUse(folders);
  return folders.flatMap((folder) => {
    const record = recordSchema.safeParse(JSON.parse(readFileSync(path.join(folder, recordName), "utf8")));
    if (!record.success) return [];
    const digest = path.basename(folder);
    const stamp = path.join(folder, lastUsedName);
    return [
      {
        digest,
        groups: record.data.groups,
        python: record.data.python,
        folder,
        sizeBytes: sizeOf(folder),
        madeAt: record.data.madeAt,
        lastUsedAt: existsSync(stamp) ? statSync(stamp).mtime.toISOString() : null,
        isCurrent: isCurrent(trainer, record.data, digest),
        isInUse: used.has(folder),
      },
    ];
  });
}
