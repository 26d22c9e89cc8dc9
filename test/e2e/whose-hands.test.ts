import { readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lastHolder } from "../../src-core/areas/operations/lease-store.ts";
import { supervisorLease } from "../../src-core/areas/operations/start-supervisor.ts";
import { openCatalogue } from "../../src-core/foundation/catalogue/open.ts";
import { signalProcess } from "../../src-core/foundation/exec/leftovers.ts";
import { projectPaths } from "../../src-core/foundation/files/paths.ts";
import { cli, cliJson } from "../support/cli.ts";
import { type LoginProxy, type SeenRequest, startLoginProxy } from "../support/login-proxy.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { smallProject } from "../support/small-project.ts";

/** Two people and a job without a login on one project, whose MLflow needs one: real runs in one supervisor. */

const passwords = { ada: "pa55-of-ada", eve: "pa55-of-eve" };

let server: TestServer;
let proxy: LoginProxy;
let project: string;
beforeAll(async () => {
  [server, project] = await Promise.all([startTestServer(), smallProject()]);
  proxy = await startLoginProxy(server.uri, passwords);
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await server.close();
  rmSync(path.dirname(project), { recursive: true, force: true });
});

/** The environment of a person's shell; nobody's has no login, and an actor of its own name only where one is given. */
const shellOf = (user: keyof typeof passwords | null, actor?: string): NodeJS.ProcessEnv => ({
  MLFLOW_TRACKING_URI: proxy.uri,
  MLFLOW_TRACKING_USERNAME: user ?? undefined,
  MLFLOW_TRACKING_PASSWORD: user === null ? undefined : passwords[user],
  SIGNALBOX_ACTOR: actor,
});
const as = (env: NodeJS.ProcessEnv) => ({ cwd: project, env });

/** Files of the project that contain a text, the catalogue's and the logs' among them. */
function filesWith(text: string): readonly string[] {
  return readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && readFileSync(path.join(it.parentPath, it.name)).includes(text))
    .map((it) => it.name);
}

it("each run is recorded under its caller's name and sent with its caller's login", { timeout: 300_000 }, async () => {
  const ada = shellOf("ada", "release-manager");
  const eve = shellOf("eve");
  const started: string[] = [];
  for (const [env, seed] of [
    [ada, "1"],
    [eve, "2"],
    [shellOf(null), "3"],
  ] as const)
    started.push(
      (await cliJson<{ operation: string }>(["run", "--new", "--seed", seed, "--detach"], as(env))).operation,
    );
  const [adas = "", eves = "", nobodys = ""] = started;

  // Any of them may follow any operation while the supervisor has what it needs.
  const refused = await cli(["operations", "follow", nobodys, "--json"], as(ada));
  expect(refused.code, refused.stderr).toBe(5);
  const { error } = JSON.parse(refused.stdout) as { error: { code: string; message: string } };
  expect(error).toMatchObject({ code: "tracking/denied", message: expect.stringContaining("401") });
  for (const id of [adas, eves]) {
    const { code, stdout, stderr } = await cli(["operations", "follow", id], as(shellOf(null)));
    expect(code, stdout + stderr).toBe(0);
  }

  const { entries } = await cliJson<{ entries: { actor: string }[] }>(["ledger", "list"], as(ada));
  const user = `${os.userInfo().username}@${os.hostname()}`;
  expect(entries.map(({ actor }) => actor).toSorted()).toEqual(["release-manager", user].toSorted());

  const { runs } = await cliJson<{ runs: { runId: string }[] }>(["runs", "list"], as(ada));
  const writersOf = ({ runId }: { runId: string }) => {
    const isOfRun = ({ method, path: asked, body }: SeenRequest) =>
      method !== "GET" && (asked.includes(runId) || body.includes(`"run_id":"${runId}"`));
    return [...new Set(proxy.seen.filter(isOfRun).map(({ user }) => user))];
  };
  expect(runs.map(writersOf).toSorted()).toEqual([["ada"], ["eve"]]);

  for (const password of Object.values(passwords)) {
    expect(filesWith(password)).toEqual([]);
    expect(filesWith(Buffer.from(password).toString("base64"))).toEqual([]);
  }
  expect(filesWith("release-manager")).not.toEqual([]);
});

it("a login in the address of the server is used, stored nowhere, and needed again where the supervisor was killed", {
  timeout: 300_000,
}, async () => {
  const address = proxy.uri.replace("://", `://ada:${passwords.ada}@`);
  const before = proxy.seen.length;
  const shell = as({ ...shellOf(null), MLFLOW_TRACKING_URI: undefined });
  const flagged = ["run", "--new", "--seed", "4", "--tracking-uri", address, "--detach"];
  const { operation } = await cliJson<{ operation: string }>(flagged, shell);
  await expect
    .poll(() => proxy.seen.slice(before).map((it) => it.path), { timeout: 60_000 })
    .toContainEqual(expect.stringContaining("runs/create"));
  killSupervisor();

  const listed = await cliJson<{ operations: { needsCredentials: boolean }[] }>(["operations", "list"], shell);
  expect(listed.operations[0]).toMatchObject({ id: operation, needsCredentials: true });
  // The next supervisor, which another caller starts, leaves it alone.
  const others = as(shellOf("eve"));
  expect((await cli(["data", "checkout"], others)).code).toBe(0);
  expect((await cli(["status"], others)).stdout).toContain("needs credentials");
  const refused = await cli(["operations", "follow", operation], others);
  expect(refused.code, refused.stderr).toBe(4);
  expect(refused.stderr).toContain("operations/needs-credentials");
  const beforeItContinues = proxy.seen.length;

  // The same login, wherever it comes from.
  const { code, stdout, stderr } = await cli(["operations", "follow", operation], as(shellOf("ada")));
  expect(code, stdout + stderr).toSatisfy((it) => it === 0 || it === 6);
  expect(new Set(proxy.seen.slice(beforeItContinues).map(({ user }) => user))).toEqual(new Set(["ada"]));
  expect(filesWith(passwords.ada)).toEqual([]);
});

function killSupervisor(): void {
  const catalogue = openCatalogue(projectPaths(project).catalogueFile);
  const holder = lastHolder(catalogue, supervisorLease);
  catalogue.close();
  if (holder === undefined) throw new Error("no supervisor");
  signalProcess(holder, "SIGKILL");
}
