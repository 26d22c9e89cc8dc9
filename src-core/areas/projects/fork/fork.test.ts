import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainFiles, plainProject, projectId } from "../../../../test/support/plain-project.ts";
import { type ProjectApp, projectApp } from "../../../../test/support/project-app.ts";
import { digestOf, recordRun } from "../../../../test/support/recorded/recorded-runs.ts";
import { resolveRequest } from "../../runs/pipeline/request.ts";
import { releaseRun, takeRun } from "../../runs/record/owner.ts";

const described = `${plainFiles["signalbox.yaml"]}tracking:
  experiment: team_shops   # as the others call theirs
  registered_model: shops_model
`;

let root: string;
let app: ProjectApp;
const file = () => path.join(root, "signalbox.yaml");
const text = () => readFileSync(file(), "utf8");

function open(replaced: Readonly<Record<string, string>> = { "signalbox.yaml": described }): void {
  const made = plainProject(replaced);
  root = `${made}-Harbours`;
  renameSync(made, root);
  app = projectApp(root);
}

beforeEach(() => open());
afterEach(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

describe("a fork", () => {
  it("draws another id, takes its names from the folder, and keeps everything else in the file", async () => {
    const forked = await app.call("projects.fork", {});
    const name = path.basename(root);
    expect(forked).toMatchObject({
      dir: root,
      file: "signalbox.yaml",
      before: { id: projectId, name: "shops", experiment: "team_shops", registeredModel: "shops_model" },
      after: { name, experiment: `${name}_training`, registeredModel: `${name}_model` },
    });
    expect(forked.after.id).toMatch(/^[0-9a-f]{32}$/);
    expect(forked.after.id).not.toBe(projectId);
    const expected = described
      .replace("name: shops", `name: ${name}`)
      .replace("team_shops", `${name}_training`)
      .replace("shops_model", `${name}_model`)
      .replace(projectId, /^[a-f]/.test(forked.after.id ?? "") ? (forked.after.id ?? "") : `"${forked.after.id}"`);
    expect(text()).toBe(expected);
    expect(app.core.project()).toMatchObject({ config: { name, id: forked.after.id } });
  });

  it("takes the name it is given, and refuses the one it has", async () => {
    expect((await app.call("projects.fork", { name: "north" })).after).toMatchObject({
      ...{ name: "north", experiment: "north_training", registeredModel: "north_model" },
    });
    const before = text();
    await expect(app.call("projects.fork", { name: "north" })).rejects.toMatchObject({ code: "projects/invalid" });
    expect(text()).toBe(before);
  });

  it("adds the beginning of the id where the folder is called like the project", async () => {
    const name = path.basename(root);
    writeFileSync(file(), described.replace("name: shops", `name: ${name}`));
    const { after } = await app.call("projects.fork", {});
    expect(after.name).toBe(`${name}-${after.id?.slice(0, 4)}`);
  });

  it("gives a project without an id one, and keeps its names", async () => {
    writeFileSync(file(), described.replace(`id: ${projectId}\n`, ""));
    await expect(app.call("runs.list", {})).rejects.toMatchObject({
      code: "configs/invalid-value",
      message: expect.stringContaining("the key `id` is missing"),
      next: [{ operation: "projects.fork", input: {} }],
    });
    const { before, after } = await app.call("projects.fork", {});
    expect(before).toEqual({ ...after, id: null });
    expect(after).toMatchObject({ name: "shops", experiment: "team_shops" });
    expect((await app.call("runs.list", {})).total).toBe(0);
  });

  it("is refused while a run is executed, and changes nothing in a file that isn't valid", async () => {
    const runId = digestOf("a").slice(0, 32);
    recordRun(app.core, { runId });
    const runDir = path.join(app.core.project().paths.runs, runId);
    takeRun(runDir);
    await expect(app.call("projects.fork", {})).rejects.toMatchObject({ code: "runs/active" });
    releaseRun(runDir);
    writeFileSync(file(), described.replace("task: regression", "task: guess"));
    await expect(app.call("projects.fork", {})).rejects.toMatchObject({ code: "configs/invalid-value" });
    expect(text()).toContain(projectId);
  });

  it("names the way back where git has the file as it was", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
    git("init", "--quiet");
    git("add", "signalbox.yaml");
    git("commit", "--quiet", "-m", "one");
    const { actions } = await app.call("projects.fork", {});
    const back = actions.find((step) => "program" in step);
    if (back === undefined || !("program" in back)) throw new Error("no way back");
    execFileSync(back.program, back.argv, { stdio: "ignore" });
    expect(text()).toBe(described);
    writeFileSync(file(), `${described}# an edit\n`);
    expect((await app.call("projects.fork", {})).actions.some((step) => "program" in step)).toBe(false);
  });
});

describe("the id", () => {
  it("is outside of every fingerprint", async () => {
    const before = await resolveRequest(app.core, { set: {} });
    writeFileSync(file(), described.replace(projectId, projectId.replaceAll("a", "c")));
    const after = await resolveRequest(app.core, { set: {} });
    expect(after.project.config.id).not.toBe(before.project.config.id);
    expect(after.fingerprint).toBe(before.fingerprint);
    expect(after.configs).toEqual(before.configs);
  });
});
