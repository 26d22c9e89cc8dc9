import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";

/** The bundle's compiled code that is kept beside it: by which commands, for which build, and what a damaged one does. */

const base = mkdtempSync(path.join(os.tmpdir(), "signalbox-compiled-"));
const built = path.join(base, "built");
let folder: string;
let count = 0;

beforeAll(() => {
  execFileSync(process.execPath, [path.join(appRoot, "scripts", "build.ts")]);
  mkdirSync(built);
  for (const name of ["cli.cjs", "commands.cjs", "help.json"])
    cpSync(path.join(appRoot, "dist", name), path.join(built, name), { preserveTimestamps: true });
  symlinkSync(path.join(appRoot, "node_modules"), path.join(base, "node_modules"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  folder = path.join(base, `dist-${count++}`);
  cpSync(built, folder, { recursive: true, preserveTimestamps: true });
});

function run(...args: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, [path.join(folder, "cli.cjs"), ...args], {
    encoding: "utf8",
    cwd: base,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stderr };
}
const refused = { status: 3, stderr: expect.stringContaining("projects/not-found") };
const kept = () => readdirSync(path.join(folder, ".compiled")).filter((name) => name.endsWith(".code"));
const keptFile = () => path.join(folder, ".compiled", kept()[0] ?? "");
const commandsOf = () => readFileSync(keptFile()).toString("latin1", 0, 1024).trim();

describe("the compiled code of a bundle", () => {
  it("is kept by the first call of each command, and used by the next ones", () => {
    expect(run("status")).toMatchObject(refused);
    expect([kept().length, commandsOf()]).toEqual([1, "status"]);
    const before = readFileSync(keptFile());
    expect(run("status")).toMatchObject(refused);
    expect(readFileSync(keptFile()).equals(before)).toBe(true);
    expect(run("runs", "list")).toMatchObject(refused);
    expect([kept().length, commandsOf()]).toEqual([1, "status runs"]);
  });

  it("is another build's no more: a bundle of the same length runs as it is", () => {
    run("status");
    const file = path.join(folder, "commands.cjs");
    const changed = readFileSync(file, "latin1").replaceAll(
      "There is no signalbox.yaml in",
      "THERE IS NO signalbox.yaml IN",
    );
    writeFileSync(file, changed, "latin1");
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    expect(run("status").stderr).toContain("THERE IS NO signalbox.yaml IN");
    expect(kept().length).toBe(1);
  });

  it.each([
    ["cut off", (file: string) => truncateSync(file, 500_000)],
    ["empty", (file: string) => truncateSync(file, 0)],
    ["zeros, as after a power failure", (file: string) => writeFileSync(file, Buffer.alloc(1_000_000))],
  ])("is made again where it is %s", (_, damage) => {
    run("status");
    damage(keptFile());
    expect(run("status")).toMatchObject(refused);
    expect(commandsOf()).toBe("status");
    expect(readFileSync(keptFile()).length).toBeGreaterThan(600_000);
  });

  it("isn't needed: where nothing can be written, a command is only slower", () => {
    writeFileSync(path.join(folder, ".compiled"), "in the way");
    expect(run("status")).toMatchObject(refused);
  });
});
