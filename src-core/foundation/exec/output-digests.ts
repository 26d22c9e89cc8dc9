import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileDigest, sha256 } from "../files/digest.ts";
import type { JobOutput } from "./job-files.ts";

interface Found {
  readonly file: string;
  readonly size: number;
}

/** Regular files below a folder, sorted by relative POSIX path. */
function filesBelow(folder: string, prefix = ""): readonly Found[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry): readonly Found[] => {
      const full = path.join(folder, entry.name);
      const relative = `${prefix}${entry.name}`;
      if (entry.isDirectory()) return filesBelow(full, `${relative}/`);
      return entry.isFile() ? [{ file: relative, size: lstatSync(full).size }] : [];
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Digest of an output as it is on disk; undefined where it is missing (an empty folder counts as missing). */
export function digestOutput(jobFolder: string, output: string): JobOutput | undefined {
  const full = path.join(jobFolder, output);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (stat?.isFile()) return { path: output, sha256: fileDigest(full), size_bytes: stat.size, files: 1 };
  if (!stat?.isDirectory()) return undefined;
  const found = filesBelow(full);
  if (found.length === 0) return undefined;
  const lines = found.map(({ file }) => `${fileDigest(path.join(full, file))}  ${file}\n`);
  const sizeBytes = found.reduce((sum, { size }) => sum + size, 0);
  return { path: output, sha256: sha256(lines.join("")), size_bytes: sizeBytes, files: found.length };
}

/** Expected outputs that are absent, or whose bytes are no longer those the runner recorded. */
export function brokenOutputs(
  jobFolder: string,
  expected: readonly string[],
  recorded: readonly JobOutput[],
): readonly string[] {
  return expected.filter((output) => {
    const record = recorded.find((it) => it.path === output);
    return record === undefined || digestOutput(jobFolder, output)?.sha256 !== record.sha256;
  });
}
