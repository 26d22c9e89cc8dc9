import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";

/** An unsuccessful response. */
export interface FailedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly location: string | undefined;
}

interface MlflowProblem {
  readonly errorCode: string;
  readonly message: string;
}

/** Parses MLflow's `{error_code, message}`; undefined for any other body. */
function problemOf(answer: FailedAnswer): MlflowProblem | undefined {
  try {
    const parsed: unknown = JSON.parse(answer.text);
    if (typeof parsed !== "object" || parsed === null || !("error_code" in parsed)) return undefined;
    const message = "message" in parsed ? String(parsed.message) : "";
    return { errorCode: String(parsed.error_code), message };
  } catch {
    return undefined;
  }
}

const missing = new Set(["RESOURCE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND"]);

/** Builds the error for an unsuccessful response. `doing` is the request ("create a run"), `uri` the server. */
export function answerError(answer: FailedAnswer, doing: string, uri: string): AppError {
  const problem = problemOf(answer);
  const said = (problem?.message || answer.text).trim().slice(0, 500);
  const details = { uri, status: answer.status, ...(problem === undefined ? {} : { errorCode: problem.errorCode }) };
  const make = (code: AppError["code"], message: string, hint?: string, next?: readonly NextStep[]) =>
    new AppError({ code, message: `Can't ${doing}: ${message}`, hint, next, details });

  if (answer.status === 401) {
    return make(
      "tracking/denied",
      `${uri} requires a login (401).`,
      "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.",
    );
  }
  if (answer.status === 403) {
    return problem === undefined
      ? make(
          "tracking/denied",
          `${uri} refused the request's host or origin (403): ${said}`,
          "Its owner must allow this host name with `mlflow server --allowed-hosts`.",
        )
      : make("tracking/denied", `${uri} denied access (403): ${said}`, "Ask its owner for permission.");
  }
  if (answer.status >= 300 && answer.status < 400) {
    return make(
      "tracking/not-mlflow",
      `${uri} redirects to ${answer.location ?? "elsewhere"}. Redirects aren't followed, because they would receive the credentials.`,
      "Use the final address of the server.",
    );
  }
  if (problem !== undefined && (answer.status === 404 || missing.has(problem.errorCode))) {
    return make("tracking/not-found", said);
  }
  if (answer.status === 404) {
    return make(
      "tracking/not-mlflow",
      `${uri} doesn't have MLflow's API (404).`,
      "Check the address. An MLflow server responds to /health and /version.",
    );
  }
  if (answer.status === 429 || answer.status >= 500) {
    return make(
      "tracking/server-failed",
      `${uri} repeatedly responded with ${answer.status}: ${said || "no reason given"}`,
      "Read the server's log, then run the command again.",
      [nextStep("mlflow.status", {}, "shows the log of the managed server")],
    );
  }
  return make("tracking/rejected", said || `${uri} responded with ${answer.status}.`);
}

/**
 * Checks whether the server lost a race with itself: it looks for an entry, then adds it, and another request added it in between (data sets
 * that two runs log at once). MLflow passes the error of its database on, by the name that the database's driver has for it. The same
 * request finds the entry the next time.
 */
export function isLostRace(error: AppError): boolean {
  return error.details?.errorCode === "BAD_REQUEST" && /IntegrityError|UniqueViolation/.test(error.message);
}

/** Checks whether the server reports a conflict with something that already exists. */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof AppError && error.details?.errorCode === "RESOURCE_ALREADY_EXISTS";
}

export function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.code === "tracking/not-found";
}

export function unreachable(uri: string, doing: string, reason: string): AppError {
  return new AppError({
    code: "tracking/unreachable",
    message: `Can't ${doing}: the MLflow server at ${uri} doesn't respond (${reason}).`,
    hint: "Start it again, then repeat the command. Nothing is sent twice.",
    next: [nextStep("mlflow.start", {}, "starts it, if it is the project's own")],
    details: { uri },
  });
}
