import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, cliEntry, cliJson } from "../support/cli.ts";
import { smallProject } from "../support/small-project.ts";

/** One run, followed from several terminals: real processes, the real pipeline, a real MLflow. */

interface Listed {
  readonly operations: readonly { readonly id: string; readonly state: string; readonly operation: string }[];
}

let project: string;
beforeAll(async () => {
  project = await smallProject();
});
afterAll(async () => {
  await cli(["mlflow", "stop"], { cwd: project });
  rmSync(path.dirname(project), { recursive: true, force: true });
});

interface Terminal {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

/** A command in a separate process, as a terminal starts it. */
function terminal(...args: string[]): Terminal {
  const child = spawn(process.execPath, [cliEntry, ...args], {
    cwd: project,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += String(bytes)));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, text: () => text, ended };
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 100) {
    if (await isSo()) return;
    await pause(100);
  }
  throw new Error(`waited two minutes until ${what}`);
}

const active = async () => (await cliJson<Listed>(["operations", "list", "--active"], { cwd: project })).operations;

describe("a run followed from two terminals", () => {
  it("continues when both are closed, and is followed to its end when they open again", {
    timeout: 300_000,
  }, async () => {
    const starting = terminal("run");
    await until(() => starting.text().includes("start"), "the run has begun");
    const [operation] = await active();
    if (operation === undefined) throw new Error(`no operation is running:\n${starting.text()}`);
    const following = terminal("operations", "follow", operation.id);
    await until(() => following.text().includes("resolve"), "the second terminal shows the beginning, too");

    starting.child.kill("SIGHUP");
    following.child.kill("SIGHUP");
    expect(await starting.ended).toBe(129);
    expect(await following.ended).toBe(129);
    expect((await active()).map((it) => it.id)).toEqual([operation.id]);

    const again = [terminal("operations", "follow", operation.id), terminal("operations", "follow", operation.id)];
    expect(await Promise.all(again.map((it) => it.ended))).toEqual([0, 0]);
    for (const it of again) {
      expect(it.text()).toContain("✓ decide");
      expect(it.text()).toContain("PROMOTE");
    }
    const runs = await cliJson<{ runs: { verdict: string }[] }>(["runs", "list"], { cwd: project });
    expect(runs.runs.map((it) => it.verdict)).toEqual(["PROMOTE"]);
  });

  it("is cancelled by Ctrl-C in the terminal that started it, with 130", { timeout: 300_000 }, async () => {
    const starting = terminal("run", "--new", "--seed", "7");
    await until(() => starting.text().includes("✓ start"), "the run has begun");
    starting.child.kill("SIGINT");
    expect(await starting.ended).toBe(130);
    const { operations } = await cliJson<Listed>(["operations", "list"], { cwd: project });
    expect(operations[0]).toMatchObject({ operation: "runs.start", state: "cancelled" });
    const { runs } = await cliJson<{ runs: { status: string }[] }>(["runs", "list"], { cwd: project });
    expect(runs[0]?.status).toBe("KILLED");
  });

  it("continues after Ctrl-C in the terminal that follows", { timeout: 300_000 }, async () => {
    const { stdout } = await cli(["run", "--new", "--seed", "8", "--detach", "--json"], { cwd: project });
    const { operation } = JSON.parse(stdout) as { operation: string };
    const following = terminal("operations", "follow", operation);
    await until(() => following.text().includes("resolve"), "it follows");
    following.child.kill("SIGINT");
    expect(await following.ended).toBe(130);
    expect(following.text()).toContain("continues");
    const again = terminal("operations", "follow", operation);
    expect(await again.ended).toBe(0);
  });
});
