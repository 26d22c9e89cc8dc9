import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensurePythonEnvironment } from "../src-core/areas/environment/build/ensure.ts";
import { AppError } from "../src-core/contract/errors.ts";
import { dataHome } from "../src-core/foundation/files/paths.ts";
import { amounts } from "../test/support/amounts.ts";
import { type Extent, readArguments, selectChecks } from "./checks/arguments.ts";
import { closingLine, sum } from "./checks/counts.ts";
import { slowestFiles } from "./checks/file-times.ts";
import { allChecks, type Check } from "./checks/list.ts";
import { type Result, runCheck } from "./checks/run-check.ts";

// npm test, npm run check [-- --fast | --long] [--only NAME,NAME]
// Runs the checks and ends with one line: N passed, N failed, N skipped. The line before it names the checks that didn't run.

/** The environments that the tests need: the base, one with everything for the trainer's tests, and one with the stock DVC. */
const environments = [["dev", "lightgbm", "xgboost"], [], ["dvc"]];

async function preparePython(): Promise<string> {
  const made: string[] = [];
  for (const groups of environments) {
    const { python } = await ensurePythonEnvironment({
      home: dataHome(process.env),
      groups,
      mayAddGroups: true,
      env: process.env,
      report: ({ message }) => process.stderr.write(`${message}\n`),
    });
    made.push(python);
  }
  return made[0] ?? "";
}

function show({ name, isGood, output, elapsedMs }: Result): void {
  process.stdout.write(`${isGood ? "✓" : "✗"} ${name} (${(elapsedMs / 1000).toFixed(1)} s)\n`);
  if (!isGood && output !== "") process.stdout.write(`${output.trimEnd()}\n`);
}

/** Two at a time, as a small machine has two cores. The test runners use all cores and run alone. */
async function runAll(checks: readonly Check[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  const one = async (check: Check) => {
    const result = await runCheck(check);
    show(result);
    results.push(result);
  };
  const quick = checks.filter((check) => check.tests === undefined);
  const lane = async () => {
    for (let next = quick.shift(); next !== undefined; next = quick.shift()) await one(next);
  };
  await Promise.all([lane(), lane()]);
  for (const check of checks) if (check.tests !== undefined) await one(check);
  return results;
}

/** What the closing line doesn't show: where the time went, and what was skipped. */
function remarks(
  results: readonly Result[],
  { extent, leftOut }: { extent: Extent; leftOut: readonly string[] },
): string {
  const shorter = Object.values(amounts).map(({ what, usual, long }) => `${what}, ${usual} instead of ${long}`);
  return [
    slowestFiles(results.flatMap((result) => result.fileTimes)),
    leftOut.length === 0 ? "" : `Not run: ${leftOut.join(", ")}.\n`,
    extent === "usual" ? `Less than with --long: ${shorter.join("; ")}.\n` : "",
  ].join("");
}

const scratch = mkdtempSync(path.join(os.tmpdir(), "signalbox-check-"));
try {
  const wanted = readArguments(process.argv.slice(2));
  const all = allChecks({ python: await preparePython(), scratch, isLong: wanted.extent === "long" });
  const { chosen, leftOut } = selectChecks(all, wanted);
  const results = await runAll(chosen);
  const failed = results.filter((result) => !result.isGood).map((result) => result.name);
  process.stdout.write(`\n${remarks(results, { extent: wanted.extent, leftOut })}`);
  if (failed.length > 0) process.stdout.write(`Failed: ${failed.join("; ")}\n`);
  process.stdout.write(`${closingLine(sum(results.map((result) => result.counts)))}\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof AppError && error.hint !== undefined ? `What to do: ${error.hint}\n` : "";
  process.stdout.write(`${text}\n${hint}${closingLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
