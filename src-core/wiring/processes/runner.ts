import { channelFlag } from "../../foundation/exec/channel.ts";
import { readSpec } from "../../foundation/exec/job-files.ts";
import { claimAttempt, runAttempt } from "../../foundation/exec/run-attempt.ts";

/**
 * One job's runner: `runner ATTEMPT IDEMPOTENCY_KEY [--lines]`, in the job's folder. Detached from the process that started it, it outlives every
 * face, and its environment is the job's. Its own failures go to standard error, which is the job's output.log.
 */
async function main([attemptText = "", key = "", flag]: readonly string[]): Promise<void> {
  // Its working folder and no path: a project that is moved takes its folder along, and the job ends there.
  const folder = ".";
  const asked = Promise.withResolvers<void>();
  process.on("SIGTERM", () => asked.resolve());
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);

  const spec = readSpec(folder);
  const attempt = Number(attemptText);
  if (spec === undefined || !Number.isInteger(attempt) || attempt < 1) throw new Error(`No job in ${process.cwd()}.`);
  // Another job took the folder since, or another runner the attempt: theirs to run.
  if (spec.idempotency_key !== key) return;
  const claim = claimAttempt(folder, attempt);
  if (claim === undefined) return;
  const request = { folder, attempt, spec, env: process.env, now: () => new Date(), asked: asked.promise };
  await runAttempt({ ...request, isChannel: flag === channelFlag }, claim);
}

await main(process.argv.slice(2));
process.exit(0);
