import type { Progress, Question, Subject } from "../contract/operation.ts";

/**
 * The messages between a face and the core, over any transport. `id` is the face's number for one call or one subscription; `project` is
 * the absolute folder of a project, or of the place that an operation without a project works in.
 */

/** The first message of either end. */
export interface Hello {
  readonly kind: "hello";
  readonly protocol: number;
  /** Which build of Signalbox speaks: faces and cores of different builds may understand each other's envelope only. */
  readonly build: string;
}

/** Bytes that belong to a call: a pty's stream, a table. */
export interface Frame {
  readonly kind: "frame";
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** How far a reader of the change feed has read. */
export interface FeedPosition {
  /** Another one after the catalogue was rebuilt: positions of two epochs can't be compared. */
  readonly epoch: string;
  readonly seq: number;
}

export type FaceMessage =
  | Hello
  | Frame
  | {
      readonly kind: "request";
      readonly id: number;
      readonly project: string;
      readonly operation: string;
      readonly input: unknown;
      /** Answers with the id of the long operation as soon as it is queued. */
      readonly isDetached?: boolean | undefined;
    }
  | {
      /** Follows a long operation by its id, leaving out the first `after` events of its progress. */
      readonly kind: "follow";
      readonly id: number;
      readonly project: string;
      readonly operation: string;
      readonly after: number;
    }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "answer"; readonly id: number; readonly prompt: number; readonly value: string | null }
  | {
      /** Under a number in use it changes that subscription. */
      readonly kind: "subscribe";
      readonly id: number;
      readonly project: string;
      /** All of them when absent. */
      readonly subjects?: readonly string[] | undefined;
      readonly since?: FeedPosition | undefined;
      readonly intervalMs?: number | undefined;
    }
  | { readonly kind: "unsubscribe"; readonly id: number };

export interface Change {
  readonly subject: Subject;
  /** What of the subject changed; none means that anything of it may have. */
  readonly ids: readonly string[];
}

export interface FeedEvent extends FeedPosition {
  readonly changes: readonly Change[];
  /** Operations whose answers may no longer hold. */
  readonly operations: readonly string[];
  /** True where changes may have been missed: everything that is shown is to be fetched again. */
  readonly mustRefetch: boolean;
}

export interface Answer {
  readonly output: unknown;
  /** What a program that only ran this operation would end with. */
  readonly exitCode: number;
  /** Id of the long operation that it was. */
  readonly operation?: string | undefined;
}

export type CoreMessage =
  | Hello
  | Frame
  /** The request became this long operation. */
  | { readonly kind: "accepted"; readonly id: number; readonly operation: string }
  | {
      readonly kind: "progress";
      readonly id: number;
      /** Of a long operation: its id. */
      readonly operation?: string | undefined;
      readonly progress: Progress;
    }
  | { readonly kind: "prompt"; readonly id: number; readonly prompt: number; readonly question: Question }
  | ({ readonly kind: "response"; readonly id: number } & Answer)
  | { readonly kind: "response"; readonly id: number; readonly error: unknown }
  | { readonly kind: "event"; readonly id: number; readonly event: FeedEvent }
  /** A message could not be taken; of which call, if that is known. */
  | { readonly kind: "refusal"; readonly id: number | null; readonly error: unknown };

export type Message = FaceMessage | CoreMessage;
