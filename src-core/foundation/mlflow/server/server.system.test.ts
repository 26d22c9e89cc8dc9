import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { testPython } from "../../../../test/support/mlflow-server.ts";
import { isSameProcessAlive } from "../../files/process-identity.ts";
import { createMlflowClient } from "../client.ts";
import { ensureServer, stopServer } from "./server.ts";
import { liveServer, serverRecordFile } from "./server-record.ts";

const folders: string[] = [];
function newFolder(): string {
  // A folder's name must not be read as a part of the database's address.
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox server #%?&%20%41-"));
  folders.push(folder);
  return folder;
}
afterEach(async () => {
  for (const folder of folders.splice(0)) {
    await stopServer(folder, 500);
    rmSync(folder, { recursive: true, force: true });
  }
});

const secrets = { ...process.env, AWS_SECRET_ACCESS_KEY: "canary", MLFLOW_TRACKING_URI: "http://elsewhere" };

describe("the managed server", () => {
  test("of five that ask at once, over a folder without a database, one is started and all get it", async () => {
    const folder = newFolder();
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => ensureServer({ folder, python: testPython, env: secrets })),
    );
    expect(new Set(asked.map((server) => server.pid)).size).toBe(1);
    expect(asked.filter((server) => server.isNew)).toHaveLength(1);
    const [{ pid, uri }] = asked as [(typeof asked)[0]];

    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    expect(environment).not.toContain("canary");
    expect(environment).not.toContain("elsewhere");
    expect(environment).toContain("MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false");
    const client = createMlflowClient({ uri });
    expect(await client.version()).toMatch(/^3\./);
    expect((await client.ensureExperiment("one")).artifactLocation).toMatch(/^mlflow-artifacts:/);

    // Killed outright, and by nobody who would tell: the next who asks starts another, on the same port with the same data.
    const identity = liveServer(folder)?.identity;
    process.kill(pid, "SIGKILL");
    await expect.poll(() => identity && isSameProcessAlive(identity)).toBe(false);
    const next = await ensureServer({ folder, python: testPython, env: secrets });
    expect(next).toMatchObject({ uri, isNew: true });
    expect(next.pid).not.toBe(pid);
    expect(await client.findExperiment("one")).toMatchObject({ isDeleted: false });

    expect(await stopServer(folder)).toBe(true);
    expect(await stopServer(folder)).toBe(false);
    expect(liveServer(folder)).toBeUndefined();
    await expect(createMlflowClient({ uri, attempts: 1 }).isHealthy()).rejects.toMatchObject({
      code: "tracking/unreachable",
    });
  });

  test("of a copied folder is another one, and stopping it leaves the first alone", async () => {
    const folder = newFolder();
    const first = await ensureServer({ folder, python: testPython, env: process.env });
    await createMlflowClient({ uri: first.uri }).ensureExperiment("one");
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    expect(liveServer(copy)).toBeUndefined();
    expect(await stopServer(copy)).toBe(false);
    const second = await ensureServer({ folder: copy, python: testPython, env: process.env });
    expect(second.uri).not.toBe(first.uri);
    expect(await createMlflowClient({ uri: second.uri }).findExperiment("one")).toMatchObject({ isDeleted: false });
    await createMlflowClient({ uri: second.uri }).ensureExperiment("two");
    expect(await createMlflowClient({ uri: first.uri }).findExperiment("two")).toBeUndefined();
    expect(await stopServer(copy)).toBe(true);
    expect(liveServer(folder)?.identity.pid).toBe(first.pid);
  });

  test("of a moved folder is replaced at once by one that works where the folder is now", async () => {
    const folder = newFolder();
    const first = await ensureServer({ folder, python: testPython, env: process.env });
    await createMlflowClient({ uri: first.uri }).ensureExperiment("one");
    const moved = newFolder();
    renameSync(folder, moved);
    const second = await ensureServer({ folder: moved, python: testPython, env: process.env });
    expect([second.isNew, second.pid === first.pid]).toEqual([true, false]);
    expect(await createMlflowClient({ uri: second.uri }).findExperiment("one")).toMatchObject({ isDeleted: false });
    expect(existsSync(folder)).toBe(false);
  });

  test("a record without its lock, or another program at its port, is no server", async () => {
    const folder = newFolder();
    const { uri, pid } = await ensureServer({ folder, python: testPython, env: process.env });
    const record = readFileSync(serverRecordFile(folder), "utf8");
    await stopServer(folder);
    writeFileSync(serverRecordFile(folder), record);
    expect(liveServer(folder)).toBeUndefined();
    writeFileSync(serverRecordFile(folder), "{broken");
    expect(liveServer(folder)).toBeUndefined();
    // Another folder's server has the port now; ours takes another one.
    const other = newFolder();
    writeFileSync(serverRecordFile(other), record);
    const taken = await ensureServer({ folder: other, python: testPython, env: process.env });
    expect(taken.uri).toBe(uri);
    writeFileSync(serverRecordFile(folder), record);
    const own = await ensureServer({ folder, python: testPython, env: process.env });
    expect(own.uri).not.toBe(uri);
    expect(own.pid).not.toBe(pid);
  });

  test("one that can't start fails with the end of its log", async () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, "mlflow.db"), "this is no database, and long enough to be read as a header");
    await expect(ensureServer({ folder, python: testPython, env: process.env })).rejects.toMatchObject({
      code: "tracking/server-failed",
      message: expect.stringContaining("not a database"),
    });
    await expect(
      ensureServer({ folder: newFolder(), python: async () => "/no/such/python", env: process.env }),
    ).rejects.toMatchObject({ code: "tracking/server-failed", message: expect.stringContaining("ENOENT") });
  });

  test("ends after its idle time without requests, but not while there are some", async () => {
    const folder = newFolder();
    const { uri } = await ensureServer({ folder, python: testPython, env: process.env, idleMs: 2_000 });
    const identity = liveServer(folder)?.identity;
    const client = createMlflowClient({ uri });
    for (let asked = 0; asked < 6; asked++) {
      await sleep(700);
      expect(await client.isHealthy()).toBe(true);
    }
    client.close();
    await expect.poll(() => identity && isSameProcessAlive(identity), { timeout: 15_000, interval: 100 }).toBe(false);
  });

  test("outlives whoever started it", async () => {
    const folder = newFolder();
    const python = await testPython();
    const script = `const { ensureServer } = await import(${JSON.stringify(path.join(import.meta.dirname, "server.ts"))});
      await ensureServer({ folder: ${JSON.stringify(folder)}, python: async () => ${JSON.stringify(python)}, env: process.env });`;
    const starter = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
    expect(await new Promise((resolve) => starter.once("exit", resolve))).toBe(0);
    const record = liveServer(folder);
    expect(await createMlflowClient({ uri: `http://127.0.0.1:${record?.port}` }).isHealthy()).toBe(true);
  });
});
