import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { circles } from "./layers/circles.ts";
import { importCycles } from "./layers/cycles.ts";
import { type Graph, readGraph } from "./layers/graph.ts";
import { importViolations } from "./layers/import-rules.ts";
import { longFunctions } from "./layers/long-functions.ts";
import { untestedOperations } from "./layers/operation-tests.ts";
import { ownNodeViolations } from "./layers/own-node.ts";
import { zodViolations } from "./layers/runtime-reach.ts";
import { shapeViolations, sizesOf } from "./layers/shape-rules.ts";
import { tableReaderViolations } from "./layers/table-readers.ts";
import { tableViolations } from "./layers/tables.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function graphOf(files: Readonly<Record<string, string>>): Graph {
  const root = mkdtempSync(path.join(os.tmpdir(), "layers-"));
  roots.push(root);
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), source);
  }
  return readGraph(root);
}

const violationsOf = (files: Readonly<Record<string, string>>) => importViolations(graphOf(files));

describe("who may import whom", () => {
  it("lets an area use the foundations and its own modules", () => {
    const found = violationsOf({
      "src-core/areas/runs/ops.ts":
        'import { a } from "../../contract/a.ts"; import { b } from "./b.ts"; import { c } from "../../foundation/catalogue/open.ts";',
      "src-core/areas/runs/b.ts": 'import fs from "node:fs"; export const b = fs;',
      "src-core/contract/a.ts": 'import * as z from "zod"; export const a = z;',
      "src-core/foundation/catalogue/open.ts": 'import D from "better-sqlite3"; export const c = D;',
    });
    expect(found).toEqual([]);
  });

  it("keeps figures out of the hashing thread, and the store out of the computing one", () => {
    const found = violationsOf({
      "workers/hash-worker.ts":
        'import { a } from "../src-core/foundation/store/a.ts"; import { b } from "../src-core/foundation/compute/b.ts"; a(b);',
      "workers/compute-worker.ts":
        'import { a } from "../src-core/foundation/store/a.ts"; import { b } from "../src-core/foundation/compute/b.ts"; a(b);',
      "src-core/foundation/store/a.ts": "export const a = (b: number) => b;",
      "src-core/foundation/compute/b.ts": "export const b = 1;",
    });
    expect(found).toEqual([
      "workers/compute-worker.ts imports src-core/foundation/store/a.ts: workers may not import store",
      "workers/hash-worker.ts imports src-core/foundation/compute/b.ts: hash worker may not import compute",
    ]);
  });

  it("refuses Node's modules in the contract, also as types", () => {
    const found = violationsOf({
      "src-core/contract/a.ts": 'import type { Stats } from "node:fs"; export type A = Stats;',
    });
    expect(found).toEqual(["src-core/contract/a.ts imports node:fs: contract may import only the packages zod"]);
  });

  it("refuses a foundation that imports an area", () => {
    const found = violationsOf({
      "src-core/foundation/catalogue/open.ts": 'import { a } from "../../areas/runs/a.ts"; export const b = a;',
      "src-core/areas/runs/a.ts": "export const a = 1;",
    });
    expect(found).toEqual([
      "src-core/foundation/catalogue/open.ts imports src-core/areas/runs/a.ts: catalogue may not import area",
    ]);
  });

  it("opens another area's module if it is pure", () => {
    const found = violationsOf({
      "src-core/areas/runs/a.ts": 'import { hash } from "../splits/hash.ts"; export const a = hash;',
      "src-core/areas/splits/hash.ts": 'import { createHash } from "node:crypto"; export const hash = createHash;',
    });
    expect(found).toEqual([]);
  });

  it("closes another area's module that reaches the file system through any number of imports, and names them", () => {
    const found = violationsOf({
      "src-core/areas/runs/a.ts": 'import { plan } from "../splits/plan.ts"; export const a = plan;',
      "src-core/areas/splits/plan.ts": 'export { plan } from "./read.ts"; export const own = 1;',
      "src-core/areas/splits/read.ts": 'import fs from "node:fs"; export const plan = fs;',
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("reaches src-core/areas/splits/read.ts → node:fs");
  });

  it("says how an area gets what it can't import", () => {
    const [found] = violationsOf({
      "src-core/areas/runs/a.ts": 'import { read } from "../splits/read.ts"; export const a = read;',
      "src-core/areas/splits/read.ts": 'import fs from "node:fs"; export const read = fs;',
    });
    expect(found).toContain('Name the function in src-core/areas/runs/needs.ts, as a member of Offers["splits"]');
    expect(found).toContain("implement it in src-core/areas/splits/offer.ts");
  });

  it("sees dynamic imports", () => {
    const found = violationsOf({
      "src-core/areas/runs/a.ts": 'export const a = () => import("../splits/store.ts");',
      "src-core/areas/splits/store.ts": 'import fs from "node:fs"; export const b = fs;',
    });
    expect(found).toHaveLength(1);
  });

  it("lets types cross areas", () => {
    const found = violationsOf({
      "src-core/areas/runs/a.ts": 'import type { B } from "../splits/store.ts"; export type A = B;',
      "src-core/areas/splits/store.ts": 'import fs from "node:fs"; export type B = typeof fs;',
    });
    expect(found).toEqual([]);
  });

  it("keeps tests out of production", () => {
    const found = violationsOf({
      "src-core/areas/runs/a.ts": 'import { b } from "../../../test/support/b.ts"; export const a = b;',
      "test/support/b.ts": "export const b = 1;",
    });
    expect(found).toEqual([
      "src-core/areas/runs/a.ts imports test/support/b.ts: production code imports no tests or fixtures",
    ]);
  });

  it("refuses a package that the zone's table doesn't name", () => {
    const found = violationsOf({ "src-cli/a.ts": 'import yaml from "yaml"; export const a = yaml;' });
    expect(found).toEqual([
      "src-cli/a.ts imports yaml: cli may import only the packages node:, zod, string-width, wrap-ansi, cli-truncate",
    ]);
  });

  it("refuses a file outside every zone, and an import of a module that doesn't exist", () => {
    expect(violationsOf({ "src-core/stray.ts": "export const a = 1;" })).toEqual([
      "src-core/stray.ts isn't in any zone of scripts/layers/zones.ts.",
    ]);
    expect(violationsOf({ "src-cli/a.ts": 'import { b } from "./b.ts"; export const a = b;' })).toEqual([
      "src-cli/a.ts imports src-cli/b.ts: there is no such module",
    ]);
  });
});

describe("what every face shares", () => {
  it("imports the contract, and neither Node's modules, packages nor areas", () => {
    const found = violationsOf({
      "src-view/a.ts":
        'import { a } from "../src-core/contract/a.ts"; import fs from "node:fs"; import { b } from "../src-core/areas/runs/b.ts"; export const c = [a, fs, b];',
      "src-core/contract/a.ts": "export const a = 1;",
      "src-core/areas/runs/b.ts": "export const b = 1;",
    });
    expect(found).toEqual([
      "src-view/a.ts imports node:fs: view may import only the packages (none)",
      "src-view/a.ts imports src-core/areas/runs/b.ts: view may not import area",
    ]);
  });

  it("may be used by areas", () => {
    const found = violationsOf({
      "src-core/areas/runs/a.ts": 'import { words } from "../../../src-view/words.ts"; export const a = words;',
      "src-view/words.ts": "export const words = 1;",
    });
    expect(found).toEqual([]);
  });

  it("may use the types of a schema, but never loads zod, not even through other imports", () => {
    const graph = graphOf({
      "src-view/typed.ts": 'import type { A } from "../src-core/contract/a.ts"; export type B = A;',
      "src-view/loading.ts": 'import { near } from "../src-core/contract/near.ts"; export const b = near;',
      "src-core/contract/near.ts": 'export { a as near } from "./a.ts";',
      "src-core/contract/a.ts": 'import * as z from "zod"; export const a = z; export type A = z.ZodType;',
    });
    expect(zodViolations(graph)).toEqual([
      "src-view/loading.ts loads zod: src-view/loading.ts → src-core/contract/near.ts → src-core/contract/a.ts → zod",
    ]);
  });
});

describe("cycles", () => {
  it("names the whole chain once", () => {
    const graph = graphOf({
      "src-core/areas/runs/a.ts": 'import { b } from "./b.ts"; export const a = b;',
      "src-core/areas/runs/b.ts": 'import { c } from "./c.ts"; export const b = c;',
      "src-core/areas/runs/c.ts": 'import type { a } from "./a.ts"; export const c: typeof a = 1;',
    });
    expect(importCycles(graph)).toEqual([
      "src-core/areas/runs/a.ts → src-core/areas/runs/b.ts → src-core/areas/runs/c.ts → src-core/areas/runs/a.ts",
    ]);
  });
});

describe("circles of parts", () => {
  it("refuses two areas that import each other, even if one imports only types", () => {
    const graph = graphOf({
      "src-core/areas/runs/a.ts": 'import { b } from "../splits/b.ts"; export const a = b;',
      "src-core/areas/splits/b.ts": "export const b = 1;",
      "src-core/areas/splits/c.ts": 'import type { a } from "../runs/a.ts"; export type C = typeof a;',
    });
    expect(circles(graph)).toEqual([
      "Circle of areas: runs → splits → runs (src-core/areas/runs/a.ts imports src-core/areas/splits/b.ts; src-core/areas/splits/c.ts imports src-core/areas/runs/a.ts)",
    ]);
  });

  it("refuses rooms in a circle, names it once, and lets an area's root use its rooms", () => {
    const graph = graphOf({
      "src-core/areas/runs/ops.ts": 'import { a } from "./one/a.ts"; export const ops = a;',
      "src-core/areas/runs/one/a.ts": 'import { b } from "../two/b.ts"; export const a = b;',
      "src-core/areas/runs/two/b.ts": 'import { c } from "../three/c.ts"; export const b = c;',
      "src-core/areas/runs/three/c.ts": 'import { d } from "../one/d.ts"; export const c = d;',
      "src-core/areas/runs/one/d.ts": "export const d = 1;",
    });
    const found = circles(graph);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      "runs/one → src-core/areas/runs/two → src-core/areas/runs/three → src-core/areas/runs/one",
    );
  });

  it("lets rooms share types", () => {
    const graph = graphOf({
      "src-core/areas/runs/one/a.ts": 'import { b } from "../two/b.ts"; export const a = b;',
      "src-core/areas/runs/two/b.ts": 'import type { T } from "../one/t.ts"; export const b: T = 1;',
      "src-core/areas/runs/one/t.ts": "export type T = number;",
    });
    expect(circles(graph)).toEqual([]);
  });
});

describe("SQL on a table", () => {
  const read = 'export const sql = "SELECT 1 FROM runs JOIN stages";';
  const inRoot = (files: Readonly<Record<string, string>>) => {
    const graph = graphOf(files);
    return tableViolations(roots.at(-1) ?? "", graph);
  };

  it("is only in its owner's store", () => {
    expect(inRoot({ "src-core/areas/runs/store.ts": read, "src-core/areas/runs/a.test.ts": read })).toEqual([]);
    expect(inRoot({ "src-core/areas/runs/status.ts": read })).toHaveLength(2);
    expect(inRoot({ "src-core/areas/lineage/store.ts": read })[0]).toContain(
      "belongs to a store of src-core/areas/runs",
    );
  });

  it("can't use a table that no area owns", () => {
    const file = "src-core/foundation/catalogue/migrations/0002.ts";
    expect(inRoot({ [file]: 'export const sql = "CREATE TABLE orphans (id TEXT)";' })).toEqual([
      `${file} creates the table orphans, which has no owner in scripts/layers/tables.ts.`,
    ]);
  });
});

describe("operations", () => {
  const ops = 'export const ops = { "runs.one": async () => 1, "runs.two": async () => 2 };';
  const untested = (files: Readonly<Record<string, string>>) => {
    const graph = graphOf({ "src-core/areas/runs/ops.ts": ops, ...files });
    return untestedOperations(roots.at(-1) ?? "", graph).map((line) => line.split(" ")[0]);
  };

  it("are called in a test of their own area, by the table of implementations or through an app", () => {
    const called = {
      "src-core/areas/runs/ops.test.ts": 'await ops["runs.one"]({});',
      "src-core/areas/runs/show/show.test.ts": 'await app.call("runs.two", {});',
    };
    expect(untested(called)).toEqual([]);
    expect(untested({ ...called, "src-core/areas/runs/show/show.test.ts": 'request("runs.two");' })).toEqual([]);
    expect(untested({ "src-core/areas/splits/ops.test.ts": 'await app.call("runs.one"); ops["runs.two"]();' })).toEqual(
      ["runs.one", "runs.two"],
    );
  });

  it("aren't called by a mere mention: a comment, another string, a schema", () => {
    const mentions = [
      '// app.call("runs.one", {})',
      "it('calls app.call(\"runs.one\")', () => undefined);",
      'expect(step.operation).toBe("runs.one");',
      'runsOperations["runs.one"].input.parse({});',
      'const name = "runs.one";',
    ];
    const found = untested({ "src-core/areas/runs/ops.test.ts": `${mentions.join("\n")}\nops["runs.two"]({});` });
    expect(found).toEqual(["runs.one"]);
  });

  it("are named with the next step", () => {
    const graph = graphOf({ "src-core/areas/runs/ops.ts": 'export const ops = { "runs.one": async () => 1 };' });
    expect(untestedOperations(roots.at(-1) ?? "", graph)).toEqual([
      'runs.one isn\'t called in any test of src-core/areas/runs: call it there, as ops["runs.one"](…) or app.call("runs.one", …).',
    ]);
  });
});

describe("process.execPath", () => {
  it("is read by entry files alone, however it is read; a comment may name it", () => {
    const graph = graphOf({
      "src-core/wiring/processes/supervisor.ts": "export const node = process.execPath;\n",
      "src-cli/main.ts": "export const node = process.execPath;\n",
      "src-core/areas/runs/run.test.ts": "export const node = process.execPath;\n",
      "src-core/areas/runs/a.ts": "export const node = process.execPath;\n",
      "src-core/areas/runs/b.ts": 'import { execPath } from "node:process";\nexport const b = [execPath];\n',
      "src-core/areas/runs/c.ts": "// process.execPath is handed on.\nexport const c = 1;\n",
    });
    expect(ownNodeViolations(roots.at(-1) ?? "", graph)).toEqual([
      "src-core/areas/runs/a.ts reads process.execPath: only an entry file does, and hands it on.",
      "src-core/areas/runs/b.ts reads process.execPath: only an entry file does, and hands it on.",
    ]);
  });
});

describe("functions", () => {
  it("with more than 60 lines or three parameters are reported", () => {
    const graph = graphOf({
      "src-core/areas/runs/a.ts": `export const a = (w: 1, x: 1, y: 1, z: 1) => [w, x, y, z];\nexport function b() {${"\n".repeat(60)}}`,
    });
    expect(longFunctions(roots.at(-1) ?? "", graph)).toEqual([
      "src-core/areas/runs/a.ts:1 a function has 4 parameters.",
      "src-core/areas/runs/a.ts:2 b has 61 lines.",
    ]);
  });
});

describe("sizes, names, barrels", () => {
  it("fails on a folder with more than 40 files", () => {
    const files = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`src-core/areas/runs/f${i}.ts`, "//\n"]));
    expect(shapeViolations(graphOf(files))).toEqual([
      "src-core/areas/runs has 41 files; the limit is 40. Divide it into rooms by topic.",
    ]);
  });

  it("fails if there are no modules, instead of passing", () => {
    expect(shapeViolations(new Map())).toEqual(["There are no modules to check: the rule reads the wrong folder."]);
  });

  it("measures only production code", () => {
    const graph = graphOf({
      "src-core/areas/runs/a.ts": "//\n".repeat(10),
      "src-core/areas/runs/a.test.ts": "//\n".repeat(900),
    });
    expect(sizesOf(graph)).toEqual({ files: 1, median: 10, ninetiethPercentile: 10, largest: 10 });
    expect(shapeViolations(graph)).toEqual([]);
  });

  it("refuses long files, barrels and empty names", () => {
    const graph = graphOf({
      "src-core/areas/runs/long.ts": "//\n".repeat(401),
      "src-core/areas/runs/a.ts": "//\n",
      "src-core/areas/runs/b.ts": "//\n",
      "src-core/areas/runs/index.ts": 'export * from "./a.ts";\n',
      "src-core/areas/runs/run-manager.ts": "//\n",
      "src-core/areas/runs/runManager.ts": "//\n",
    });
    const found = shapeViolations(graph).join("\n");
    expect(found).toContain("src-core/areas/runs/long.ts has 401 lines");
    expect(found).toContain("src-core/areas/runs/index.ts is a barrel");
    expect(found).toContain("src-core/areas/runs/run-manager.ts has manager in its name");
    expect(found).toContain("src-core/areas/runs/runManager.ts isn't in kebab-case");
  });
});

it("finds this repository's modules", () => {
  expect(readGraph(appRoot).size).toBeGreaterThan(100);
});

it("a face's client reaches no package and no module of Node when it runs", () => {
  const graph = readGraph(appRoot);
  const open = ["src-core/rpc/client.ts", "src-core/rpc/transports/web-socket.ts", "src-core/rpc/transports/port.ts"];
  const seen = new Set(open);
  const packages: string[] = [];
  for (let file = open.pop(); file !== undefined; file = open.pop())
    for (const { specifier, target, isTypeOnly } of graph.get(file)?.imports ?? []) {
      if (isTypeOnly || seen.has(target ?? "")) continue;
      if (target === undefined) packages.push(`${file}: ${specifier}`);
      else open.push([...seen.add(target)].at(-1) ?? "");
    }
  expect(packages).toEqual([]);
  expect(seen.size).toBeGreaterThan(8);
});

describe("who calls DuckDB's readers", () => {
  it("is one file, which reads every file as it is written", () => {
    const graph = graphOf({
      "src-core/foundation/duck/read-sql.ts": "export const sql = `read_parquet('a.parquet')`;",
      "src-core/areas/splits/side.ts": "export const sql = `FROM read_parquet('a.parquet')`;",
      "src-core/areas/splits/side.test.ts": "export const sql = `FROM read_csv('a.csv')`;",
      "src-core/areas/splits/words.ts": 'export const words = ["read_text", "read_csv"];',
    });
    expect(tableReaderViolations(roots.at(-1) ?? "", graph)).toEqual([
      "src-core/areas/splits/side.ts calls read_parquet(…): use src-core/foundation/duck/read-sql.ts.",
    ]);
    expect(tableReaderViolations(appRoot, readGraph(appRoot))).toEqual([]);
  });
});
