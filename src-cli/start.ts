import { readFileSync } from "node:fs";
import { createRequire, enableCompileCache } from "node:module";
import path from "node:path";
import { answerFromManifest, printAnswer } from "./help-answer.ts";
import type { Manifest } from "./manifest.ts";
import { scanArguments } from "./scan-globals.ts";

/**
 * What bin/signalbox starts: bundled as one CommonJS file, for ES modules alone take as long to load as a third of Node's
 * own start. Help comes out of the manifest beside it; for everything else it goes on with the bundle.
 */
const folder = path.dirname(process.argv[1] ?? "");
const load = (): Manifest => JSON.parse(readFileSync(path.join(folder, "help.json"), "utf8"));
const answer = answerFromManifest(scanArguments(process.argv.slice(2)), load);

if (answer !== undefined) printAnswer(answer);
else {
  enableCompileCache(path.join(folder, ".compiled"));
  createRequire(path.join(folder, "cli.cjs"))("./commands.cjs");
}
