import { isNextStep, type NextStep } from "./next-step.ts";

/**
 * The closed list of error codes, each with the kind of exit code that a script sees.
 * Add a code in the block of the area that raises it.
 */
export const exitCodes = {
  unexpected: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  external: 5,
  gate: 6,
  cancelled: 130,
} as const;

export const errorCodes = {
  // internal, rpc
  "internal/unexpected": "unexpected",
  "internal/cancelled": "cancelled",
  "rpc/unknown-operation": "usage",
  "rpc/invalid-input": "usage",
  "rpc/closed": "external",
  "rpc/malformed": "usage",
  "rpc/too-large": "usage",
  "rpc/unknown-message": "usage",
  "rpc/protocol": "conflict",
  "cli/usage": "usage",
  "cli/needs-answer": "conflict",

  // files and disk
  "files/not-found": "notFound",
  "files/no-permission": "external",
  "files/disk-full": "external",
  "files/io": "external",

  // catalogue
  "catalogue/newer-version": "conflict",
  "catalogue/migration-failed": "external",
  "catalogue/corrupt": "external",
  "catalogue/busy": "external",

  // projects
  "projects/not-found": "notFound",
  "projects/earlier-version": "conflict",
  "projects/exists": "conflict",
  "projects/invalid": "usage",
  "projects/undecided": "conflict",
  "projects/table-unreadable": "external",
  "projects/git-failed": "external",
  "projects/foreign": "conflict",

  // configs
  "configs/not-found": "notFound",
  "configs/version-not-found": "notFound",
  "configs/version-not-allowed": "conflict",
  "configs/version-changed": "conflict",
  "configs/syntax": "usage",
  "configs/unknown-key": "usage",
  "configs/invalid-value": "usage",
  "configs/unknown-schema-version": "usage",
  "configs/inconsistent": "usage",

  // environment
  "environment/no-python": "external",
  "environment/no-uv": "external",
  "environment/install-failed": "external",
  "environment/unknown-group": "usage",
  "environment/group-missing": "conflict",
  "environment/in-use": "conflict",
  "environment/not-found": "notFound",

  // splits and contracts
  "splits/master-missing": "notFound",
  "splits/master-unreadable": "external",
  "splits/contract-violated": "conflict",
  "splits/leakage": "conflict",
  "splits/empty-side": "conflict",
  "splits/group-straddles": "conflict",
  "splits/reference-changed": "conflict",
  "splits/reference-missing": "conflict",
  "splits/invalid-key": "conflict",
  "splits/empty-stratum": "conflict",
  "splits/sql-refused": "usage",
  "splits/not-found": "notFound",
  "splits/out-of-memory": "external",

  // versioning
  "versioning/not-initialised": "conflict",
  "versioning/object-missing": "notFound",
  "versioning/object-corrupt": "conflict",
  "versioning/not-tracked": "notFound",
  "versioning/invalid-file": "external",
  "versioning/would-overwrite": "conflict",
  "versioning/no-remote": "conflict",
  "versioning/remote-unsupported": "external",
  "versioning/inside-ignored": "conflict",
  "versioning/overlap": "conflict",
  "versioning/tracked-by-git": "conflict",
  "versioning/changed-while-reading": "conflict",
  "versioning/dvc-failed": "external",

  // long operations
  "operations/not-found": "notFound",
  "operations/supervisor-failed": "external",
  "operations/supervisor-unreachable": "external",
  "operations/elsewhere": "conflict",
  "operations/needs-credentials": "conflict",
  "operations/other-credentials": "conflict",

  // jobs and executors
  "jobs/lost": "external",
  "jobs/failed": "external",
  "jobs/out-of-memory": "external",
  "jobs/output-missing": "external",
  "jobs/already-running": "conflict",
  "jobs/not-at-place": "conflict",

  // training and evaluation
  "training/no-metrics": "external",
  "training/failed": "external",
  "training/garbage": "external",
  "training/preflight": "conflict",
  "training/schema-mismatch": "conflict",
  "training/invalid-params": "usage",
  "training/unknown-model": "usage",
  "training/not-enough-memory": "conflict",
  "training/import-failed": "external",
  "evaluation/model-changed": "conflict",
  "evaluation/model-untrusted": "conflict",
  "evaluation/failed": "external",
  "evaluation/no-predictions": "notFound",

  // tracking
  "tracking/unreachable": "external",
  "tracking/server-failed": "external",
  "tracking/denied": "external",
  "tracking/rejected": "external",
  "tracking/not-found": "notFound",
  "tracking/artifact-scheme": "external",
  "tracking/artifact-changed": "external",
  "tracking/not-mlflow": "external",
  "tracking/truncated": "external",
  "models/not-found": "notFound",
  "models/verification-failed": "conflict",

  // runs
  "runs/not-found": "notFound",
  "runs/active": "conflict",
  "runs/not-resumable": "conflict",
  "runs/stage-blocked": "conflict",
  "runs/interrupted": "external",
  "runs/not-reproduced": "gate",
  "runs/not-comparable": "conflict",

  // promotion and ledger
  "promotion/invalid-gate": "usage",
  "promotion/refused": "gate",
  "promotion/not-decided": "conflict",
  "promotion/nothing-to-roll-back": "conflict",
  "promotion/no-evidence": "conflict",
  "promotion/gate-changed": "conflict",
  "promotion/alias-moved": "conflict",
  "promotion/other-model": "conflict",
  "ledger/broken": "conflict",
  "ledger/truncated": "conflict",
  "ledger/reads-lost": "conflict",
  "ledger/reads-conflict": "conflict",
  "ledger/not-found": "notFound",
  "ledger/other-head": "conflict",

  // routing
  "routing/no-targets": "conflict",
  "routing/no-candidates": "notFound",
  "routing/two-candidate-files": "conflict",
  "routing/candidates-unreadable": "external",
  "routing/not-found": "notFound",
  "routing/plan-missing": "notFound",
  "routing/plan-corrupt": "conflict",
  "routing/plan-stale": "conflict",
  "routing/plan-empty": "conflict",
  "routing/legacy-unknown": "usage",
  "routing/assess-failed": "external",
  "training/no-jobs": "conflict",
  "training/worker-failed": "external",
  "training/dependency-failed": "conflict",

  // lineage
  "lineage/not-found": "notFound",
} as const satisfies Record<string, keyof typeof exitCodes>;

export type ErrorCode = keyof typeof errorCodes;

/** Place of the problem in a file that the user wrote; line and column count from 1. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export type ErrorDetails = Readonly<Record<string, unknown>>;

export interface AppErrorInit {
  readonly code: ErrorCode;
  /** What is wrong and where: the thing and the reason. */
  readonly message: string;
  /** Advice in words. An operation or a program to call is a step in `next`, not part of the hint. */
  readonly hint?: string | undefined;
  /** Steps that help, in the order in which to take or prefer them. */
  readonly next?: readonly NextStep[] | undefined;
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
}

/** The only error class. It doesn't survive a port, a worker or JSON, so send it with `encodeError` and `decodeError`. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly next: readonly NextStep[] | undefined;
  readonly details: ErrorDetails | undefined;

  constructor(init: AppErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.hint = init.hint;
    this.next = init.next;
    this.details = init.details;
  }
}

export interface EncodedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly next?: readonly NextStep[];
  readonly details?: ErrorDetails;
  readonly cause?: { readonly message: string; readonly stack?: string };
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

export function cancelled(message = "Cancelled.", next?: readonly NextStep[]): AppError {
  return new AppError({ code: "internal/cancelled", message, next });
}

export function isCancelled(error: unknown): boolean {
  return isAbort(error) || (error instanceof AppError && error.code === "internal/cancelled");
}

/** Turns any thrown value into an AppError: an AppError is returned as is, an abort is cancelled, the rest is `internal/unexpected`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isAbort(error)) return cancelled();
  const message = error instanceof Error ? error.message : String(error);
  return new AppError({ code: "internal/unexpected", message: `Unexpected: ${message}`, cause: error });
}

export function encodeError(error: unknown): EncodedError {
  const it = toAppError(error);
  return {
    code: it.code,
    message: it.message,
    ...(it.hint === undefined ? {} : { hint: it.hint }),
    ...(it.next === undefined ? {} : { next: it.next }),
    ...(it.details === undefined ? {} : { details: it.details }),
    ...(it.cause instanceof Error
      ? { cause: { message: it.cause.message, ...(it.cause.stack === undefined ? {} : { stack: it.cause.stack }) } }
      : {}),
  };
}

export function decodeError(encoded: unknown): AppError {
  const it = (typeof encoded === "object" && encoded !== null ? encoded : {}) as Partial<EncodedError>;
  const cause =
    it.cause === undefined ? undefined : Object.assign(new Error(it.cause.message), { stack: it.cause.stack });
  return new AppError({
    code: isErrorCode(it.code) ? it.code : "internal/unexpected",
    message: typeof it.message === "string" ? it.message : `Undecodable error: ${JSON.stringify(encoded)}`,
    hint: it.hint,
    next: Array.isArray(it.next) ? it.next.filter(isNextStep) : undefined,
    details: it.details,
    cause,
  });
}

/** Returns the exit code of the process for an error. */
export function exitCodeOf(error: AppError): number {
  return exitCodes[errorCodes[error.code]];
}
