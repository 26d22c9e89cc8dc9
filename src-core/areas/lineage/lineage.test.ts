import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { promotionConfigSchema } from "../../contract/configs/promotion-config.ts";
import type { DecisionBody, LedgerEntry } from "../../contract/ledger.ts";
import { type LineageFacts, type RunFacts, runFacts } from "./facts.ts";
import { graphOf, type Lineage } from "./graph.ts";
import { dotOf, mermaidOf } from "./render.ts";
import { subjectOf } from "./subject.ts";
import { aroundOf } from "./walk.ts";

const sha = (letter: string): string => letter.repeat(64);
const versioned = { version: 1, digest: sha("c") };

function decision(index: number, it: Partial<DecisionBody> & Pick<DecisionBody, "runId" | "alias">): LedgerEntry {
  const body: DecisionBody = {
    modelName: "m",
    candidate: { version: String(index), runId: it.runId, modelDigest: sha("d"), predictions: { reference: sha("e") } },
    production: null,
    data: { masterSha256: sha("a"), trainSha256: sha("b"), tests: { reference: sha("f") }, dvc: {} },
    configs: { dataContract: versioned, split: versioned, feature: versioned, model: versioned, promotion: sha("9") },
    gateHash: sha("8"),
    gate: promotionConfigSchema.parse({ version: 1, primary: { metric: "reference_mae", goal: "superiority" } }),
    rule: "bootstrap",
    rows: [],
    n: 1,
    clusters: null,
    clusterBy: [],
    minimumDetectable: null,
    extraUnitsNeeded: null,
    verdict: "PROMOTE",
    reason: "first",
    referenceReads: 1,
    ...it,
  };
  return {
    index,
    previous: sha("0"),
    at: `2026-01-0${index}T00:00:00.000Z`,
    actor: "ada",
    hash: sha(String(index)),
    kind: "decision",
    body,
  };
}

const rollback: LedgerEntry = {
  index: 3,
  previous: sha("0"),
  at: "2026-01-03T00:00:00.000Z",
  actor: "ada",
  hash: sha("3"),
  kind: "rollback",
  body: { runId: "aaaa1111", modelName: "m", fromVersion: "2", toVersion: "1", reason: "complaints", decisionIndex: 2 },
};

const decisions = [
  decision(1, { runId: "aaaa1111", alias: { before: null, after: "1" } }),
  decision(2, {
    runId: "bbbb2222",
    alias: { before: "1", after: "2" },
    production: { version: "1", runId: "aaaa1111", modelDigest: sha("d"), predictions: {} },
  }),
];

function run(runId: string, number: number): RunFacts {
  const entry = decisions[number - 1];
  return runFacts({
    runId,
    number,
    startedAt: number * 1_000,
    params: {},
    results: {},
    decision: entry?.kind === "decision" ? entry.body : null,
    registered: [],
    masterPath: "data/master.csv",
  });
}

const facts: LineageFacts = { runs: [run("aaaa1111", 1), run("bbbb2222", 2)], entries: [...decisions, rollback] };
const graph = graphOf(facts);
const idOf = (text: string, of: LineageFacts = facts) =>
  subjectOf({ facts: of, graph: graphOf(of), text, file: text.includes("data/") ? { path: text, sha256: null } : null })
    .id;
const kindsOf = ({ nodes }: Lineage) => nodes.map((node) => node.kind);

describe("the graph", () => {
  it("leads from the table via split, run and model version to the decision, in PROV's terms", () => {
    const path = [
      [`file:${sha("a")}`, expect.stringMatching(/^split:1:/), "wasDerivedFrom"],
      [expect.stringMatching(/^split:1:/), `file:${sha("b")}`, "wasDerivedFrom"],
      [`file:${sha("b")}`, "run:aaaa1111", "used"],
      ["run:aaaa1111", "model:m/1", "wasGeneratedBy"],
      ["model:m/1", "decision:1", "used"],
      ["decision:2", "decision:3", "wasInformedBy"],
    ];
    for (const [source, target, kind] of path) {
      expect(graph.edges).toContainEqual(expect.objectContaining({ source, target, kind }));
    }
  });

  it("has the production that a candidate was compared with, and what a rollback replaced", () => {
    const roles = (id: string) =>
      graph.edges.filter((edge) => edge.target === id).map(({ source, role }) => [source, role]);
    expect(roles("decision:2")).toEqual(
      expect.arrayContaining([
        ["model:m/2", "candidate"],
        ["model:m/1", "production"],
      ]),
    );
    expect(roles("decision:3")).toEqual(
      expect.arrayContaining([
        ["model:m/1", "promoted"],
        ["model:m/2", "replaced"],
      ]),
    );
  });

  it("doesn't depend on the order of the facts", () => {
    const turned = graphOf({ runs: facts.runs.toReversed(), entries: facts.entries.toReversed() });
    expect(turned).toEqual(graph);
  });

  it("includes a run that only the ledger has, from the decision on it", () => {
    const lost = runFacts({
      ...run("cccc3333", 1),
      params: {},
      results: {},
      registered: [],
      masterPath: "m.csv",
      decision: facts.entries[0]?.kind === "decision" ? facts.entries[0].body : null,
    });
    expect(lost).toMatchObject({
      master: { sha256: sha("a") },
      train: { sha256: sha("b") },
      models: [{ version: "1" }],
    });
  });

  it("shows a trained model that has no version", () => {
    const { models, ...rest } = run("aaaa1111", 1);
    expect(models).toHaveLength(1);
    const alone = graphOf({ runs: [{ ...rest, models: [], modelDigest: sha("7") }], entries: [] });
    expect(alone.nodes).toContainEqual(
      expect.objectContaining({ id: `model:${sha("7")}`, label: "model without a version" }),
    );
  });
});

describe("the way from a subject", () => {
  it("leads up to its sources, but not to their other results", () => {
    const up = aroundOf(graph, "run:aaaa1111", "up");
    expect(kindsOf(up)).not.toContain("model");
    expect(up.nodes.map((node) => node.id)).not.toContain("run:bbbb2222");
    expect(kindsOf(up)).toEqual(expect.arrayContaining(["master", "split", "train", "reference", "config", "run"]));
  });

  it("leads down to its results, and in both directions with `both`", () => {
    const down = aroundOf(graph, "model:m/1", "down");
    expect(down.nodes.map((node) => node.id)).toEqual(["model:m/1", "decision:1", "decision:2", "decision:3"]);
    const both = aroundOf(graph, "model:m/1", "both").nodes;
    expect(new Set(both)).toEqual(new Set([...aroundOf(graph, "model:m/1", "up").nodes, ...down.nodes]));
  });
});

describe("a subject", () => {
  it("is a run by its id, the beginning of the id, its number, or latest", () => {
    expect(["aaaa1111", "aaaa", "#1", "1", "run:aaaa1111"].map((text) => idOf(text))).toEqual(
      Array(5).fill("run:aaaa1111"),
    );
    expect(idOf("latest")).toBe("run:bbbb2222");
  });

  it("is a model version by number, or by the alias according to the ledger", () => {
    expect(idOf("m/2")).toBe("model:m/2");
    expect(idOf("m@champion")).toBe("model:m/1");
    expect(idOf("m@champion", { ...facts, entries: decisions })).toBe("model:m/2");
  });

  it("is an entry of the ledger, a split version, a file or the beginning of a digest", () => {
    expect(idOf("decision:2")).toBe("decision:2");
    expect(idOf("rollback:3")).toBe("decision:3");
    expect(idOf("split:1")).toMatch(/^split:1:/);
    expect(idOf("data/master.csv")).toBe(`file:${sha("a")}`);
    expect(idOf("bbbbbbbbbbbb")).toBe(`file:${sha("b")}`);
  });

  it("that is unknown or ambiguous is refused with the possible forms", () => {
    for (const text of ["nothing", "split:9", "m/77", "decision:4", "other@champion"]) {
      expect(() => idOf(text)).toThrow(expect.objectContaining({ code: "lineage/not-found" }));
    }
  });
});

const names = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
const single = (label: string): Lineage => ({
  nodes: [{ id: label, kind: "model", label, digest: null, time: null, path: label }],
  edges: [{ source: label, target: label, kind: "used", role: label }],
});

describe("other programs' languages", () => {
  it("keep every name a string in DOT: no quote in it ends the string", () => {
    fc.assert(
      fc.property(names, (label) => {
        const text = dotOf(single(label), label);
        // Strings as Graphviz reads them; everything outside of them is ours.
        const outside = text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, "");
        expect(outside).toMatch(
          /^digraph lineage \{\n {2}rankdir=LR;\n {2}node \[fontname=\];\n {2} \[label=, shape=ellipse, penwidth=2\];\n {2} -> {2}\[label=\];\n\}$/,
        );
      }),
    );
  });

  it("keep every name a string in Mermaid: no bracket, quote or tag remains", () => {
    fc.assert(
      fc.property(names, (label) => {
        const lines = mermaidOf(single(label), label).split("\n");
        expect(lines).toHaveLength(4);
        const inside = /^ {2}n0\(\["(.*)"\]\)$/u.exec(lines[1] ?? "")?.[1]?.replace("<br/>", "") ?? '"';
        expect(inside).toMatch(/^[^"<>[\](){}|`\\]*$/u);
      }),
    );
  });
});
