import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import {
  digestOf,
  firstStart,
  recordDecision,
  recordMove,
  recordRun,
} from "../../../test/support/recorded/recorded-runs.ts";
import { putModel } from "../tracking/store.ts";

const [first, second] = ["aaaa1111", "bbbb2222"];
let app: ProjectApp;

/** Two runs on one table; the first was promoted, the second too, and a person went back. */
beforeEach(async () => {
  app = projectApp(plainProject());
  const { core } = app;
  for (const runId of [first, second]) recordRun(core, { runId });
  await recordDecision(core, { runId: first, version: "1", alias: { before: null, after: "1" } });
  const more = {
    production: { version: "1", runId: first, modelDigest: digestOf("f"), predictions: {} },
    candidate: { version: "2", runId: second, modelDigest: digestOf("f"), predictions: {} },
  };
  await recordDecision(core, { runId: second, version: "2", alias: { before: "1", after: "2" }, more });
  await recordMove(core, "rollback", { runId: first, from: "2", to: "1", decisionIndex: 2 });
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

const show = async (subject: string, direction: "up" | "down" | "both" = "both") =>
  await app.call("lineage.show", { subject, direction });
const ids = ({ nodes }: { readonly nodes: readonly { readonly id: string }[] }) => nodes.map((node) => node.id).sort();
const runs = (shown: Parameters<typeof ids>[0]) => ids(shown).filter((id) => id.startsWith("run:"));

describe("the lineage of a run", () => {
  it("leads up to the table, the split's sides and the configurations it used", async () => {
    const shown = await show("latest", "up");
    expect(shown).toMatchObject({ subject: `run:${second}`, direction: "up", format: "tree", text: null });
    expect(shown.nodes.find((node) => node.kind === "master")).toMatchObject({
      ...{ id: `file:${digestOf("a")}`, digest: digestOf("a"), path: "data/master.parquet" },
    });
    expect(shown.nodes.map((node) => node.kind).sort()).toEqual([
      ...["config", "config", "config", "config", "config", "master", "optional", "reference", "run", "split", "train"],
    ]);
    expect(shown.nodes.find((node) => node.kind === "run")?.time).toBe(firstStart + 60_000);
    expect(shown.edges).toContainEqual(
      expect.objectContaining({ source: `file:${digestOf("b")}`, target: `run:${second}`, kind: "used" }),
    );
    expect(runs(shown)).toEqual([`run:${second}`]);
  });

  it("leads down to its model's version, the decision, and what a person did about it", async () => {
    const shown = await show("#2", "down");
    expect(ids(shown)).toEqual(["decision:2", "decision:3", "model:shops_model/2", `run:${second}`]);
    expect(shown.edges).toContainEqual(
      expect.objectContaining({ source: "decision:2", target: "decision:3", kind: "wasInformedBy" }),
    );
  });

  it("holds a model that was registered and not yet decided on", async () => {
    recordRun(app.core, { runId: "cccc3333" });
    const model = { name: "shops_model", version: "3", runId: "cccc3333", digest: digestOf("f"), registeredAt: 1 };
    app.core.catalogue().write((writer) => putModel(writer, model));
    expect(ids(await show("latest", "down"))).toEqual(["model:shops_model/3", "run:cccc3333"]);
  });
});

describe("a subject", () => {
  it.each([
    ["shops_model@champion", "model:shops_model/1"],
    ["shops_model/2", "model:shops_model/2"],
    ["decision:3", "decision:3"],
    ["aaaa", `run:${first}`],
    [digestOf("b").slice(0, 12), `file:${digestOf("b")}`],
    ["data/splits/v1/train.parquet", `file:${digestOf("b")}`],
  ])("%s is %s", async (text, id) => {
    expect((await show(text)).subject).toBe(id);
  });

  it("that is a file is what last lay there, unless what lies there now has a history of its own", async () => {
    const name = "data/master.parquet";
    mkdirSync(path.join(app.core.projectDir, "data"), { recursive: true });
    writeFileSync(path.join(app.core.projectDir, name), "another table");
    const shown = await show(name, "down");
    expect(shown.subject).toBe(`file:${digestOf("a")}`);
    expect(runs(shown)).toEqual([`run:${first}`, `run:${second}`]);
  });

  it("that is nothing of this project is refused, as is an empty one", async () => {
    await expect(show("#9")).rejects.toMatchObject({ code: "lineage/not-found", details: { subject: "#9" } });
    await expect(show("")).rejects.toMatchObject({ code: "rpc/invalid-input" });
  });
});

describe("the graph as text", () => {
  it("is in the language asked for, and in none for what a face renders itself", async () => {
    const text = async (format: "tree" | "json" | "dot" | "mermaid") =>
      (await app.call("lineage.show", { subject: "decision:2", format })).text;
    const dot = await text("dot");
    expect(dot).toMatch(/^digraph lineage \{\n[\s\S]*\}$/);
    expect(dot).toContain('"model:shops_model/2" -> "decision:2" [label="used (candidate)"]');
    expect(await text("mermaid")).toMatch(/^flowchart LR\n/);
    expect([await text("tree"), await text("json")]).toEqual([null, null]);
  });
});

it("is refused where the ledger's chain is broken", async () => {
  const { ledgerFile } = app.core.project().paths;
  writeFileSync(ledgerFile, '{"index": 1}\n');
  await expect(show("latest")).rejects.toMatchObject({ code: "ledger/broken" });
});

it("looking at a lineage changes neither a file nor a row", async () => {
  const before = contentsOf(app);
  await show("latest");
  await app.call("lineage.show", { subject: "split:1", format: "dot" });
  expect(contentsOf(app)).toEqual(before);
});
