import { mkdirSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import { sha256 } from "../files/digest.ts";
import { jsonText, writeFileDurable, writeJsonDurable } from "../files/durable.ts";
import { type JobInput, type JobSpec, jobPaths } from "./job-files.ts";
import type { JobRequest } from "./place.ts";

/** The specification of a program of the trainer, in its job's folder. */
export const documentName = "spec.json";

/** Checks that a path is a plain one below the job's folder, and returns it. */
export function checkJobPath(name: string): string {
  const normal = path.posix.normalize(name);
  if (name === "" || normal !== name || path.posix.isAbsolute(name) || normal === "." || normal.startsWith(".."))
    throw new AppError({
      code: "internal/unexpected",
      message: `"${name}" is not a plain path below the job's folder.`,
    });
  return name;
}

function inputsOf({ document, inputs }: JobRequest): readonly JobInput[] {
  const named = inputs.map((input) => ({ path: checkJobPath(input.path), sha256: input.sha256 }));
  return document === undefined ? named : [...named, { path: documentName, sha256: sha256(jsonText(document)) }];
}

/** Key of a request that brings none: what runs, in which environment, on which bytes, for which files; not what is only looked up in. */
function derivedKey(request: JobRequest): string {
  const { kind, argv, python, expectedOutputs } = request;
  const digests = inputsOf(request).flatMap((input) => (input.sha256 === null ? [] : [[input.path, input.sha256]]));
  return sha256(JSON.stringify([kind, argv, python?.digest ?? null, digests, expectedOutputs])).slice(0, 32);
}

/** job.json of a request. */
export function specOf(request: JobRequest): JobSpec {
  return {
    version: 2,
    job_id: request.jobId,
    run_id: request.runId,
    kind: request.kind,
    idempotency_key: request.idempotencyKey ?? derivedKey(request),
    argv: request.argv,
    environment: request.python?.digest ?? null,
    env_names: Object.keys(request.env).sort(),
    inputs: inputsOf(request),
    expected_outputs: request.expectedOutputs.map(checkJobPath),
    resources: request.resources ?? {},
  };
}

export function writeSpec({ folder, document }: JobRequest, spec: JobSpec): void {
  const files = jobPaths(folder);
  mkdirSync(files.attempts, { recursive: true });
  mkdirSync(files.outputs, { recursive: true });
  if (document !== undefined) writeFileDurable(path.join(folder, documentName), jsonText(document));
  writeJsonDurable(files.spec, spec);
}
