import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { readArchive, readRecorded } from "../support/recorded/recorded-files.ts";
import {
  recordedEnvironment,
  recordedProject,
  takeRecordedPlace,
  unpackIntoPlace,
} from "../support/recorded/recorded-place.ts";

/** Version 0.1.0 read tables by other rules. What it made is refused, whatever is asked of it, and stays as it is. */

const recorded = readRecorded();
let clear: (() => Promise<void>) | undefined;
let before: ReadonlyMap<string, string>;

beforeAll(async () => {
  clear = await takeRecordedPlace();
  unpackIntoPlace(readArchive());
  before = contents();
}, 1_800_000);
afterAll(async () => {
  await clear?.();
});

/** Every file of the project by its mode, its time and the digest of its bytes. */
function contents(): ReadonlyMap<string, string> {
  const names = readdirSync(recordedProject, { recursive: true, encoding: "utf8" }).toSorted();
  return new Map(
    names.map((name) => {
      const file = path.join(recordedProject, name);
      const { mode, mtimeMs } = lstatSync(file);
      const facts = lstatSync(file).isDirectory() ? "folder" : `${mtimeMs} ${digestOf(file)}`;
      return [name, `${mode.toString(8)} ${facts}`];
    }),
  );
}

function digestOf(file: string): string {
  const bytes = lstatSync(file).isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
  return createHash("sha256").update(bytes).digest("hex");
}

const asked: readonly (readonly string[])[] = [
  ["status"],
  ["run"],
  ["run", "--dry-run"],
  ["run", "--detach"],
  ["runs", "list"],
  ["runs", "show", "latest"],
  ["runs", "resume", "latest"],
  ["reproduce", "latest"],
  ["metrics", "show"],
  ["runs", "compare", "#1", "#2"],
  ["splits", "check"],
  ["data", "status"],
  ["data", "checkout"],
  ["configs", "list"],
  ["assess"],
  ["plan", "check"],
  ["train"],
  ["ledger", "verify"],
  ["ledger", "list"],
  ["promotion", "rollback", "--reason", "x"],
  ["lineage", "show", "latest"],
  ["models", "list"],
  ["operations", "list"],
  ["operations", "follow", "op6"],
  ["mlflow", "pending"],
  ["mlflow", "start"],
  ["gc"],
];

describe(`a project of version ${recorded.version}`, () => {
  it.each(asked.map((words) => ({ words })))("is refused to $words", async ({ words }) => {
    const { code, stdout, stderr } = await cli([...words, "--json"], {
      cwd: recordedProject,
      env: recordedEnvironment,
    });
    expect(code, stdout + stderr).toBe(4);
    expect(JSON.parse(stderr)).toMatchObject({
      code: "projects/earlier-version",
      message: `The project ${recordedProject} was made with Signalbox 0.1.0, which read tables and assigned rows by other rules. This version can't continue it, and has changed nothing in it.`,
      details: { madeBy: "0.1.0" },
    });
  });

  it("is the one problem that doctor finds in it", async () => {
    const { code, stdout } = await cli(["doctor", "--json"], { cwd: recordedProject, env: recordedEnvironment });
    expect(code).toBe(4);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string; found: string }[] };
    expect(checks.filter(({ state }) => state === "problem")).toEqual([
      expect.objectContaining({ name: "Project", found: expect.stringContaining("made with Signalbox 0.1.0") }),
    ]);
  });

  it("is left as it was: no file is new, gone, or another", () => {
    expect(before.size).toBeGreaterThan(300);
    expect(contents()).toEqual(before);
  });

  it("can be started anew from the same table with the command that the refusal names", {
    timeout: 120_000,
  }, async () => {
    const { stderr } = await cli(["status"], { cwd: recordedProject, env: recordedEnvironment });
    const command = /signalbox (init .+?)(?: {2,}|\n)/.exec(stderr)?.[1] ?? "";
    const anew = await cli(command.split(" "), { cwd: recordedProject, env: recordedEnvironment });
    expect(anew.code, anew.stderr).toBe(0);
    const project = { cwd: `${recordedProject}-2`, env: recordedEnvironment };
    expect((await cli(["splits", "check"], project)).code).toBe(0);
    expect(contents()).toEqual(before);
  });
});
