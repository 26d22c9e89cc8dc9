import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fsyncFolder } from "../../../foundation/files/durable.ts";
import type { PlanFile } from "./text/plan-views.ts";

/** Writes a new folder's files so that they, and its entries, survive a power cut once the folder has its final name. */
export function writeNewFiles(folder: string, files: readonly PlanFile[]): void {
  const folders = new Set([folder]);
  mkdirSync(folder, { recursive: true });
  for (const { path: name, text } of files) {
    const file = path.join(folder, name);
    const inside = path.dirname(file);
    if (!folders.has(inside)) {
      mkdirSync(inside, { recursive: true });
      folders.add(inside);
    }
    const handle = openSync(file, "wx", 0o644);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
  for (const one of folders) fsyncFolder(one);
}
