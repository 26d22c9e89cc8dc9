/** What the supervisor's loop asks of jobs: the processes that operations started and that outlive it. */
export interface OperationsNeeds {
  /** Settles jobs that ended while nobody looked; those that live are left. */
  readonly settleDeadJobs: () => void;
  /** Cancels every job of a run that still lives. */
  readonly cancelJobsOf: (runId: string) => Promise<void>;
}
