import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { AppError, cancelled, decodeError } from "../../contract/errors.ts";
import type { CheckSpec } from "../../contract/trainer/job-specs.ts";
import { jobEnvironment } from "../../foundation/exec/job-environment.ts";
import { appRoot } from "../../foundation/files/entry-points.ts";

const answerSchema = z.object({ loaded: z.boolean(), has_signature: z.boolean(), rows: z.number() });

export interface CheckedModel {
  readonly hasSignature: boolean;
  /** Rows of the input example that it predicted. */
  readonly rows: number;
}

export interface CheckRequest {
  /** Folder for the specification; the files of the model are in `modelDir`. Both paths are absolute. */
  readonly scratch: string;
  readonly modelDir: string;
  readonly modelType: string;
  readonly expectedDigest: string | null;
  readonly explicitTrust: boolean;
  readonly python: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const longestMs = 300_000;

/**
 * Loads a model in a child process without secrets and lets it predict its input example.
 * @throws the error of the trainer: evaluation/model-changed, evaluation/model-untrusted, evaluation/failed
 */
export async function checkModel(request: CheckRequest): Promise<CheckedModel> {
  const specFile = path.join(request.scratch, "check.json");
  const spec: CheckSpec = {
    schema: 1,
    model_dir: request.modelDir,
    model_type: request.modelType,
    expected_digest: request.expectedDigest,
    explicit_trust: request.explicitTrust,
  };
  writeFileSync(specFile, JSON.stringify(spec));
  const { code, stdout, stderr } = await run(request, specFile);
  if (code === 0) {
    const answer = answerSchema.parse(JSON.parse(lastLine(stdout)));
    return { hasSignature: answer.has_signature, rows: answer.rows };
  }
  throw trainerError(stderr, code);
}

function run(request: CheckRequest, specFile: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(request.python, ["-m", "signalbox_trainer", "check-model", specFile], {
      cwd: request.scratch,
      env: jobEnvironment(request.env, {
        PYTHONPATH: path.join(appRoot, "trainer"),
        PYTHONNOUSERSITE: "1",
        PYTHONUTF8: "1",
        MLFLOW_DISABLE_TELEMETRY: "true",
      }),
      stdio: ["ignore", "pipe", "pipe"],
      signal: request.signal,
      timeout: longestMs,
      killSignal: "SIGKILL",
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => out.push(piece));
    child.stderr.on("data", (piece: Buffer) => err.push(piece));
    child.once("error", (error) => reject(request.signal.aborted ? cancelled() : error));
    child.once("close", (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}

function trainerError(stderr: string, code: number): AppError {
  try {
    return decodeError(JSON.parse(lastLine(stderr)));
  } catch {
    return new AppError({
      code: "evaluation/failed",
      message: `Loading the model ended with ${code}: ${lastLine(stderr) || "it printed nothing"}`,
      hint: "Check whether this environment meets the model's requirements.",
    });
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
