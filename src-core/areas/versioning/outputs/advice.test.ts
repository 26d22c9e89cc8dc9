import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { bareCore } from "../../../../test/support/bare-core.ts";
import { versionedProject } from "../../../../test/support/versioned-project.ts";
import { versioningOperations } from "../../../contract/versioning.ts";
import { versioningOps } from "../ops.ts";

const context = { signal: new AbortController().signal, report: () => undefined };
const table = "data/master.parquet";
const folder = "data/splits/v1";

interface Situation {
  readonly root: string;
  readonly store: string;
  readonly ops: ReturnType<typeof versioningOps>;
}

async function situation(): Promise<Situation> {
  const root = versionedProject("advice");
  const store = mkdtempSync(path.join(os.tmpdir(), "advice-store-"));
  const ops = versioningOps(bareCore(root));
  await ops["data.add"]({ paths: [table, folder] }, context);
  return { root, store, ops };
}

async function withRemote({ root, store, ops }: Situation): Promise<void> {
  appendFileSync(path.join(root, ".dvc/config"), `[core]\n    remote = s\n['remote "s"']\n    url = ${store}\n`);
  await ops["data.push"]({ paths: [] }, context);
}

const change = ({ root }: Situation) => writeFileSync(path.join(root, table), "an edit");
const remove = ({ root }: Situation) => {
  rmSync(path.join(root, table));
  rmSync(path.join(root, folder), { recursive: true });
};
const dropCache = ({ root }: Situation) => rmSync(path.join(root, ".dvc/cache"), { recursive: true });
const keep = () => undefined;

/** Each step alone must succeed and leave everything that it names as it is recorded. */
it.each([
  ["a changed file", [change], ["data.add", "data.checkout"]],
  ["deleted data", [remove], ["data.checkout"]],
  ["a lost cache, the data in place", [dropCache], ["data.add"]],
  ["a lost cache and a changed file", [change, dropCache], ["data.add", "data.add"]],
  ["a lost cache and deleted data, with a remote", [withRemote, remove, dropCache], ["data.pull"]],
  [
    "a lost cache and a changed file, with a remote",
    [withRemote, change, dropCache],
    ["data.add", "data.add", "data.pull"],
  ],
  ["a new file of a record without a digest", [writeRecord], ["data.add"]],
  ["nothing", [keep], []],
] as const)("every step that data status shows works: %s", async (_, prepare, expected) => {
  const rehearse = async () => {
    const it = await situation();
    for (const step of prepare) await step(it);
    return it;
  };
  const first = await rehearse();
  const { actions, hint } = await first.ops["data.status"]({ paths: [] }, context);
  expect(actions.map((step) => ("operation" in step ? step.operation : step.program))).toEqual(expected);
  expect(hint).toBeNull();
  for (const at of actions.keys()) {
    const it = await rehearse();
    const step = (await it.ops["data.status"]({ paths: [] }, context)).actions[at];
    if (step === undefined || !("operation" in step)) return expect.fail("a step is missing");
    const id = step.operation as "data.add" | "data.checkout" | "data.pull";
    await it.ops[id](versioningOperations[id].input.parse(step.input) as never, context);
    const { outputs } = await it.ops["data.status"]({ paths: [] }, context);
    const named = outputs.filter(({ path: file }) => (step.input.paths as readonly string[]).includes(file));
    expect(named.length).toBeGreaterThan(0);
    expect(named.map(({ status }) => status)).toEqual(named.map(() => "unchanged"));
  }
});

function writeRecord({ root }: Situation): void {
  mkdirSync(path.join(root, "notes"));
  writeFileSync(path.join(root, "notes/a.txt"), "a");
  writeFileSync(path.join(root, "notes.dvc"), "outs:\n- path: notes\n");
}

it.each([
  ["without a remote", keep, "no remote is configured"],
  ["with an empty remote", emptyRemote, "Neither the cache nor the remote"],
] as const)("says what is to be done where no step helps, as in a clone %s", async (_, prepare, says) => {
  const it = await situation();
  await prepare(it);
  remove(it);
  dropCache(it);
  const { actions, hint } = await it.ops["data.status"]({ paths: [] }, context);
  expect(actions).toEqual([]);
  expect(hint).toContain(says);
  expect(hint).toContain(".dvc/cache");
  await expect(it.ops["data.checkout"]({ paths: [], force: false }, context)).rejects.toMatchObject({
    code: "versioning/object-missing",
    next: [{ operation: "data.status" }],
  });
});

function emptyRemote({ root, store }: Situation): void {
  appendFileSync(path.join(root, ".dvc/config"), `[core]\n    remote = s\n['remote "s"']\n    url = ${store}\n`);
}

it("advises no step that would be refused: a changed frozen reference test, the output of a stage, an import", async () => {
  const it = await situation();
  const { root } = it;
  writeFileSync(
    path.join(root, `${table}.dvc`),
    `deps:\n- path: /srv/a\nouts:\n- md5: ${"0".repeat(32)}\n  size: 1\n  hash: md5\n  path: master.parquet\n`,
  );
  rmSync(path.join(root, `${folder}.dvc`));
  const { actions } = await it.ops["data.status"]({ paths: [] }, context);
  expect(actions.filter((step) => "operation" in step && step.operation === "data.add")).toEqual([]);
});

it("sets a remote up without DVC: the steps of a missing remote make the next push work", async () => {
  const { ops, root, store } = await situation();
  const refused = await ops["data.push"]({ paths: [] }, context).catch((error) => error);
  expect(refused).toMatchObject({ code: "versioning/no-remote" });
  const { spawnSync } = await import("node:child_process");
  for (const step of refused.next) {
    const argv = step.argv.map((word: string) => (word === "/path/to/folder" ? store : word));
    expect(spawnSync(step.program, argv, { cwd: os.tmpdir() }).status).toBe(0);
  }
  expect(await ops["data.push"]({ paths: [] }, context)).toMatchObject({ remote: "storage", objects: 4 });
  expect(existsSync(path.join(root, ".dvc/config"))).toBe(true);
});
