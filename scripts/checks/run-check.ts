import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";
import type { Counts } from "./counts.ts";
import { type FileTime, fileTimes } from "./file-times.ts";
import type { Check } from "./list.ts";

export interface Result {
  readonly name: string;
  readonly isGood: boolean;
  readonly counts: Counts;
  readonly output: string;
  readonly elapsedMs: number;
  /** The times of a test runner's files. */
  readonly fileTimes: readonly FileTime[];
}

/** A check counts as one passed or failed item; a test runner counts its tests. */
export async function runCheck(check: Check): Promise<Result> {
  const start = performance.now();
  const answers: { readonly code: number; readonly output: string }[] = [];
  for (const [command, ...args] of check.commands)
    answers.push(
      await runCommand({
        command,
        args,
        cwd: check.cwd ?? appRoot,
        env: { ...process.env, ...check.env },
        isShown: check.tests !== undefined,
      }),
    );
  const isGood = answers.every((answer) => answer.code === 0);
  return {
    name: check.name,
    isGood,
    counts: countsOf(check, isGood),
    output: answers.map((answer) => answer.output).join(""),
    elapsedMs: performance.now() - start,
    fileTimes: timesOf(check),
  };
}

/** Empty if a runner crashed before it wrote its report: its failure is counted elsewhere. */
function timesOf({ tests }: Check): readonly FileTime[] {
  if (tests === undefined || !existsSync(tests.junit)) return [];
  return fileTimes(readFileSync(tests.junit, "utf8"));
}

function countsOf({ tests }: Check, isGood: boolean): Counts {
  const single = { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 };
  if (tests === undefined) return single;
  try {
    const counts = tests.count(readFileSync(tests.report, "utf8"));
    // A runner that fails without a failed test (a crash, an error outside the tests) must not count as passed.
    return isGood || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } catch {
    return single;
  }
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly isShown: boolean;
}

function runCommand({ command, args, cwd, env, isShown }: Command): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", isShown ? "inherit" : "pipe", isShown ? "inherit" : "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    child.on("error", (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
