import { stripVTControlCharacters } from "node:util";
import { nextStep } from "../../contract/build-step.ts";
import { AppError, cancelled } from "../../contract/errors.ts";
import type { JobResult } from "./run-job.ts";

/** Why a job did not succeed, as an error to throw; undefined for one that did. `what` names it in a message: "Training". */
export function jobError(what: string, result: JobResult): AppError | undefined {
  const { exit, lastError } = result;
  const details = {
    attempt: result.attempt,
    exitCode: exit?.code ?? null,
    signal: exit?.signal ?? null,
    output: result.outputTail,
    ...(lastError?.details ?? {}),
  };
  switch (result.state) {
    case "succeeded":
      return undefined;
    case "cancelled":
      return cancelled(`${what} was cancelled.`);
    case "out_of_memory":
      return new AppError({
        code: "jobs/out-of-memory",
        message: lastError?.message ?? `${what} ran out of memory: the kernel killed it.`,
        hint: lastError?.hint ?? "Close other programs, use fewer rows or a smaller model, then resume the run.",
        next: lastError?.next,
        details,
      });
    case "lost":
      return new AppError({
        code: "jobs/lost",
        message: `${what} vanished: its process ended without an exit record (it was killed, or the machine went down).${printedLast(result)}`,
        hint: "Resume the run: finished stages are kept.",
        details,
      });
    case "queued":
    case "starting":
    case "running":
    case "unreachable":
    case "failed":
      return failure(what, result, details);
    default:
      return result.state satisfies never;
  }
}

const linesShown = 6;
const longestLine = 300;

/** The last lines that a job printed, as the end of a message: they are often the only reason there is. */
function printedLast({ outputTail }: Pick<JobResult, "outputTail">): string {
  const lines = stripVTControlCharacters(outputTail)
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-linesShown)
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line));
  return lines.length === 0 ? " It printed nothing." : ` It printed last:\n${lines.join("\n")}`;
}

function failure(what: string, result: JobResult, details: Readonly<Record<string, unknown>>): AppError {
  const { exit, lastError } = result;
  if (exit?.disk_full)
    return new AppError({
      code: "files/disk-full",
      message: `${what} failed because the disk is full.`,
      hint: "Free space, then resume the run.",
      next: [nextStep("environment.collect", {}, "shows what it can free")],
      details,
    });
  if (lastError !== undefined)
    return new AppError({
      code: lastError.code,
      message: lastError.message,
      hint: lastError.hint,
      next: lastError.next,
      details,
    });
  if (result.brokenOutputs.length > 0)
    return new AppError({
      code: "jobs/output-missing",
      message: `${what} ended without its expected output: ${result.brokenOutputs.join(", ")} is missing or was changed.${printedLast(result)}`,
      hint: "See the job's output.log, then resume the run.",
      details: { ...details, outputs: result.brokenOutputs },
    });
  const how = exit?.error ?? (exit?.signal ? `killed by ${exit.signal}` : `exit code ${exit?.code}`);
  return new AppError({
    code: "jobs/failed",
    message: `${what} failed: ${how}.${printedLast(result)}`,
    hint: "All of its output is in the job's output.log.",
    details,
  });
}
