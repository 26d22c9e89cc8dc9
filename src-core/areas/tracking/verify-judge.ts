import { counted } from "../../../src-view/numbers.ts";
import { kindsOfRun, versionKeyOf } from "../../contract/configs/config-kinds.ts";
import type { VerifyCheck } from "../../contract/tracking.ts";
import type { MlflowModelVersion, MlflowRun } from "../../foundation/mlflow/http/schemas.ts";
import type { CheckedModel } from "./check-model.ts";

/** Evidence about a version. */
export interface VersionEvidence {
  readonly version: MlflowModelVersion;
  readonly run: MlflowRun | undefined;
  /** Why its source isn't an artifact of its run. */
  readonly sourceError: string | undefined;
  /** Paths relative to the folder of the model. */
  readonly files: readonly string[];
  /** Digest of the fetched files; undefined if there are none. */
  readonly digest: string | undefined;
  readonly expectedDigest: string | null;
  readonly loaded?: CheckedModel | undefined;
  readonly loadError: string | undefined;
}

const requiredParameters = kindsOfRun.map(versionKeyOf);
const requiredMetricPrefix = "reference_";

/** Runs all checks of a version, even if one fails. */
export function judgeVersion(evidence: VersionEvidence): VerifyCheck[] {
  return [status, sourceRun, files, digest, signature, load, parameters, metrics].map((judge) => judge(evidence));
}

const passed = (check: string, message: string): VerifyCheck => ({ check, isPassed: true, code: null, message });
const failed = (check: string, code: string, message: string): VerifyCheck => ({
  check,
  isPassed: false,
  code,
  message,
});

function status({ version }: VersionEvidence): VerifyCheck {
  if (version.status === "READY") return passed("status", "READY");
  return failed("status", "status-not-ready", `its status is ${version.status} ${version.statusMessage}`.trim());
}

function sourceRun({ version, run, sourceError }: VersionEvidence): VerifyCheck {
  if (run === undefined)
    return failed("source-run", "source-run-missing", `its run ${version.runId || "(none)"} doesn't exist`);
  if (run.isDeleted) return failed("source-run", "source-run-deleted", `its run ${run.runId} was deleted`);
  if (sourceError !== undefined) return failed("source-run", "source-outside-run", sourceError);
  return passed("source-run", run.runId);
}

function files(evidence: VersionEvidence): VerifyCheck {
  if (evidence.files.length === 0) return failed("files", "files-missing", "there are no files at its source");
  if (!evidence.files.includes("MLmodel")) return failed("files", "files-incomplete", "its files have no MLmodel");
  return passed("files", counted(evidence.files.length, "file"));
}

function digest({ digest: found, expectedDigest }: VersionEvidence): VerifyCheck {
  if (expectedDigest === null) return failed("digest", "digest-unknown", "there is no record of its files");
  if (found === undefined) return failed("digest", "digest-not-measured", "there are no files to digest");
  if (found === expectedDigest) return passed("digest", found);
  return failed("digest", "digest-changed", `its files have the digest ${found}, but training wrote ${expectedDigest}`);
}

function signature({ loaded }: VersionEvidence): VerifyCheck {
  if (loaded === undefined) return failed("signature", "signature-not-measured", "the model wasn't loaded");
  return loaded.hasSignature
    ? passed("signature", "inputs and outputs are declared")
    : failed("signature", "signature-missing", "it declares no inputs and outputs");
}

function load({ loaded, loadError }: VersionEvidence): VerifyCheck {
  if (loaded !== undefined) return passed("load", `predicted ${counted(loaded.rows, "row")} of its input example`);
  return failed("load", "not-loadable", loadError ?? "it wasn't loaded");
}

function parameters({ run }: VersionEvidence): VerifyCheck {
  const missing = requiredParameters.filter((name) => run?.params[name] === undefined);
  if (missing.length === 0) return passed("parameters", requiredParameters.join(", "));
  return failed("parameters", "parameters-missing", `its run has no ${missing.join(", ")}`);
}

function metrics({ run }: VersionEvidence): VerifyCheck {
  const found = Object.entries(run?.metrics ?? {}).filter(([name]) => name.startsWith(requiredMetricPrefix));
  const broken = found.filter(([, value]) => !Number.isFinite(value)).map(([name]) => name);
  if (found.length === 0) return failed("metrics", "metrics-missing", "its run has no metrics of the reference test");
  if (broken.length > 0) return failed("metrics", "metrics-not-finite", `not finite: ${broken.join(", ")}`);
  return passed("metrics", `${counted(found.length, "metric")} of the reference test`);
}
