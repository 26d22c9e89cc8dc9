import { readdirSync } from "node:fs";
import path from "node:path";
import { fileDigest, sha256 } from "../files/digest.ts";

/**
 * Digest of a model's folder as the trainer computes it: sha256 over the lines `<sha256>  <relative path>\n` of its files,
 * sorted by the lines' bytes in UTF-8.
 */
export function modelDigestOf(folder: string): string {
  const lines = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const relative = path.relative(folder, file).split(path.sep).join("/");
      return Buffer.from(`${fileDigest(file)}  ${relative}\n`);
    });
  return sha256(Buffer.concat(lines.toSorted(Buffer.compare)));
}
