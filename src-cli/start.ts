import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import path from "node:path";
import { guardOutput } from "./guard-output.ts";
import { answerFromManifest, printAnswer } from "./help-answer.ts";
import type { Manifest } from "./manifest.ts";
import { runCompiled } from "./run-compiled.ts";
import { scanArguments } from "./scan-globals.ts";

/**
 * The entry that bin/signalbox starts. It is bundled as one CommonJS file, because loading ES modules takes a third of Node's start-up time.
 * It answers help from the manifest next to it, and loads the main bundle for everything else.
 */
const folder = path.dirname(process.argv[1] ?? "");
const load = (): Manifest => JSON.parse(readFileSync(path.join(folder, "help.json"), "utf8"));
guardOutput();
const scanned = scanArguments(process.argv.slice(2));
const answer = answerFromManifest(scanned, load);

if (answer !== undefined) printAnswer(answer);
else {
  const compiled = path.join(folder, ".compiled");
  // For the packages that aren't in the bundle.
  enableCompileCache(compiled);
  runCompiled(path.resolve(folder, "commands.cjs"), compiled, scanned.own);
}
