import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { askGit, runGit } from "./git.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sb-git-"));
  runGit({ folder, args: ["init", "--quiet"], env: process.env });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As a hook of another repository has them. */
const hook = () => ({
  ...process.env,
  GIT_DIR: "/elsewhere/.git",
  GIT_INDEX_FILE: "/elsewhere/index",
  GIT_PREFIX: "x/",
});

it("asks the repository of the folder, also inside a hook of another one", async () => {
  const args = ["rev-parse", "--git-dir"];
  expect(runGit({ folder, args, env: hook() })).toMatchObject({ status: 0, stdout: ".git" });
  expect(await askGit({ folder, args, env: hook() })).toBe(".git");
});

it("keeps the person's configuration and identity", () => {
  const env = { ...process.env, GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.org" };
  expect(runGit({ folder, args: ["var", "GIT_COMMITTER_IDENT"], env }).stdout).toMatch(/^Ada <ada@example.org>/);
  const configured = {
    ...process.env,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "signalbox.x",
    GIT_CONFIG_VALUE_0: "1",
  };
  expect(runGit({ folder, args: ["config", "signalbox.x"], env: configured }).stdout).toBe("1");
});

it("leaves an answer other than 0 to who asked, and names a git that is missing", () => {
  expect(runGit({ folder, args: ["check-ignore", "--quiet", "a"], env: process.env }).status).toBe(1);
  expect(() => runGit({ folder, args: ["status"], env: { PATH: "/nowhere" } })).toThrow(
    expect.objectContaining({ code: "projects/git-failed", hint: expect.stringContaining("git --version") }),
  );
});
