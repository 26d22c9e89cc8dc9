import type { Progress, Question } from "../contract/operation.ts";

/** What a call may do while it runs. */
export interface CallContext {
  /** The face cancels. */
  readonly signal: AbortSignal;
  /** The face has disconnected: its answer is dropped. That cancels nothing by itself. */
  readonly hangUp: AbortSignal;
  readonly report: (progress: Progress) => void;
  /** The request became the long operation of this id. */
  readonly accept: (operation: string) => void;
  /** Asks the face; null if it declines. @throws rpc/closed if it has disconnected */
  readonly ask: (question: Question) => Promise<string | null>;
  readonly sendBytes: (bytes: Uint8Array) => void;
  readonly onBytes: (listener: (bytes: Uint8Array) => void) => void;
}
