import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureServer, type ManagedServer, stopServer } from "../../src-core/foundation/mlflow/server/server.ts";

/** An interpreter with the locked MLflow: named by SIGNALBOX_TEST_PYTHON, else the managed environment. */
export async function testPython(): Promise<string> {
  const named = process.env.SIGNALBOX_TEST_PYTHON;
  if (named !== undefined && existsSync(named)) return named;
  const { ensurePythonEnvironment } = await import("../../src-core/areas/environment/build/ensure.ts");
  const { dataHome } = await import("../../src-core/foundation/files/paths.ts");
  const home = dataHome(process.env);
  const { python } = await ensurePythonEnvironment({ home, env: process.env, groups: [], report: () => {} });
  return python;
}

export interface TestServer extends ManagedServer {
  readonly folder: string;
  /** Ends the server and removes its folder. */
  readonly close: () => Promise<void>;
}

/** A real MLflow server in its own folder; one per test file. */
export async function startTestServer(): Promise<TestServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-mlflow-"));
  const server = await ensureServer({ folder, python: testPython, env: process.env });
  return {
    ...server,
    folder,
    close: async () => {
      await stopServer(folder, 500);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
