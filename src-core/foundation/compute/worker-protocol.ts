import { type EncodedError, encodeError } from "../../contract/errors.ts";
import { prepareJob, type ReplicateJob, type ReplicateValues } from "./replicates.ts";

/** A block of a job's replicates. The first block that a worker gets of a job carries `job`. */
export interface BlockRequest {
  readonly jobId: number;
  readonly job?: ReplicateJob;
  readonly from: number;
  readonly to: number;
}

export type BlockReply =
  | { readonly jobId: number; readonly from: number; readonly values: ReplicateValues }
  | { readonly jobId: number; readonly from: number; readonly error: EncodedError };

/** Answers requests; keeps the latest job prepared. */
export function makeBlockComputer(): (request: BlockRequest) => BlockReply {
  let current: { readonly jobId: number; readonly compute: ReturnType<typeof prepareJob> } | undefined;
  return ({ jobId, job, from, to }) => {
    try {
      if (job) current = { jobId, compute: prepareJob(job) };
      if (current?.jobId !== jobId) throw new Error(`Block of job ${jobId} came before the job.`);
      return { jobId, from, values: current.compute(from, to) };
    } catch (error) {
      return { jobId, from, error: encodeError(error) };
    }
  };
}
