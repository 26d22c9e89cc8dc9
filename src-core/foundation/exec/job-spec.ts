import { mkdirSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import { sha256 } from "../files/digest.ts";
import { writeJsonDurable } from "../files/durable.ts";
import type { JobRequest } from "./executor.ts";
import { type JobSpec, jobPaths } from "./job-files.ts";

function checkOutput(output: string): string {
  const normal = path.posix.normalize(output);
  if (output === "" || normal !== output || path.posix.isAbsolute(output) || normal === "." || normal.startsWith(".."))
    throw new AppError({
      code: "internal/unexpected",
      message: `Expected output "${output}" is not a plain path below the job's folder.`,
    });
  return output;
}

/** Key of a request that brings none: what runs, on which bytes, for which files. */
function derivedKey(request: JobRequest): string {
  const { kind, argv, cwd, inputs, expectedOutputs } = request;
  const digests = inputs.map((input) => [input.path, input.sha256]);
  return sha256(JSON.stringify([kind, argv, cwd, digests, expectedOutputs])).slice(0, 32);
}

/** job.json of a request. */
export function specOf(request: JobRequest): JobSpec {
  return {
    version: 1,
    job_id: request.jobId,
    run_id: request.runId,
    kind: request.kind,
    idempotency_key: request.idempotencyKey ?? derivedKey(request),
    argv: request.argv,
    cwd: request.cwd,
    env_names: Object.keys(request.env).sort(),
    inputs: request.inputs,
    expected_outputs: request.expectedOutputs.map(checkOutput),
    resources: request.resources ?? {},
  };
}

export function writeSpec(folder: string, spec: JobSpec): void {
  const files = jobPaths(folder);
  mkdirSync(files.attempts, { recursive: true });
  mkdirSync(files.outputs, { recursive: true });
  writeJsonDurable(files.spec, spec);
}
