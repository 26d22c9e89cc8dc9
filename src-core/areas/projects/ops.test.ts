import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { smallTable } from "../../../test/support/small-table.ts";
import { projectsOperations } from "../../contract/projects.ts";
import { proveProject } from "../../wiring/prove-project.ts";
import { initDvc } from "../versioning/init-dvc.ts";
import { projectsOps } from "./ops.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-projects-"));
  writeFileSync(path.join(folder, "orders.csv"), smallTable(400));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function init(input: { readonly table: string; readonly workingFolder?: string }): Promise<string> {
  const { "projects.init": declared } = projectsOperations;
  const ops = projectsOps({ env: process.env, projectDir: folder }, { loadInitDvc: async () => initDvc, proveProject });
  const parsed = declared.input.parse({ dir: "orders", target: "minutes", key: ["order_id"], git: false, ...input });
  const made = await ops["projects.init"](parsed, { signal: new AbortController().signal, report: () => undefined });
  return declared.output.parse(made).dir;
}

it("creates the project where the caller is, else in the folder of the core", async () => {
  const caller = path.join(folder, "elsewhere");
  mkdirSync(caller);
  expect(await init({ table: "orders.csv" })).toBe(path.join(folder, "orders"));
  expect(await init({ table: "../orders.csv", workingFolder: caller })).toBe(path.join(caller, "orders"));
});
