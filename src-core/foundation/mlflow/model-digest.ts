import { readdirSync } from "node:fs";
import path from "node:path";
import { fileDigest, sha256 } from "../files/digest.ts";

/**
 * Computes the digest of a model's folder like the trainer: the sha256 of the lines `<sha256>  <relative path>\n` of its files,
 * sorted by their UTF-8 bytes.
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
