import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { groupOf } from "../../../contract/configs/split-schema.ts";
import { AppError } from "../../../contract/errors.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import { modelTypeOf } from "../../../contract/routing/plan-run.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import type { MlflowRun } from "../../../foundation/mlflow/http/schemas.ts";
import { projectIdTag, projectNameTag } from "../../../foundation/mlflow/project-tags.ts";
import { modelGroups } from "../../configs/check/model-types.ts";
import { markDone } from "../../outbox/store.ts";
import { gateHashOf } from "../../promotion/gate/gate-hash.ts";
import { validateGate } from "../../promotion/gate/gate-validation.ts";
import { gateTestNames } from "../../promotion/gate/test-names.ts";
import type { RunsCore } from "../needs.ts";
import { attemptTag, newAttempt, wasResumedElsewhere } from "../record/attempts.ts";
import { closeFailed } from "../record/close-run.ts";
import { outcomeKind } from "../record/outcome-item.ts";
import { takeRun } from "../record/owner.ts";
import { startParams } from "../record/params.ts";
import { planTags } from "../record/plan-run-overlay.ts";
import { type RunRecord, readRun, writeRun } from "../record/record.ts";
import { beginStarting } from "../record/starting.ts";
import { keepState } from "../record/state-file.ts";
import { putRun, type RunRow, setOutcome } from "../store.ts";
import { codeVersion, signalboxVersion } from "./code-version.ts";
import type { RunRequest } from "./request.ts";

/** A run that this process owns and executes. */
export interface OpenRun {
  readonly request: RunRequest;
  readonly record: RunRecord;
  readonly runDir: string;
  readonly tracking: Tracking;
}

/** How a run is opened: with which signal, and on the server that the calling face uses. */
export interface Opening extends OperationContext {
  readonly trackingUri?: string | undefined;
  /** True if the current operation has many runs; its row then names none of them. */
  readonly isOneOfMany?: boolean | undefined;
}

function runFolder(core: Pick<Core, "project">, runId: string): string {
  return path.join(core.project().paths.runs, runId);
}

/**
 * Starts a run: an MLflow run with its lineage parameters, a folder, a row, and frozen configuration versions. The server and the Python
 * environment are prepared in parallel, because both are needed before the first parameter can be logged.
 * @throws projects/foreign, ledger/other-head before anything is written
 */
export async function startRun(
  core: Pick<
    RunsCore,
    | "catalogue"
    | "clock"
    | "configs"
    | "env"
    | "operations"
    | "outbox"
    | "ownership"
    | "place"
    | "project"
    | "projectDir"
    | "tracking"
  >,
  request: RunRequest,
  context: Opening,
): Promise<OpenRun> {
  const { project, configs } = request;
  await core.configs.checkFrozen(configs);
  const gate = configs.promotion.value;
  const testNames = gateTestNames(configs.split.value, gate);
  validateGate({ config: gate, task: project.config.task, testNames, clusterBy: groupOf(configs.split.value) });
  const [{ tracking, experimentId }, python, code] = await Promise.all([
    claimedServer(core, request, context),
    core.place.python(
      modelGroups(request.planRun === undefined ? configs.model.value.model.type : modelTypeOf(request.planRun)),
      context.report,
    ),
    codeVersion(core.projectDir, core.env),
  ]);
  const facts = {
    gateHash: gateHashOf(gate),
    codeVersion: code,
    signalboxVersion: signalboxVersion(),
    python,
  };
  const params = startParams(request, facts);
  const startedAt = core.clock.now().getTime();
  const name = runName(request);
  const starting = beginStarting(project.paths, {
    fingerprint: request.fingerprint,
    experimentId,
    trackingUri: tracking.uri,
    begunAt: startedAt,
  });
  return await createRun(core, request, { context, tracking, experimentId, starting, params, name, startedAt });
}

/** Opens the server and takes the experiment, unless a name is another project's or decisions were made elsewhere. */
async function claimedServer(
  core: Pick<RunsCore, "ownership" | "tracking">,
  { project }: RunRequest,
  { signal, trackingUri: flag }: Opening,
): Promise<{ readonly tracking: Tracking; readonly experimentId: string }> {
  const tracking = await core.tracking({ signal, flag });
  return { tracking, experimentId: await core.ownership.claimExperiment(tracking, project) };
}

interface Creation {
  readonly context: Opening;
  readonly tracking: Tracking;
  readonly experimentId: string;
  readonly starting: ReturnType<typeof beginStarting>;
  readonly params: Readonly<Record<string, string>>;
  readonly name: string;
  readonly startedAt: number;
}

/** The run in MLflow, its folder and its row. */
async function createRun(
  core: Pick<RunsCore, "catalogue" | "clock" | "configs" | "operations" | "outbox" | "project">,
  request: RunRequest,
  creation: Creation,
): Promise<OpenRun> {
  const { project, configs } = request;
  const { context, tracking, experimentId, starting, params, name, startedAt } = creation;
  const { client } = tracking;
  const { runId } = await client.createRun({
    experimentId,
    requestId: starting.requestId,
    name,
    startTimeMs: startedAt,
    tags: {
      [projectNameTag]: project.config.name,
      [projectIdTag]: project.config.id,
      "signalbox.fingerprint": request.fingerprint,
      "signalbox.version": signalboxVersion(),
      ...(request.planRun === undefined ? {} : planTags(request.planRun)),
    },
  });
  const runDir = runFolder(core, runId);
  takeRun(runDir);
  if (context.isOneOfMany !== true) core.operations.linkRun(runId);
  const row = rowOf(request, { runId, name, startedAt, params });
  const number = core.catalogue().write((writer) => putRun(writer, row));
  const record: RunRecord = {
    schema: 1,
    runId,
    number,
    name,
    experiment: project.experiment,
    experimentId,
    requestId: starting.requestId,
    trackingUri: tracking.uri,
    fingerprint: request.fingerprint,
    versions: request.versions,
    seed: request.seed,
    startedAt,
    attempts: [newAttempt()],
    params,
    ...(request.planRun === undefined ? {} : { planRun: request.planRun }),
  };
  const run: OpenRun = { request, record, runDir, tracking };
  try {
    writeRun(runDir, record);
    keepState(core.catalogue(), runDir);
    starting.finish();
    await client.logBatch({ runId, params, tags: { "signalbox.run_number": String(number), ...attemptTags(record) } });
    await core.configs.freeze(configs, runId);
    return run;
  } catch (thrown) {
    throw await closeFailed(core, run, { thrown, stage: "start" });
  }
}

/**
 * Reopens a stopped run with the same run id and parameters. Finished stages aren't run again.
 * @throws runs/not-resumable if another copy of the project has resumed it since, before anything is written
 */
export async function reopenRun(
  core: Pick<RunsCore, "catalogue" | "clock" | "configs" | "operations" | "ownership" | "project" | "tracking">,
  run: RunRow,
  context: Opening & { readonly request: RunRequest },
): Promise<OpenRun> {
  const { request } = context;
  await core.configs.checkFrozen(request.configs);
  const runDir = runFolder(core, run.runId);
  const record = readRun(runDir);
  const tracking = await core.tracking({ signal: context.signal, flag: context.trackingUri });
  await core.ownership.check(tracking, [request.project]);
  const known = await tracking.client.getRun(run.runId);
  await core.ownership.checkRun(tracking, known);
  if (wasResumedElsewhere(record, known.tags)) throw resumedElsewhere(run, known, tracking);
  const { experimentId } = known;
  takeRun(runDir);
  if (context.isOneOfMany !== true) core.operations.linkRun(run.runId);
  const reopenedAt = core.clock.now().getTime();
  const before = record ?? recordOf(run, request, { uri: tracking.uri, experimentId });
  const reopened: RunRecord = { ...before, attempts: [...before.attempts, newAttempt()], reopenedAt };
  const open: OpenRun = { request, record: reopened, runDir, tracking };
  try {
    core.catalogue().write((writer) => {
      setOutcome(writer, run.runId, { status: "RUNNING", isResumable: false, endedAt: null, error: null });
      // Its earlier outcome no longer applies.
      markDone(writer, { kind: outcomeKind, subject: run.runId }, reopenedAt);
    });
    keepState(core.catalogue(), runDir);
    writeRun(runDir, reopened);
    await tracking.client.updateRun({ runId: run.runId, status: "RUNNING" });
    const tags = { resumable: "false", ...attemptTags(reopened), ...withoutError(known.tags) };
    await tracking.client.logBatch({ runId: run.runId, params: reopened.params, tags });
    await core.configs.freeze(request.configs, run.runId);
    return open;
  } catch (thrown) {
    throw await closeFailed(core, open, { thrown, stage: run.stage ?? "start" });
  }
}

function attemptTags({ attempts }: Pick<RunRecord, "attempts">): Readonly<Record<string, string>> {
  const last = attempts.at(-1);
  return last === undefined ? {} : { [attemptTag]: last };
}

/** What MLflow says of the error that stopped a run no longer holds. */
function withoutError(tags: MlflowRun["tags"]): Readonly<Record<string, string>> {
  const told = ["signalbox.error_code", "signalbox.error", "signalbox.failed_stage"].filter((name) => tags[name]);
  return Object.fromEntries(told.map((name) => [name, ""]));
}

function resumedElsewhere(run: RunRow, { status, endTimeMs }: MlflowRun, { uri }: Tracking): AppError {
  const since = endTimeMs === null ? "" : ` since ${new Date(endTimeMs).toISOString()}`;
  return new AppError({
    code: "runs/not-resumable",
    message: `Run #${run.number} was resumed in another copy of this project, or in this one before it was restored to an earlier state: on ${uri} it is ${status}${since}. Nothing was written.`,
    next: [nextStep("runs.start", { new: true }, "starts another run")],
    details: { runId: run.runId, status },
  });
}

function recordOf(
  run: RunRow,
  request: RunRequest,
  tracking: { readonly uri: string; readonly experimentId: string },
): RunRecord {
  return {
    schema: 1,
    runId: run.runId,
    number: run.number,
    name: run.name,
    experiment: run.experiment,
    experimentId: tracking.experimentId,
    requestId: null,
    trackingUri: tracking.uri,
    fingerprint: run.fingerprint,
    versions: request.versions,
    seed: request.seed,
    startedAt: run.startedAt,
    attempts: [],
    params: run.params,
    ...(request.planRun === undefined ? {} : { planRun: request.planRun }),
  };
}

function runName(request: RunRequest): string {
  const { versions, planRun } = request;
  if (planRun !== undefined)
    return [
      planRun.target.name,
      viewName(planRun.segment?.value ?? null),
      `${planRun.trainingType}-${planRun.stage}`,
    ].join(" ");
  return `split${versions.split_version}-feature${versions.feature_version}-model${versions.model_version}`;
}

function rowOf(
  request: RunRequest,
  run: {
    readonly runId: string;
    readonly name: string;
    readonly startedAt: number;
    readonly params: Readonly<Record<string, string>>;
  },
): Omit<RunRow, "number"> {
  return {
    ...run,
    experiment: request.project.experiment,
    status: "RUNNING",
    isResumable: false,
    fingerprint: request.fingerprint,
    versions: request.versions,
    stage: "start",
    verdict: null,
    endedAt: null,
    error: null,
  };
}
