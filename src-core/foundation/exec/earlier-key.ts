import path from "node:path";
import type { JobSpec } from "../../contract/trainer/job-specs.ts";
import { sha256 } from "../files/digest.ts";
import { jsonText } from "../files/durable.ts";
import { documentName } from "./job-spec.ts";
import type { JobSource, PythonEnvironment } from "./place.ts";

/** What the key was made of. */
interface KeyedJob {
  readonly command: string;
  readonly runDir: string;
  readonly jobId: string;
  readonly python: PythonEnvironment;
  readonly inputs: readonly JobSource[];
  readonly parts: readonly JobSource[];
  readonly expectedOutputs: readonly string[];
}

/**
 * The key that this job had while specifications named every file by its absolute path (version 0.1): with it a run that was
 * interrupted under such a version finds its finished training again. The project was three folders above its run's.
 */
export function earlierKey(job: KeyedJob, spec: JobSpec, projectInput: string): string {
  const folder = path.join(job.runDir, job.jobId);
  const places = new Map([[projectInput, path.resolve(job.runDir, "../../..")]]);
  for (const { path: name, from } of [...job.inputs, ...job.parts]) places.set(name, from);
  for (const name of ["outputs", spec.events_path, ...job.expectedOutputs]) places.set(name, path.join(folder, name));
  const asThen: unknown = JSON.parse(JSON.stringify(spec), (_, value: unknown) =>
    typeof value === "string" ? (places.get(value) ?? value) : value,
  );
  const specFile = path.join(folder, documentName);
  const inputs = [
    ...job.inputs.map(({ from, sha256: digest }) => [from, digest]),
    [specFile, sha256(jsonText(asThen))],
  ];
  const argv = [job.python.python, "-m", "signalbox_trainer", job.command, specFile];
  return sha256(JSON.stringify([job.command, argv, job.runDir, inputs, job.expectedOutputs])).slice(0, 32);
}
