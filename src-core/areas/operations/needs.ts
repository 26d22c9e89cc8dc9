/** What the supervisor's loop needs of jobs: the processes that operations started and that outlive it. */
export interface OperationsNeeds {
  /** Settles jobs that ended without a process that follows them; running ones stay. */
  readonly settleDeadJobs: () => void;
  /** Cancels every job of a run that still lives. */
  readonly cancelJobsOf: (runId: string) => Promise<void>;
}
