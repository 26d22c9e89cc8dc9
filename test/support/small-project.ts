import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { cli } from "./cli.ts";
import { smallTable } from "./small-table.ts";

/** Creates a project from a small table with `signalbox init`. `run` on it needs the Python environment and takes seconds. */
export async function smallProject(rows = 400): Promise<string> {
  const parent = mkdtempSync(path.join(os.tmpdir(), "signalbox-small-"));
  writeFileSync(path.join(parent, "orders.csv"), smallTable(rows));
  const made = await cli(["init", "orders", "--table", "orders.csv", "--target", "minutes", "--key", "order_id"], {
    cwd: parent,
  });
  if (made.code !== 0) throw new Error(`init ended with ${made.code}:\n${made.stderr}`);
  return path.join(parent, "orders");
}
