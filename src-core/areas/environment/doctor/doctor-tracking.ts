import { counted } from "../../../../src-view/numbers.ts";
import { askingStep, nextStep } from "../../../contract/build-step.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { DecisionRow } from "../../../contract/promotion.ts";
import type { Tracking } from "../../../foundation/context.ts";
import { productionAlias, productionOf } from "../../../foundation/mlflow/registry/registry-promotion.ts";
import { serverCondition } from "../../../foundation/mlflow/server/server-condition.ts";
import { liveServer, serverUri } from "../../../foundation/mlflow/server/server-record.ts";
import { isModelOf } from "../../configs/server-names.ts";
import { isServerFailure } from "../../outbox/due.ts";
import { lastMoves } from "../../promotion/last-moves.ts";
import { pendingMoves, productionNow } from "../../promotion/store.ts";
import type { DoctorCore, Examination, Finding } from "./examination.ts";

const namedServer = ({ env, project, trackingFlag }: Pick<DoctorCore, "env" | "project" | "trackingFlag">) =>
  trackingFlag || env.MLFLOW_TRACKING_URI || project().config.tracking?.uri || undefined;

/** Checks whether a configured server responds. The managed server starts when needed, but not for this check. */
export async function checkTracking(examination: Examination): Promise<Finding> {
  return await (namedServer(examination.core) === undefined ? managedFinding : namedFinding)(examination);
}

async function managedFinding({ core }: Examination): Promise<Finding> {
  const folder = core.project().paths.mlflow;
  const { state, record } = await serverCondition(folder);
  const name = "MLflow";
  const uri = record === undefined ? "" : serverUri(record);
  const status = nextStep("mlflow.status", {}, "shows whether it is running");
  const restart = [nextStep("mlflow.stop", {}, "ends it"), nextStep("mlflow.start", {}, "starts it here")];
  switch (state) {
    case "none":
      return { name, state: "ok", found: "managed; starts when needed", fix: null, actions: [status] };
    case "running":
      return { name, state: "ok", found: `managed; running at ${uri}`, fix: null, actions: [status] };
    case "copied":
      return {
        name,
        state: "warning",
        found: `this folder was copied from a project whose MLflow server is of ${record?.folder}; the copy has a server of its own, with the runs that were there when it was copied`,
        fix: "Nothing to do: it starts when it is needed.",
        actions: [nextStep("mlflow.start", {}, "starts it now")],
      };
    case "moved":
      return {
        name,
        state: "problem",
        found: `the MLflow server at ${uri} was started in ${record?.folder}, and the folder was moved since: what it writes isn't here`,
        fix: "Start it where the folder is now.",
        actions: restart,
      };
    case "elsewhere":
      return {
        name,
        state: "problem",
        found: `the project's MLflow server runs in another container or on another host (${record?.identity.host ?? "unknown"}), and can't be reached at ${uri}`,
        fix: "Stop it there, or let both use one server (tracking.uri in signalbox.yaml).",
      };
    case "replaced":
      return {
        name,
        state: "problem",
        found: `another server answers at ${uri}, the address of the project's own`,
        fix: "Start the project's server again; it takes another port.",
        actions: restart,
      };
    case "silent":
      return {
        name,
        state: "problem",
        found: `the project's MLflow server is running, but doesn't answer at ${uri}`,
        fix: "Wait a moment if it was just started; otherwise start it again.",
        actions: restart,
      };
    default:
      return state satisfies never;
  }
}

async function namedFinding({ core }: Examination): Promise<Finding> {
  const name = "MLflow";
  let tracking: Tracking | undefined;
  try {
    tracking = await core.tracking({ isOnlyAsked: true });
    const version = await tracking.client.version();
    return { name, state: "ok", found: `MLflow ${version} at ${tracking.uri}`, fix: null };
  } catch (error) {
    const { message, hint } = toAppError(error);
    const fix =
      hint ??
      "Start the server, or remove its address from MLFLOW_TRACKING_URI or signalbox.yaml to use the managed one.";
    return { name, state: "problem", found: message.replace(/\.$/, ""), fix };
  } finally {
    tracking?.client.close();
  }
}

/** A run is refused where its names are another project's, or where another copy of this one has decided. Starts no server to know it. */
export async function checkOwnership({ core }: Examination): Promise<Finding> {
  const project = core.project();
  const finding = { name: "Names on the server", state: "ok", fix: null } as const;
  const notChecked = { ...finding, found: "not checked: the server isn't running or doesn't respond" };
  const tracking = await askedServer(core);
  if (tracking === undefined) return notChecked;
  try {
    await core.ownership.check(tracking, [project]);
  } catch (error) {
    if (!isServerFailure(toAppError(error).code)) throw error;
    return notChecked;
  }
  const { experiment, registeredModel } = project;
  return { ...finding, found: `${experiment} and ${registeredModel} are free or this project's` };
}

type Move = Pick<DecisionRow, "modelName" | "ledgerIndex" | "productionAfter" | "runId">;

/** The production of a model as the server has it, where the ledger says otherwise. */
interface Difference {
  readonly modelName: string;
  readonly onServer: { readonly version: string; readonly runId: string } | null;
  readonly recorded: Move | undefined;
  readonly isModelThere: boolean;
  /** Whether the recorded version is there, as the model of the recorded run. */
  readonly isKept: boolean;
}

/**
 * Compares what is in production on the server with the ledger, for every model of it. Asks only a server that is up. Moves that are still
 * to be carried out explain a difference.
 */
export async function checkProduction({ core }: Examination): Promise<Finding> {
  const name = "Production";
  const project = core.project();
  const moves = productionNow(core.catalogue()).filter(({ modelName }) => isModelOf(project, modelName));
  const names = [...new Set([project.registeredModel, ...moves.map((it) => it.modelName)])];
  const tracking = await askedServer(core);
  if (tracking === undefined)
    return { name, state: "ok", found: `${modelsText(moves)}; not compared, because no server is up`, fix: null };
  try {
    const pending = pendingMoves(core.catalogue());
    let found = await differencesOf(tracking, { names, moves, pending });
    // Entries that came with a pull may not be in the catalogue yet.
    if (found.length > 0)
      found = await differencesOf(tracking, { names, moves: lastMoves(await core.ledger.read()), pending });
    const [first] = found;
    // Where another copy has decided, or the names are another's, what differs isn't wrong there.
    if (first !== undefined) await core.ownership.check(tracking, [project]);
    if (first === undefined) return { name, state: "ok", found: `${modelsText(moves)}, as the ledger says`, fix: null };
    const more = found.length === 1 ? "" : `; so it is with ${counted(found.length - 1, "more model")}`;
    const { text, ...advice } = explain(first, tracking.uri);
    return { name, state: "problem", found: `${text}${more}`, ...advice };
  } catch (error) {
    if (toAppError(error).code.startsWith("tracking/"))
      return {
        name,
        state: "ok",
        found: `${modelsText(moves)}; not compared: ${toAppError(error).message}`,
        fix: null,
      };
    throw error;
  } finally {
    tracking.client.close();
  }
}

const modelsText = (moves: readonly Move[]): string =>
  moves.length === 0 ? "none yet" : `of ${counted(moves.length, "model")}`;

/** A server that is up. Where the managed one isn't running, its client isn't even loaded. */
async function askedServer(
  core: Pick<DoctorCore, "env" | "project" | "tracking" | "trackingFlag">,
): Promise<Tracking | undefined> {
  if (namedServer(core) === undefined && liveServer(core.project().paths.mlflow) === undefined) return undefined;
  try {
    return await core.tracking({ isOnlyAsked: true });
  } catch {
    return undefined;
  }
}

interface Known {
  readonly names: readonly string[];
  readonly moves: readonly Move[];
  /** Models of which a recorded move isn't carried out yet. */
  readonly pending: ReadonlySet<string>;
}

async function differencesOf({ client }: Tracking, { names, moves, pending }: Known): Promise<readonly Difference[]> {
  const compared = await Promise.all(
    names
      .filter((modelName) => !pending.has(modelName))
      .map(async (modelName): Promise<Difference> => {
        const recorded = moves.find((it) => it.modelName === modelName);
        const [onServer, isThere] = [await productionOf({ client, modelName }), { isModelThere: true, isKept: false }];
        if (onServer !== null || recorded?.productionAfter == null)
          return { modelName, onServer, recorded, ...isThere };
        const kept = await client.getModelVersion(modelName, recorded.productionAfter);
        const isModelThere = kept !== undefined || (await client.getRegisteredModel(modelName)) !== undefined;
        return { modelName, onServer, recorded, isModelThere, isKept: kept?.runId === recorded.runId };
      }),
  );
  return compared.filter(
    ({ onServer, recorded }) =>
      (onServer?.version ?? null) !== (recorded?.productionAfter ?? null) ||
      (onServer !== null && recorded !== undefined && onServer.runId !== recorded.runId),
  );
}

const rollBack = (model: string, to: string, why: string) =>
  askingStep("promotion.rollback", { input: { model, to }, asks: ["reason"] }, why);

function explain(
  { modelName, onServer, recorded, isModelThere, isKept }: Difference,
  uri: string,
): Pick<Finding, "fix" | "actions"> & { readonly text: string } {
  const versionNow = onServer === null ? "nothing" : `version ${onServer.version}`;
  if (recorded?.productionAfter == null)
    return {
      text: `'${productionAlias}' of ${modelName} points to ${versionNow} on ${uri}, and no entry of the ledger explains it`,
      fix: "If the model is another project's, name another one for this project (tracking.registered_model in signalbox.yaml). If it is this project's, remove the alias in MLflow: a decision of the gate sets it.",
      actions: [nextStep("models.show", { name: modelName }, "shows the versions and their runs")],
    };
  const { productionAfter: version, ledgerIndex, runId } = recorded;
  const text = `entry ${ledgerIndex} of the ledger put version ${version} of ${modelName} (run ${runId.slice(0, 8)}) into production, but on ${uri} '${productionAlias}' points to ${versionNow}`;
  if (onServer === null && isKept)
    return {
      text,
      fix: "The version is still there. Put it into production again.",
      actions: [rollBack(modelName, version, "does that, and records it")],
    };
  if (onServer === null)
    return {
      text: isModelThere ? text : `${text}, and there is no model of that name`,
      fix: "Use the server that has this model. If that one is lost, train again and override: the gate has nothing to compare with.",
      actions: [nextStep("mlflow.status", {}, "shows which server the project uses")],
    };
  if (onServer.version === version)
    return {
      text: `${text} of run ${onServer.runId.slice(0, 8)}`,
      fix: "This is another server, or it was reset. Use the one that has this project's models.",
      actions: [nextStep("models.show", { name: modelName }, "shows the versions and their runs")],
    };
  return {
    text,
    fix: "It was moved by another program. Return to the recorded version, or record the other one.",
    actions: [
      rollBack(modelName, version, "returns to it and records that"),
      askingStep(
        "promotion.override",
        { input: { run: onServer.runId }, asks: ["reason"] },
        "records the version that is there, with your reason",
      ),
      nextStep("models.show", { name: modelName }, "shows the versions and their runs"),
    ],
  };
}
