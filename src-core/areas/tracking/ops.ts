import { AppError, toAppError } from "../../contract/errors.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { trackingOperations } from "../../contract/tracking.ts";
import type { TrackingCore } from "./needs.ts";

export function trackingOps(core: TrackingCore): Implementations<typeof trackingOperations> {
  const choice = async () => (await import("./open.ts")).choiceOf(core, core.trackingFlag);
  const status = async () => (await import("./server-status.ts")).serverStatus(core, await choice());

  return {
    "mlflow.start": async (_input, { signal }) => {
      const before = await status();
      try {
        await core.tracking({ signal });
      } catch (error) {
        if (before.source === "managed" || toAppError(error).code !== "tracking/unreachable") throw error;
        throw notOurs(toAppError(error));
      }
      return { ...(await status()), isNew: !before.isRunning && before.source === "managed" };
    },
    "mlflow.stop": async () => {
      const { stopServer } = await import("../../foundation/mlflow/server/server.ts");
      return { wasRunning: await stopServer(core.project().paths.mlflow) };
    },
    "mlflow.status": status,
    "mlflow.open": async ({ run, print }, { signal }) => {
      const [{ openInBrowser }, { findRun }] = await Promise.all([
        import("./browser.ts"),
        import("../runs/record/find-run.ts"),
      ]);
      const runId = run === undefined ? undefined : findRun(core.catalogue(), run).runId;
      const { client } = await core.tracking({ signal });
      const url = runId === undefined ? client.uri : client.runUrl({ runId });
      return { url, isOpened: !print && (await openInBrowser(url, core.env)) };
    },
    "models.register": async ({ run }, { signal }) => {
      const [{ registerRun }, { findRun }] = await Promise.all([
        import("./register.ts"),
        import("../runs/record/find-run.ts"),
      ]);
      const { runId } = findRun(core.catalogue(), run);
      return await registerRun(core, await core.tracking({ signal }), runId);
    },
    "models.list": async (_input, { signal }) => {
      const { listModels } = await import("./list-models.ts");
      return { models: await listModels((await core.tracking({ signal })).client) };
    },
    "models.show": async ({ name, version }, { signal }) => {
      const { modelNamed, versionNamed, versionView } = await import("./list-models.ts");
      const { client } = await core.tracking({ signal });
      const model = await modelNamed(client, name);
      const versions =
        version === undefined
          ? (await client.searchModelVersions(name)).toReversed()
          : [await versionNamed(client, name, version)];
      return { name, versions: versions.map((it) => versionView(it, model)) };
    },
    "models.verify": async ({ name, version, trust }, context) => {
      const [{ versionToVerify }, { verifyVersion }] = await Promise.all([
        import("./list-models.ts"),
        import("./verify.ts"),
      ]);
      const tracking = await core.tracking({ signal: context.signal });
      const { found, chosenAs } = await versionToVerify(tracking.client, name, version);
      const verification = await verifyVersion(core, tracking, { ...context, version: found, trust });
      return { name, version: found.version, chosenAs, runId: found.runId, ...verification };
    },
  };
}

/** Its usual next step is to start the project's own server, which isn't used while another one is named. */
function notOurs({ message, details }: AppError): AppError {
  return new AppError({
    code: "tracking/unreachable",
    message,
    hint: "Only the project's own server can be started here. Start this one where it runs; or leave its address out (MLFLOW_TRACKING_URI, tracking.uri in signalbox.yaml), so that the project's own is used.",
    details: { ...details },
  });
}
