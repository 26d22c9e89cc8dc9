import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "../../src-core/contract/index.ts";
import type { Operation } from "../../src-core/contract/operation.ts";
import { cli, cliEntry } from "../support/cli.ts";
import { smallProject } from "../support/small-project.ts";

let project: string;
beforeAll(async () => {
  project = await smallProject();
});
afterAll(() => rmSync(path.dirname(project), { recursive: true, force: true }));

const signalbox = (...args: string[]) => cli(args, { cwd: project });

describe("--json", () => {
  it.each([
    ["runs.status", ["status"]],
    ["runs.list", ["runs", "list"]],
    ["runs.start", ["run", "--dry-run"]],
    ["configs.list", ["configs", "list"]],
    ["configs.show", ["configs", "show", "split"]],
    ["data.status", ["data", "status"]],
    ["ledger.list", ["ledger", "list"]],
    ["ledger.verify", ["ledger", "verify"]],
    ["promotion.list", ["promotion", "list"]],
    ["operations.list", ["operations", "list"]],
    ["mlflow.status", ["mlflow", "status"]],
    ["environment.list", ["env", "list"]],
  ])("prints one document that fits its schema: %s", async (id, words) => {
    const { code, stdout } = await signalbox(...words, "--json");
    expect(code).toBe(0);
    const { output } = (operations as Readonly<Record<string, Operation>>)[id] ?? {};
    const document: unknown = JSON.parse(stdout);
    expect(output?.parse(document)).toEqual(document);
  });

  it("prints progress as lines and the result as the last line with --jsonl", async () => {
    const { code, stdout } = await signalbox("splits", "check", "--jsonl");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: "result", result: { splitVersion: 1 } });
    expect(lines.length).toBeGreaterThan(1);
    expect(new Set(lines.slice(0, -1).map((it) => it.type))).toEqual(new Set(["progress"]));
  });

  it.each([
    ["usage", 2, ["runs", "list", "--nope"], "cli/usage"],
    ["usage", 2, ["runs", "list", "--limit", "0"], "rpc/invalid-input"],
    ["not found", 3, ["runs", "show", "abcdef"], "runs/not-found"],
    ["conflict", 4, ["promotion", "rollback", "--reason", "x"], "promotion/nothing-to-roll-back"],
  ])("after an error (%s, %i) leaves standard output empty: %j", async (_, exit, words, expected) => {
    const { code, stdout, stderr } = await signalbox(...words, "--json");
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: expected, message: expect.any(String) });
  });

  it("names the wrong value of the input", async () => {
    const { stderr } = await signalbox("runs", "list", "--limit", "0", "--json");
    expect(JSON.parse(stderr).message).toBe("The input of runs.list is not valid: limit is 0; expected at least 1.");
  });

  it("ends with 5 when something outside fails, and names it", async () => {
    const words = ["models", "list", "--tracking-uri", "http://127.0.0.1:9", "--json"];
    const { code, stdout, stderr } = await signalbox(...words);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({ code: expect.stringMatching(/^tracking\//) });
  });
});

describe("a command", () => {
  it("finds its project from a subfolder, by a relative and by an absolute path", async () => {
    const read = async (args: string[], cwd: string) => {
      const { stdout } = await cli([...args, "status", "--json"], { cwd });
      return (JSON.parse(stdout) as { folder: string }).folder;
    };
    const folder = await read([], path.join(project, "configs", "splits"));
    expect(await read(["--project", "orders"], path.dirname(project))).toBe(folder);
    expect(await read(["--project", project], "/")).toBe(folder);
  });

  it("outside a project names the ways to open or create one", async () => {
    const { code, stderr } = await cli(["status"], { cwd: path.dirname(project) });
    expect(code).toBe(3);
    expect(stderr).toContain("--project");
    expect(stderr).toContain("signalbox init");
  });

  it("refuses to overwrite a file of the user", async () => {
    const file = path.join(project, "ledger.json");
    writeFileSync(file, "mine");
    const { code } = await signalbox("ledger", "export", "-o", file);
    expect(code).not.toBe(0);
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  it("can't be detached from if it is short", async () => {
    const { code, stderr } = await signalbox("status", "--detach");
    expect(code).toBe(2);
    expect(stderr).toContain("nothing to detach from");
  });

  it("doesn't ask without a terminal, but ends with 4 and the command that answers", async () => {
    const home = path.join(path.dirname(project), "home");
    const environment = path.join(home, "python", "abc123");
    mkdirSync(environment, { recursive: true });
    const record = { version: 1, groups: [], python: "3.12.1", madeAt: "2020-01-01T00:00:00Z" };
    writeFileSync(path.join(environment, "environment.json"), JSON.stringify(record));
    const options = { cwd: project, env: { SIGNALBOX_HOME: home } };

    const { code, stdout, stderr } = await cli(["env", "remove", "abc123"], options);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain("signalbox env remove abc123 --yes");
    expect(existsSync(environment)).toBe(true);

    expect((await cli(["env", "remove", "abc123", "--yes"], options)).code).toBe(0);
    expect(existsSync(environment)).toBe(false);
  });

  it("ends quietly when its reader stops early", async () => {
    const command = `'${process.execPath}' '${cliEntry}' configs show split | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", command], { cwd: project });
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("0");
    expect(stderr).toBe("");
  });
});
