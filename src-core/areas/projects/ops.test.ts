import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { smallTable } from "../../../test/support/small-table.ts";
import type { InputOf } from "../../contract/operation.ts";
import { projectsOperations } from "../../contract/projects.ts";
import type { Core, Offers } from "../../foundation/context.ts";
import { appRoot } from "../../foundation/files/entry-points.ts";
import { proveProject } from "../../wiring/prove-project.ts";
import { loadProject } from "../configs/project.ts";
import { initDvc } from "../versioning/init-dvc.ts";
import { projectsOps } from "./ops.ts";

let folder: string;
let core: Core & Offers;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-projects-"));
  writeFileSync(path.join(folder, "orders.csv"), smallTable(400));
  core = bareCore(folder);
});
afterEach(() => {
  core.catalogue().close();
  rmSync(folder, { recursive: true, force: true });
});

type InitInput = InputOf<(typeof projectsOperations)["projects.init"]>;

async function init(input: Omit<InitInput, "dir"> & { readonly dir?: string }): Promise<string> {
  const { "projects.init": declared } = projectsOperations;
  const ops = projectsOps(core, { loadInitDvc: async () => initDvc, proveProject });
  const parsed = declared.input.parse({ dir: "orders", git: false, ...input });
  const made = await ops["projects.init"](parsed, { signal: new AbortController().signal, report: () => undefined });
  return declared.output.parse(made).dir;
}

it("creates the project where the caller is, else in the folder of the core", async () => {
  const caller = path.join(folder, "elsewhere");
  mkdirSync(caller);
  const asked = { target: "minutes", key: ["order_id"] };
  expect(await init({ table: "orders.csv", ...asked })).toBe(path.join(folder, "orders"));
  expect(await init({ table: "../orders.csv", workingFolder: caller, ...asked })).toBe(path.join(caller, "orders"));
});

it("draws an id for each project, of a table or of a sample", async () => {
  const table = { table: "orders.csv", target: "minutes", key: ["order_id"] };
  const made = [
    await init({ dir: "one/orders", ...table }),
    await init({ dir: "two/orders", ...table }),
    await init({ dir: "one/flights", sample: "flights" }),
    await init({ dir: "two/flights", sample: "flights" }),
  ];
  const ids = made.map((dir) => loadProject(dir).config.id);
  const ofSample = loadProject(path.join(appRoot, "fixtures/samples/flights")).config.id;
  expect(new Set([...ids, ofSample]).size).toBe(5);
  const text = (dir: string) => readFileSync(path.join(dir, "signalbox.yaml"), "utf8").replace(/^id: .*$/m, "id");
  expect(text(made[0] ?? "")).toBe(text(made[1] ?? ""));
  expect(text(made[2] ?? "")).toBe(text(path.join(appRoot, "fixtures/samples/flights")));
});
