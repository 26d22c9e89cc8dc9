import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edit, editLines, expectRefusal, type Lab, openLab, type Refusal } from "../support/bad-input.ts";
import { cli } from "../support/cli.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";

let server: TestServer;
let lab: Lab;
beforeAll(async () => {
  server = await startTestServer();
  lab = await openLab(server.uri);
});
afterAll(async () => {
  lab?.close();
  await server?.close();
});

/** Changes the fields of one line, in the order of the table's columns. */
const withFields = (line: string, change: (fields: string[]) => void): string => {
  const fields = line.split(",");
  change(fields);
  return fields.join(",");
};
const [order, shop, , amount, , , , minutes] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const inLines = (numbers: readonly number[], field: number, value: string) => (project: string) =>
  editLines(project, (line, number) =>
    numbers.includes(number) ? withFields(line, (fields) => (fields[field] = value)) : line,
  );
const inEveryRow = (field: number, value: string) => (project: string) =>
  editLines(project, (line, number) => (number === 1 ? line : withFields(line, (fields) => (fields[field] = value))));

const broken = {
  code: "splits/contract-violated",
  exit: 4,
  next: /Correct the table.*new version of the data contract/s,
} as const;
const ofContract = /breaks configs\/data_contracts\/v1\.yaml/;

const cases: readonly (readonly [name: string, prepare: (project: string) => void, refusal: Refusal])[] = [
  [
    "without the target's column",
    (project) => editLines(project, (line, number) => (number === 1 ? line.replace("minutes", "minuten") : line)),
    { ...broken, says: [ofContract, "minutes: the column is missing, 1500 rows", "minuten: the column is not in"] },
  ],
  [
    "with nulls in the target",
    inLines([5, 9], minutes, ""),
    { ...broken, says: [ofContract, /minutes: non_nullable, 2 rows.*order_id=3 \(row 4\).*order_id=7 \(row 8\)/s] },
  ],
  [
    "with one value of the target",
    inEveryRow(minutes, "30"),
    { ...broken, says: [ofContract, "minutes: the target is constant (30.0), 1500 rows"] },
  ],
  [
    "with a key twice",
    inLines([3], order, "0"),
    { ...broken, says: [ofContract, /order_id: the primary key has duplicates, 2 rows.*order_id=0: 2 rows/s] },
  ],
  [
    "with nulls in the key",
    inLines([7, 9], order, ""),
    { ...broken, says: [ofContract, /order_id: non_nullable, 2 rows.*row 6/s, "the primary key has nulls, 2 rows"] },
  ],
  [
    "with a row without its group",
    inLines([7], shop, ""),
    { ...broken, says: [ofContract, /shop: non_nullable, 1 row .*order_id=5 \(row 6\)/s] },
  ],
  [
    "with text where a number belongs",
    inLines([7], amount, "a lot"),
    { ...broken, says: [ofContract, /amount: not a value of type float, 1 row .*order_id=5 \(row 6\): a lot/s] },
  ],
  [
    "with a value outside the range",
    inLines([7], amount, "99999"),
    { ...broken, says: [ofContract, /amount: above max 200, 1 row .*order_id=5 \(row 6\)/s] },
  ],
  [
    "whose reference test would be empty",
    inEveryRow(shop, "shop-01"),
    { code: "splits/empty-side", exit: 4, says: ["configs/splits/v1.yaml would be empty"], next: "new split version" },
  ],
  [
    "with a broken row",
    (project) => editLines(project, (line, number) => (number === 20 ? `${line},1,2` : line)),
    {
      code: "splits/master-unreadable",
      exit: 5,
      says: ["data/master.csv, line 20: a broken CSV row"],
      next: "Correct that line",
    },
  ],
  [
    "with a quote that is never closed",
    (project) => editLines(project, (line, number) => (number === 20 ? line.replace("shop-", '"shop-') : line)),
    { code: "splits/master-unreadable", exit: 5, says: [/data\/master\.csv, line \d+: /], next: "Correct that line" },
  ],
  [
    "that is not UTF-8",
    (project) => {
      const file = path.join(project, "data", "master.csv");
      const text = readFileSync(file, "utf8").replace("shop-", "sh\u00f6p-");
      writeFileSync(file, Buffer.from(text, "latin1"));
    },
    {
      code: "splits/master-unreadable",
      exit: 5,
      says: [/data\/master\.csv, line \d+: text that is not UTF-8/],
      next: /iconv -f LATIN1 -t UTF-8/,
    },
  ],
  [
    "that doesn't exist",
    (project) => rmSync(path.join(project, "data", "master.csv")),
    {
      code: "splits/master-missing",
      exit: 3,
      says: ["data/master.csv doesn't exist"],
      next: "signalbox data status",
    },
  ],
];

describe("a wrong table is refused with the place, the reason and the next step: one", () => {
  it.each(cases)("%s", async (_, prepare, refusal) => {
    const project = lab.copy();
    prepare(project);
    await expectRefusal(lab, { project, args: ["run"], refusal });
  });

  it("leaves an MLflow run that failed in the reported stage, for the reported reason", async () => {
    const project = lab.copy();
    inEveryRow(minutes, "30")(project);
    await cli(["run"], { cwd: project, env: lab.env });
    const { stdout } = await cli(["runs", "list", "--json"], { cwd: project, env: lab.env });
    const { runs } = JSON.parse(stdout) as {
      readonly runs: readonly { readonly runId: string; readonly status: string; readonly stage: string }[];
    };
    expect(runs).toMatchObject([{ status: "FAILED", stage: "split" }]);
    const answer = await fetch(`${server.uri}/api/2.0/mlflow/runs/get?run_id=${runs[0]?.runId}`);
    expect(await answer.json()).toMatchObject({ run: { info: { status: "FAILED" } } });
  });
});

describe("a Parquet master table that was cut off", () => {
  it("is refused as damaged, with the file and how to get it back", async () => {
    const file = path.join(lab.folder, "orders.parquet");
    const duck = await DuckDBInstance.create(":memory:");
    const connection = await duck.connect();
    await connection.run(`COPY (FROM '${path.join(lab.folder, "orders.csv")}') TO '${file}'`);
    connection.closeSync();
    duck.closeSync();
    const project = path.join(lab.folder, "parquet");
    const options = ["--table", file, "--target", "minutes", "--group", "shop"];
    expect((await cli(["init", project, ...options], { cwd: lab.folder, env: lab.env })).code).toBe(0);
    const master = path.join(project, "data", "master.parquet");
    const handle = openSync(master, "r+");
    ftruncateSync(handle, Math.floor(statSync(master).size / 2));
    closeSync(handle);
    const refusal: Refusal = {
      code: "splits/master-unreadable",
      exit: 5,
      says: ["data/master.parquet: a truncated or damaged Parquet file"],
      next: "signalbox data status",
    };
    await expectRefusal(lab, { project, args: ["run"], refusal });
  });
});

describe("a frozen version", () => {
  it("is refused after an edit, with the digests and the next free version", { timeout: 120_000 }, async () => {
    const project = lab.copy();
    expect((await cli(["run"], { cwd: project, env: lab.env })).code).toBe(0);
    edit(project, "configs/models/v1.yaml", "max_iter: 200", "max_iter: 100");
    await expectRefusal(lab, {
      project,
      args: ["run"],
      refusal: {
        code: "configs/version-changed",
        exit: 4,
        says: [/^configs\/models\/v1\.yaml was changed after a run used it: its sha256 is [0-9a-f]+…/],
        next: "configs/models/v2.yaml",
      },
    });
  });

  it("keeps a group on one side: a moved group that is in the frozen reference test stops the run", {
    timeout: 240_000,
  }, async () => {
    const project = lab.copy();
    const split = path.join(project, "configs", "splits", "v1.yaml");
    const geographic = (groups: string) => `version: 1
rules: 2
strategy: geographic
salt: orders/v1
group: [shop]
test_groups: [${groups}]
closed_period: { column: ordered_at, from: "2024-01-01", to: "2030-01-01" }
`;
    writeFileSync(split, geographic("shop-03, shop-04, shop-05"));
    expect((await cli(["run"], { cwd: project, env: lab.env })).code).toBe(0);
    // The same version with other groups, unfrozen by hand, on a table of later orders.
    writeFileSync(split, geographic("shop-03"));
    const frozenFile = path.join(project, "configs", "frozen.json");
    const frozen = JSON.parse(readFileSync(frozenFile, "utf8")) as { configs: { split?: unknown } };
    delete frozen.configs.split;
    writeFileSync(frozenFile, JSON.stringify(frozen));
    rmSync(path.join(project, ".signalbox"), { recursive: true, maxRetries: 10, retryDelay: 200 });
    editLines(project, (line, number) =>
      number === 1
        ? line
        : withFields(line, (fields) => {
            fields[order] = String(Number(fields[order]) + 100_000);
            fields[amount] = (Number(fields[amount]) * 0.97).toFixed(4);
          }),
    );
    await expectRefusal(lab, {
      project,
      args: ["run"],
      refusal: {
        code: "splits/group-straddles",
        exit: 4,
        says: [/group_overlap: \d+ \(rows of the reference test whose group is in the train set too/],
        next: "configs/splits/v1.yaml",
      },
    });
  });
});

describe("init", () => {
  const init = async (text: string | Buffer, options: readonly string[], name = "new.csv") => {
    const file = path.join(lab.folder, name);
    writeFileSync(file, text);
    const project = path.join(lab.folder, "refused");
    const result = await cli(["init", project, "--table", file, ...options], { cwd: lab.folder, env: lab.env });
    expect(execFileSync("ls", ["-A", lab.folder], { encoding: "utf8" })).not.toMatch(/refused|tmp/);
    return result;
  };
  const rows = (row: (i: number) => string) => Array.from({ length: 200 }, (_, i) => row(i)).join("\n");

  const refused: readonly (readonly [
    name: string,
    text: string | Buffer,
    options: readonly string[],
    expected: Expected,
  ])[] = [
    [
      "a target that the table doesn't have",
      `id,a,price\n${rows((i) => `${i},${i % 7},${i / 3}`)}`,
      ["--target", "prize"],
      {
        exit: 2,
        code: "projects/invalid",
        says: [/the column `prize`/, /did you mean `price`/, /Columns: id, a, price/],
      },
    ],
    [
      "a target without a value",
      `id,a,y\n${rows((i) => `${i},${i % 7},`)}`,
      ["--target", "y"],
      { exit: 2, code: "projects/invalid", says: [/`y`.*is null in every row/s, /Choose another target/] },
    ],
    [
      "a target of one value",
      `id,a,y\n${rows((i) => `${i},${i % 7},5`)}`,
      ["--target", "y"],
      { exit: 2, code: "projects/invalid", says: [/has one value in every row/, /choose a target that varies/] },
    ],
    [
      "a target of numbers with a decimal comma",
      `id;a;y\n${rows((i) => `${i};${i % 7};${i},5`)}`,
      ["--target", "y"],
      { exit: 4, code: "projects/undecided", says: [/decimal comma/, /plain numbers \(1234\.5\)/] },
    ],
    [
      "whole numbers that may be classes",
      `id,a,y\n${rows((i) => `${i},${i % 7},${i % 4}`)}`,
      ["--target", "y"],
      {
        exit: 4,
        code: "projects/undecided",
        says: [/amounts, or names of classes/, /--task regression or --task multiclass/],
      },
    ],
    [
      "a key with nulls",
      `id,a,y\n${rows((i) => `${i === 3 ? "" : i},${i % 7},${i / 3}`)}`,
      ["--target", "y", "--key", "id"],
      {
        exit: 2,
        code: "projects/invalid",
        says: [/`id` can't be part of the key: 1 row has no value/, /Fill or drop/],
      },
    ],
    [
      "a key with duplicates",
      `id,a,y\n${rows((i) => `${i === 3 ? 2 : i},${i % 7},${i / 3}`)}`,
      ["--target", "y", "--key", "id"],
      { exit: 4, code: "projects/undecided", says: [/2 is in 2 rows/, /--key A,B,C/] },
    ],
    [
      "a group with the character that separates key parts",
      `id,g,h,y\n${rows((i) => `${i},${i === 7 ? "a\u001fb" : `g${i % 40}`},h${i % 30},${i / 3}`)}`,
      ["--target", "y", "--group", "g,h"],
      {
        exit: 4,
        code: "projects/undecided",
        says: [/g has the character U\+001F in 1 row,/, /choose another --group/],
      },
    ],
    [
      "a broken row",
      `id,a,y\n${rows((i) => (i === 150 ? `${i},9` : `${i},${i % 7},${i / 3}`))}`,
      ["--target", "y"],
      {
        exit: 5,
        code: "projects/table-unreadable",
        says: [/new\.csv, line 152: a broken CSV row/, /Correct that line/],
      },
    ],
    [
      "a header that is not UTF-8",
      Buffer.from(`id,gr\xf6sse,y\n${rows((i) => `${i},${i % 7},${i / 3}`)}`, "latin1"),
      ["--target", "y"],
      { exit: 5, code: "projects/table-unreadable", says: [/line 1: text that is not UTF-8/, /iconv/] },
    ],
    [
      "UTF-16",
      Buffer.from(`\uFEFFid,a,y\n${rows((i) => `${i},${i % 7},${i / 3}`)}`, "utf16le"),
      ["--target", "y"],
      { exit: 5, code: "projects/table-unreadable", says: [/is text in UTF-16, not text in UTF-8/, /iconv -f UTF-16/] },
    ],
    [
      "no text at all",
      "",
      ["--target", "y"],
      { exit: 5, code: "projects/table-unreadable", says: [/line 1/, /names its columns/] },
    ],
    ["no rows", "id,a,y\n", ["--target", "y"], { exit: 2, code: "projects/invalid", says: [/has no rows/] }],
  ];
  interface Expected {
    readonly exit: number;
    readonly code: string;
    readonly says: readonly RegExp[];
  }
  it.each(refused)("refuses %s, and creates no folder", async (_, text, options, expected) => {
    const result = await init(text, options);
    expect({ code: /^code +(\S+)/m.exec(result.stderr)?.[1], exit: result.code }).toEqual({
      code: expected.code,
      exit: expected.exit,
    });
    const shown = result.stderr.replaceAll(/\n {4,}/g, " ");
    for (const says of expected.says) expect(shown).toMatch(says);
    expect(shown).toMatch(/^next/m);
  });

  it.each([
    [
      "a line that isn't JSON, with its number",
      `${rows((i) => (i === 150 ? '{"id":' : JSON.stringify({ id: i, y: i / 3 })))}\n`,
      /line 151: a line that is only the beginning of a JSON value/,
    ],
    [
      "one large array",
      JSON.stringify([
        { id: 1, y: 2 },
        { id: 2, y: 3 },
      ]),
      /row 1: .*isn't a JSON object.*jq -c/s,
    ],
  ])("refuses JSONL with %s", async (_, text, says) => {
    const result = await init(text, ["--target", "y"], "new.jsonl");
    expect(result.code).toBe(5);
    expect(result.stderr.replaceAll(/\n {4,}/g, " ")).toMatch(says);
  });
});
