import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { completed, type Lock } from "./lock-completion.ts";

// node scripts/complete-lock.ts [--check]
// Run after `npm install` changed package-lock.json: npm omits optional packages that the current registry doesn't have
// (a mirror seldom has those of every platform), and `npm ci` then refuses the lock everywhere.

const file = path.join(appRoot, "package-lock.json");
const text = readFileSync(file, "utf8");
const lock: Lock = JSON.parse(text);
const { added, lock: whole } = completed(lock);
if (process.argv.includes("--check")) {
  for (const place of added)
    process.stderr.write(`package-lock.json has no entry for ${place}. Run: node scripts/complete-lock.ts\n`);
  process.exitCode = added.length > 0 ? 1 : 0;
} else if (added.length > 0) {
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  process.stdout.write(`package-lock.json: added ${added.length} packages of other platforms\n`);
}
