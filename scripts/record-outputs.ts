import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { driftOf, recordedFolder, recordFiles } from "./recorded-outputs/files.ts";

// node scripts/record-outputs.ts [--check]
// Creates a small project, calls the operations on it and writes their outputs to fixtures/outputs, one file each, for the tests of the
// faces. Takes about a minute. Values that differ each time are replaced (recorded-outputs/normalize.ts), and figures are rounded to six
// digits because their last ones depend on the processor. So recording again gives the same bytes; --check writes nothing and fails
// if it doesn't.

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
