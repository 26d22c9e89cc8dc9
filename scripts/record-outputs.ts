import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { driftOf, recordedFolder, recordFiles } from "./recorded-outputs/files.ts";

// node scripts/record-outputs.ts [--check]
// Makes a small project, calls the operations on it and writes what they answered to fixtures/outputs, a file each, for the tests of what
// faces show. Takes about a minute. What differs from time to time is replaced (recorded-outputs/normalize.ts; figures are rounded to six
// digits, for their last ones depend on the processor), so that recording again gives the same bytes; --check writes nothing and fails
// where it doesn't.

mkdirSync(recordedFolder, { recursive: true });
const files = await recordFiles();
const drift = driftOf(files);
for (const name of drift) process.stdout.write(`fixtures/outputs/${name} differs\n`);
if (process.argv.includes("--check")) process.exitCode = drift.length > 0 ? 1 : 0;
else {
  rmSync(recordedFolder, { recursive: true });
  mkdirSync(recordedFolder);
  for (const [name, text] of files) writeFileSync(path.join(recordedFolder, name), text);
}
