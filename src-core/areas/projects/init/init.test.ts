import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nothingFrozen } from "../../../../test/support/split-project.ts";
import { testPlace } from "../../../../test/support/test-place.ts";
import type { ResolvedConfigs } from "../../../contract/configs/resolved.ts";
import { AppError } from "../../../contract/errors.ts";
import { projectsOperations } from "../../../contract/projects.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { proveProject } from "../../../wiring/prove-project.ts";
import { loadProject } from "../../configs/project.ts";
import { resolveConfigs } from "../../configs/resolve.ts";
import { trySplit } from "../../splits/try-split.ts";
import { initDvc } from "../../versioning/init-dvc.ts";
import { drawId } from "../draw-id.ts";
import { type InitRequest, type InitResult, initProject } from "./init.ts";

let folder: string;
let env: Record<string, string | undefined>;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-init-"));
  env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: path.join(folder, "gitconfig"),
  };
  writeFileSync(path.join(folder, "gitconfig"), "[user]\n  name = A Person\n  email = a@example.org\n");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function init(input: InitRequest, make: typeof initDvc = initDvc): Promise<InitResult> {
  const parsed = projectsOperations["projects.init"].input.parse(input);
  const context = { signal: new AbortController().signal, report: () => {} };
  return initProject(parsed, { env, cwd: folder, initDvc: make, drawId, proveProject }, context);
}

async function failure(input: InitRequest): Promise<AppError> {
  try {
    await init(input);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Nothing unfinished stays, neither under the project's name nor beside it.
    expect(existsSync(path.join(folder, input.dir, "signalbox.yaml"))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes("signalbox-tmp"))).toEqual([]);
    return error;
  }
  throw new Error("a project was made");
}

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

/** A table of what the SQL selects, in the format of the name's extension. */
async function parquet(name: string, select: string): Promise<string> {
  const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
  try {
    const format = name.endsWith("csv") ? "csv, HEADER" : name.endsWith("jsonl") ? "json" : "parquet";
    await duck.run(`COPY (${select}) TO '${path.join(folder, name)}' (FORMAT ${format})`);
  } finally {
    duck.close();
  }
  return name;
}

/** A CSV of `rows` rows made by a function of the row's number. */
function csv(name: string, header: string, row: (index: number) => readonly unknown[], rows = 400): string {
  const lines = Array.from({ length: rows }, (_, index) => row(index).join(","));
  return write(name, `${header}\n${lines.join("\n")}\n`);
}

/** A number in [0, 1) that looks random and never changes. */
function noise(index: number): number {
  const x = Math.sin(index * 12.9898 + 4.1414) * 43_758.5453;
  return x - Math.floor(x);
}

function configsOf(result: InitResult): ResolvedConfigs {
  return resolveConfigs({ project: loadProject(result.dir) });
}

/** Rows that a run would use: the whole split is made from the copied table, with its contract and leakage checks. */
async function admitted(result: InitResult): Promise<number> {
  const project = loadProject(result.dir);
  const where = { place: testPlace(), node: process.execPath };
  const signal = new AbortController().signal;
  const context = { project, configs: configsOf(result), signal, report: () => {}, ...where };
  const manifest = await trySplit(nothingFrozen, context);
  return manifest.train.rows + manifest.reference.rows;
}

const reasonFor = (result: InitResult, column: string) => result.leftOut.find((one) => one.column === column)?.reason;

describe.each(["csv", "jsonl", "parquet"])("a column whose name holds a comma, in %s", (format) => {
  async function table(): Promise<string> {
    const name = `visits.${format}`;
    await parquet(
      name,
      `SELECT 'v' || i AS "Visit, no", 'c' || (i % 40) AS "Clinic, ward", 'k' || (i % 3) AS "Clinic", i % 5 AS ward,
         TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS "Day, hour", hash(i) % 1000 / 7.0 AS y FROM range(400) t(i)`,
    );
    return name;
  }

  it("is taken as the key, group, time and target by that name", async () => {
    const given = { key: ["Visit, no"], group: ["Clinic, ward"], time: "Day, hour", target: "y" };
    const result = await init({ dir: "p", table: await table(), ...given });
    const { dataContract, split } = configsOf(result);
    expect(dataContract.value.primary_key).toEqual(["Visit, no"]);
    expect(split.value).toMatchObject({ group: ["Clinic, ward"], column: "Day, hour" });
  });

  it("is taken among others in one value, and two columns are taken where nothing is called so", async () => {
    const both = await init({ dir: "p", table: await table(), target: "y", key: ["Visit, no,Clinic"] });
    expect(configsOf(both).dataContract.value.primary_key).toEqual(["Visit, no", "Clinic"]);
    const apart = await init({ dir: "q", table: await table(), target: "y", group: ["Clinic,ward"] });
    expect(configsOf(apart).split.value).toMatchObject({ group: ["Clinic", "ward"] });
  });
});

describe.each(["csv", "jsonl", "parquet"])("a table in which no column identifies a row, in %s", (format) => {
  const measured =
    "round(sin(i * 12.9), 2) AS a, round(cos(i * 3.7), 3) AS b, i % 4 AS c, ['u', 'v', 'w'][i % 3 + 1] AS kind";

  it("starts with a digest of its values as the key, and says what that means", async () => {
    // One row is repeated, as in the irises.
    const twice = "(SELECT CASE i WHEN 149 THEN 17 ELSE i END AS i FROM range(150) t(i))";
    await parquet(`t.${format}`, `SELECT ${measured} FROM ${twice}`);
    const result = await init({ dir: "p", table: `t.${format}`, target: "kind" });
    const { dataContract, feature } = configsOf(result);
    expect(dataContract.value.primary_key).toEqual({ digest_of: ["a", "b", "c"] });
    expect(dataContract.value.deduplication).toBeUndefined();
    expect(feature.value.numeric.flatMap(({ columns }) => columns)).toEqual(["a", "b", "c"]);
    const key = result.decisions.find(({ topic }) => topic === "key");
    expect(key?.choice).toBe("a digest of the values in 3 columns");
    expect(key?.reason).toMatch(
      /a corrected value makes a new row; 1 row repeats another one in them, and stays on its side/,
    );
    expect(await admitted(result)).toBe(150);
  });

  it("starts so with a row counter beside it, which is no part of the digest", async () => {
    await parquet(`t.${format}`, `SELECT i AS "Unnamed: 0", ${measured} FROM range(300) t(i) ORDER BY i`);
    const result = await init({ dir: "p", table: `t.${format}`, target: "kind" });
    expect(configsOf(result).dataContract.value.primary_key).toEqual({ digest_of: ["a", "b", "c"] });
    expect(await admitted(result)).toBe(300);
  });

  it("has both sides even where most rows are equal in all that is known of them", async () => {
    await parquet(`t.${format}`, "SELECT i % 4 AS a, i % 3 AS b, 'k' || i % 2 AS c, sin(i) AS y FROM range(600) t(i)");
    const result = await init({ dir: "p", table: `t.${format}`, target: "y" });
    expect(configsOf(result).dataContract.value.primary_key).toEqual({ digest_of: ["a", "b", "c"] });
    expect(await admitted(result)).toBe(600);
  });
});

describe.each(["csv", "jsonl", "parquet"])("a row counter, in %s", (format) => {
  const rows = "FROM range(300) t(i)";
  const measured = "round(sin(i * 12.9), 6) AS a, round(cos(i * 3.7), 6) AS b, sin(i * 5.1) AS y";

  it.each(["Unnamed: 0", "index", "rownames", "__index_level_0__", "...1", "row_number"])(
    "called %s isn't the key, where a text names the row",
    async (counter) => {
      await parquet(`t.${format}`, `SELECT i AS "${counter}", 'n' || (i * 7919) % 1000 AS name, ${measured} ${rows}`);
      const result = await init({ dir: "p", table: `t.${format}`, target: "y" });
      const { dataContract, feature } = configsOf(result);
      expect(dataContract.value.primary_key).toEqual(["name"]);
      expect(dataContract.value.columns[counter]).toMatchObject({ type: "int", row_counter: true });
      expect(dataContract.value.columns[counter]?.max).toBeUndefined();
      expect(feature.value.numeric.flatMap(({ columns }) => columns)).toEqual(["a", "b"]);
      expect(reasonFor(result, counter)).toContain("a row counter");
      expect(result.decisions).toContainEqual(expect.objectContaining({ topic: "row counter", choice: counter }));
      expect(await admitted(result)).toBe(300);
    },
  );

  it("is the key if it is named as such, with the warning", async () => {
    await parquet(`t.${format}`, `SELECT i + 1 AS index, 'n' || (i * 7919) % 1000 AS name, ${measured} ${rows}`);
    const result = await init({ dir: "p", table: `t.${format}`, target: "y", key: ["index"] });
    expect(configsOf(result).dataContract.value.primary_key).toEqual(["index"]);
    expect(configsOf(result).dataContract.value.columns.index?.row_counter).toBeUndefined();
    const key = result.decisions.find(({ topic }) => topic === "key");
    expect(key?.reason).toContain("a row must keep its number when the table is written again");
  });

  it("is found with gaps, and where it starts again", async () => {
    const gaps = 'SELECT i * 3 + i // 7 AS index, (i % 100) + 5 AS "Unnamed: 0"';
    await parquet(`t.${format}`, `${gaps}, 'n' || (i * 7919) % 1000 AS name, ${measured} ${rows}`);
    const result = await init({ dir: "p", table: `t.${format}`, target: "y" });
    expect(configsOf(result).dataContract.value.primary_key).toEqual(["name"]);
    expect(result.decisions).toContainEqual(
      expect.objectContaining({ topic: "row counter", choice: "index, Unnamed: 0" }),
    );
    expect(await admitted(result)).toBe(300);
  });

  it("hides neither that whole rows repeat nor that the numbers aren't in the file's order", async () => {
    const repeated = `SELECT i AS index, 'n' || i % 150 AS name, round(sin(i % 150), 6) AS a, cos(i % 150) AS y ${rows}`;
    await parquet(`t.${format}`, repeated);
    const result = await init({ dir: "p", table: `t.${format}`, target: "y" });
    expect(configsOf(result).dataContract.value).toMatchObject({ primary_key: ["name"], deduplication: "whole_rows" });
    expect(await admitted(result)).toBe(150);
    await parquet(`u.${format}`, `SELECT (i * 7) % 300 AS index, 'n' || i % 150 AS name, ${measured} ${rows}`);
    const shuffled = await init({ dir: "q", table: `u.${format}`, target: "y" });
    expect(configsOf(shuffled).dataContract.value.primary_key).toEqual(["index"]);
  });
});

describe("an unprepared table becomes a project that resolves and admits its rows", () => {
  it("CSV with mixed nulls, spaces and letters beyond ASCII in names, dates as strings, yes and no", async () => {
    const nulls = ["1.5", "2.25", "NA", "", "null", "3", "n/a"];
    csv("ugly.csv", "Row Id,Größe in m²,ist aktiv?,Datum,preis", (i) => [
      i + 1,
      nulls[i % nulls.length],
      i % 3 === 0 ? "yes" : "no",
      `2024-0${(i % 9) + 1}-1${i % 9}`,
      (noise(i) * 100).toFixed(2),
    ]);
    const result = await init({ dir: "shop", table: "ugly.csv", target: "preis" });
    const { dataContract, feature } = configsOf(result);
    expect(dataContract.value.primary_key).toEqual(["Row Id"]);
    expect(dataContract.value.columns["Größe in m²"]).toMatchObject({ type: "float", non_nullable: false });
    expect(dataContract.value.columns["ist aktiv?"]).toMatchObject({ type: "bool" });
    expect(dataContract.value.columns.Datum).toMatchObject({ type: "timestamp" });
    expect(feature.value.numeric).toEqual([{ columns: ["Größe in m²"], impute: "median" }]);
    expect(feature.value.datetime[0]).toMatchObject({ columns: ["Datum"], parts: ["month", "weekday"] });
    expect(await admitted(result)).toBe(400);
  });

  it("CSV with sixty columns of numbers, within a split's own memory limit", async () => {
    const names = Array.from({ length: 60 }, (_, column) => `c${column}`);
    csv("wide.csv", `id,${names.join(",")},y`, (i) => [
      i,
      ...names.map((_, column) => noise(i * 101 + column).toFixed(3)),
      noise(i).toFixed(4),
    ]);
    expect(await admitted(await init({ dir: "p", table: "wide.csv", target: "y" }))).toBe(400);
  });

  it("CSV into a project in the system's temporary folder itself", async () => {
    const dir = path.join(os.tmpdir(), `${path.basename(folder)}-project`);
    try {
      writeFileSync(
        path.join(folder, "plain.csv"),
        `id,a,y\n${Array.from({ length: 200 }, (_, i) => `${i},${i % 5},${i % 7}`).join("\n")}\n`,
      );
      await init({ dir, table: "plain.csv", target: "y", task: "regression" });
      expect(existsSync(path.join(dir, "signalbox.yaml"))).toBe(true);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it("CSV with a NUL inside a string, which doesn't end an SQL statement", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i},${i % 3 === 0 ? "re\0d" : "blue"},${(i * 37) % 101}.5`);
    write("nul.csv", `id,colour,y\n${rows.join("\n")}\n`);
    const result = await init({ dir: "p", table: "nul.csv", target: "y" });
    expect(await admitted(result)).toBe(300);
  });

  it("CSV with codes that begin with zeros, which stay strings", async () => {
    csv("codes.csv", "id,zip,y", (i) => [i, `0${1000 + (i % 5)}`, noise(i)]);
    const result = await init({ dir: "p", table: "codes.csv", target: "y" });
    expect(configsOf(result).dataContract.value.columns.zip).toMatchObject({
      type: "string",
      allowed_values: ["01000", "01001", "01002", "01003", "01004"],
    });
  });

  it("CSV with semicolons, a byte-order mark and Windows line ends", async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `${i};a${i % 3};${noise(i).toFixed(4)}`);
    write("excel.csv", `\uFEFFid;kind;y\r\n${lines.join("\r\n")}\r\n`);
    const result = await init({ dir: "p", table: "excel.csv", target: "y" });
    expect(Object.keys(configsOf(result).dataContract.value.columns)).toEqual(["id", "kind", "y"]);
    expect(await admitted(result)).toBe(200);
  });

  it("CSV with free text, a category of many values, and strings that are nearly all different", async () => {
    csv("texts.csv", "id,review,city,token,y", (i) => [
      i,
      `"the food was ${["good", "bad", "fine"][i % 3]} and the ${i} waiters, were kind"`,
      `city${i % 40}`,
      `t${Math.floor(noise(i) * 1e9)}`,
      noise(i),
    ]);
    const result = await init({ dir: "p", table: "texts.csv", target: "y" });
    const { value } = configsOf(result).feature;
    expect(value.text.map(({ column }) => column)).toEqual(["review"]);
    expect(value.categorical).toEqual([{ columns: ["city"], encode: "target" }]);
    expect(reasonFor(result, "token")).toContain("identifier");
  });

  it("CSV with texts in a script without spaces, which are texts and no identifiers", async () => {
    const letters = [..."春夏秋冬山川風雨雪花鳥月日星空海島町村道"];
    const text = (i: number) =>
      Array.from({ length: 12 }, (_, k) => letters[(i * 7 + k * (i % 11) + k) % letters.length]).join("");
    const lines = Array.from({ length: 200 }, (_, i) => `${i},${text(i)}${i},${noise(i).toFixed(4)}`);
    write("texts.csv", `id,comment,y\n${lines.join("\n")}\n`);
    const result = await init({ dir: "p", table: "texts.csv", target: "y" });
    expect(configsOf(result).feature.value.text.map(({ column }) => column)).toEqual(["comment"]);
  });

  it("CSV with a missing target, which proposes to exclude those rows", async () => {
    csv("holes.csv", "id,a,y", (i) => [i, noise(i), i % 4 === 0 ? "NA" : noise(i + 7)]);
    const result = await init({ dir: "p", table: "holes.csv", target: "y" });
    const { exclude } = configsOf(result).dataContract.value;
    expect(exclude).toMatchObject([{ name: "target_missing", sql: '"y" IS NULL OR NOT isfinite("y")' }]);
    expect(await admitted(result)).toBe(300);
  });

  it("CSV with repeated whole rows, of which one each is kept", async () => {
    csv("twice.csv", "id,a,y", (i) => [i % 200, noise(i % 200), noise((i % 200) + 7)]);
    const result = await init({ dir: "p", table: "twice.csv", target: "y" });
    expect(configsOf(result).dataContract.value.deduplication).toBe("whole_rows");
    expect(await admitted(result)).toBe(200);
    // In the next delivery, a key has two versions: neither is chosen.
    const row = (i: number) => [i, noise(i), noise(i + 7)].join(",");
    const lines = Array.from({ length: 200 }, (_, i) => row(i));
    write("p/data/master.csv", `id,a,y\n${[...lines, ...lines, "17,0.5,0.5"].join("\n")}\n`);
    await expect(admitted(result)).rejects.toMatchObject({
      code: "splits/contract-violated",
      message: expect.stringContaining("id: the primary key has duplicates, 2 rows – id=17: 2 rows"),
    });
  });

  it("JSONL with missing keys, nested values and dates", async () => {
    const rows = Array.from({ length: 200 }, (_, i) =>
      JSON.stringify({
        user: `u${i}`,
        at: `2024-01-01T0${i % 9}:30:00Z`,
        ...(i % 3 ? { score: i / 7 } : {}),
        tags: ["a"],
        geo: { lat: i },
        y: noise(i) > 0.5,
      }),
    );
    write("events.jsonl", `${rows.join("\n")}\n`);
    const result = await init({ dir: "p", table: "events.jsonl", target: "y" });
    const project = loadProject(result.dir).config;
    expect(project).toMatchObject({ task: "binary", positive_class: true, master: "data/master.jsonl" });
    expect(reasonFor(result, "tags")).toContain("a list");
    expect(reasonFor(result, "geo")).toContain("a struct");
    expect(await admitted(result)).toBe(200);
  });

  it("Parquet with every kind of number, NaN, infinities, and types that no contract has", async () => {
    await parquet(
      "types.parquet",
      `SELECT i::UINTEGER AS id, (i % 7)::TINYINT AS small, i::HUGEINT * 10 AS huge, (i / 3.0)::DECIMAL(10, 2) AS price,
         CASE WHEN i % 5 = 0 THEN 'nan'::DOUBLE ELSE sin(i) END AS holes, CASE WHEN i = 3 THEN 'inf'::DOUBLE ELSE cos(i) END AS big,
         DATE '2024-01-01' + (i % 300)::INT AS day, TIME '10:00:00' AS clock, 'x'::BLOB AS bytes, sin(i * i) AS y FROM range(300) t(i)`,
    );
    const result = await init({ dir: "p", table: "types.parquet", target: "y", key: ["id"] });
    const { dataContract, feature } = configsOf(result);
    expect(dataContract.value.strict_columns).toBe(false);
    expect(dataContract.value.columns.holes).toMatchObject({ type: "float", non_nullable: false });
    expect(dataContract.value.columns.day).toMatchObject({ type: "timestamp" });
    expect(reasonFor(result, "big")).toContain("1 infinite value");
    expect(reasonFor(result, "clock")).toContain("TIME");
    expect(feature.value.numeric[0]?.columns).toContain("holes");
    expect(await admitted(result)).toBe(300);
  });

  it("Parquet with numbers beyond 2^53, as hashes and sums have them", async () => {
    await parquet(
      "huge.parquet",
      `SELECT i AS id, (hash(i) % 9000000000000000000)::BIGINT AS h, (9007199254740993 + i % 2)::BIGINT AS few, 1e300 * sin(i) AS astronomic,
         1000000 + sin(i) / 1e6 AS narrow, cos(i * i) AS y FROM range(300) t(i)`,
    );
    const result = await init({ dir: "p", table: "huge.parquet", target: "y" });
    const { columns } = configsOf(result).dataContract.value;
    expect(columns.h?.max).toBeUndefined();
    expect(columns.narrow).toMatchObject({ min: expect.any(Number), max: expect.any(Number) });
    expect(await admitted(result)).toBe(300);
  });

  it("numbers beyond 64 bits: strings keep every digit, and a Parquet column is excluded with the next step", async () => {
    csv("long.csv", "account,amount,y", (i) => [10n ** 23n + BigInt(i), noise(i).toFixed(4), noise(i + 5).toFixed(3)]);
    const texts = await init({ dir: "long", table: "long.csv", target: "y" });
    expect(configsOf(texts).dataContract.value).toMatchObject({
      primary_key: ["account"],
      columns: { account: { type: "string" } },
    });
    expect(await admitted(texts)).toBe(400);

    const huge = "18446744073709551000::UBIGINT + (i % 400)::UBIGINT AS code";
    const small = "(7 * i)::UBIGINT AS small, i AS id, (i % 97) / 7.0 AS y";
    await parquet("huge.parquet", `SELECT ${huge}, ${small} FROM range(400) t(i)`);
    const result = await init({ dir: "huge", table: "huge.parquet", target: "y", key: ["id"] });
    const why = /^400 values beyond 64 bits \(UBIGINT\); write them as text if/;
    expect(reasonFor(result, "code")).toMatch(why);
    expect(configsOf(result).dataContract.value.columns).toMatchObject({ small: { type: "int" } });
    expect(await admitted(result)).toBe(400);
    expect((await failure({ dir: "key", table: "huge.parquet", target: "y", key: ["code"] })).message).toMatch(
      /`code` can't be part of the key: it has 400 values beyond 64 bits/,
    );
    expect((await failure({ dir: "target", table: "huge.parquet", target: "code" })).message).toMatch(/beyond 64 bits/);
    await parquet(
      "only.parquet",
      "SELECT 18446744073709551000::UBIGINT + i::UBIGINT AS id, (i % 97) / 7.0 AS y, i % 5 AS x FROM range(400) t(i)",
    );
    const only = await init({ dir: "only", table: "only.parquet", target: "y" });
    expect(only.decisions.find(({ topic }) => topic === "key")?.reason).toMatch(
      /`id` can't be used: 400 values beyond 64 bits/,
    );
    expect(await admitted(only)).toBe(400);
  });

  it("times finer than a microsecond are excluded with the next step, others of that type are used", async () => {
    const times =
      "make_timestamp_ns(i * 1000000000000 + i % 2) AS fine, make_timestamp_ns(i * 1000000000000) AS coarse";
    await parquet("fine.parquet", `SELECT i AS id, ${times}, (i % 97) / 7.0 AS y FROM range(400) t(i)`);
    const result = await init({ dir: "fine", table: "fine.parquet", target: "y" });
    expect(reasonFor(result, "fine")).toBe(
      "200 values finer than a microsecond; round the times in the table to use them",
    );
    expect(configsOf(result).dataContract.value.columns).toMatchObject({ coarse: { type: "timestamp" } });
    expect(await admitted(result)).toBe(400);
  });

  it("a group and a time that some rows don't have: those rows are excluded, and the rest is admitted", async () => {
    csv("gaps.csv", "id,shop,day,x,y", (i) => [
      i,
      i % 10 === 0 ? "" : `shop ${i % 30}`,
      i % 15 === 0 ? "" : `2024-0${1 + (i % 9)}-1${i % 7}`,
      noise(i).toFixed(4),
      noise(i + 9).toFixed(3),
    ]);
    const byGroup = await init({ dir: "by-group", table: "gaps.csv", target: "y", group: ["shop"] });
    expect(await admitted(byGroup)).toBe(360);
    const byBoth = await init({ dir: "by-both", table: "gaps.csv", target: "y", group: ["shop"], time: "day" });
    expect(configsOf(byBoth).dataContract.value.exclude.map(({ name }) => name)).toEqual(["no_side_1", "no_side_2"]);
    const byTime = await init({ dir: "by-time", table: "gaps.csv", target: "y", time: "day" });
    expect(await admitted(byTime)).toBe(373);
  });

  it("Parquet with dates and numbers stored as strings", async () => {
    await parquet(
      "texts.parquet",
      `SELECT 'k' || i AS k, strftime(DATE '2024-01-01' + i::INT, '%Y-%m-%d') AS day, (i * 1.5)::VARCHAR AS amount,
         strftime(DATE '2024-01-01' + i::INT, '%d.%m.%Y') AS german, sin(i * i) AS y FROM range(300) t(i)`,
    );
    const result = await init({ dir: "p", table: "texts.parquet", target: "y", time: "day" });
    const { dataContract, split } = configsOf(result);
    expect(dataContract.value.columns.day?.type).toBe("timestamp");
    expect(dataContract.value.columns.amount?.type).toBe("float");
    expect(reasonFor(result, "german")).toMatch(/^dates as text that don't begin with a year of four digits \(`/);
    expect(split.value).toMatchObject({ strategy: "temporal", column: "day", cutoff: "2024-08-27" });
    expect(await admitted(result)).toBe(300);
  });

  it("a table with columns of hostile names", async () => {
    const names = [
      "id",
      "true",
      "null",
      "a: b",
      "# c",
      "[d]",
      "{e}",
      "'f'",
      '""g""',
      "h\\n",
      "*i",
      "12",
      "- j",
      "%k",
      "@l",
      "!m",
    ];
    const header = names.map((name) => `"${name}"`).join(",");
    csv(
      "names.csv",
      `${header},y`,
      (i) => [...names.map((_, at) => (at === 0 ? i : noise(i * 31 + at))), noise(i)],
      120,
    );
    const result = await init({ dir: "p", table: "names.csv", target: "y" });
    const contract = configsOf(result).dataContract.value;
    expect(Object.keys(contract.columns)).toHaveLength(names.length + 1);
    expect(Object.keys(contract.columns)).toEqual(expect.arrayContaining(["a: b", "# c", '"g"', "12", "true"]));
    expect(await admitted(result)).toBe(120);
  });

  it("a table of few columns with few values, where equal rows on both sides are inevitable", async () => {
    csv("coarse.csv", "id,colour,size,y", (i) => [i, ["red", "blue"][i % 2], i % 4, i % 3 === 0 ? "yes" : "no"]);
    const result = await init({ dir: "p", table: "coarse.csv", target: "y" });
    expect(configsOf(result).split.value.accept).toEqual(["duplicates"]);
    expect(await admitted(result)).toBe(400);
    expect(result.decisions).toContainEqual(expect.objectContaining({ topic: "duplicates", choice: "accepted" }));
  });

  it("a table of groups over time", async () => {
    csv(
      "panel.csv",
      "shop,day,slot,a,y",
      (i) => [
        `s${i % 40}`,
        `2024-${String((i % 12) + 1).padStart(2, "0")}-${String((Math.floor(i / 12) % 28) + 1).padStart(2, "0")}`,
        i % 50,
        noise(i),
        noise(i + 3),
      ],
      2_000,
    );
    const result = await init({
      dir: "p",
      table: "panel.csv",
      target: "y",
      group: ["shop"],
      time: "day",
      key: ["shop,day,slot"],
    });
    const { split, feature, dataContract } = configsOf(result);
    expect(split.value).toMatchObject({
      strategy: "group_temporal",
      group: ["shop"],
      test_basis_points: 2_000,
      column: "day",
    });
    expect(dataContract.value.primary_key).toEqual(["shop", "day", "slot"]);
    expect(reasonFor(result, "shop")).toContain("group");
    expect(feature.value.numeric[0]?.columns).toEqual(["slot", "a"]);
    expect(await admitted(result)).toBeGreaterThan(500);
  });

  it("CSV with classes of which some are NA or ?, which are excluded and not learned if they mean no value", async () => {
    csv("nulls.csv", "id,a,y", (i) => [i, noise(i), ["low", "NA", "high", "?", "mid"][i % 5]]);
    const result = await init({ dir: "p", table: "nulls.csv", target: "y", targetMarkers: "missing" });
    const { value } = configsOf(result).dataContract;
    expect(value.exclude).toMatchObject([
      { sql: '"y" IS NULL', reason: expect.stringContaining("160 rows have no value") },
    ]);
    expect(value.columns.y?.missing).toEqual(["?", "NA"]);
    expect(value.columns.y?.allowed_values).toEqual(["high", "low", "mid"]);
    expect(await admitted(result)).toBe(240);
  });

  it("a table of classes is split by them, unless one has a single row", async () => {
    csv("classes.csv", "id,a,y", (i) => [i, noise(i), ["low", "mid", "high"][i % 3]]);
    const even = await init({ dir: "even", table: "classes.csv", target: "y" });
    expect(loadProject(even.dir).config.task).toBe("multiclass");
    expect(configsOf(even).split.value).toMatchObject({ strategy: "stratified_hash", strata: ["y"] });
    expect(configsOf(even).dataContract.value.columns.y?.allowed_values).toEqual(["high", "low", "mid"]);
    csv("rare.csv", "id,a,y", (i) => [i, noise(i), i < 1 ? "rare" : ["low", "high"][i % 2]]);
    const rare = await init({ dir: "rare", table: "rare.csv", target: "y" });
    expect(configsOf(rare).split.value).toMatchObject({ strategy: "stratified_hash", strata: [] });
  });
});

it("classes with few rows are listed among the decisions", async () => {
  csv("rare.csv", "id,x,kind", (i) => [i, noise(i).toFixed(4), i === 7 ? "fraud" : i % 2 === 0 ? "fine" : "odd"]);
  const result = await init({ dir: "rare", table: "rare.csv", target: "kind" });
  expect(result.decisions.find(({ topic }) => topic === "rare classes")).toMatchObject({ choice: "fraud (1 row)" });
  csv("even.csv", "id,x,kind", (i) => [i, noise(i).toFixed(4), i % 2 === 0 ? "fine" : "odd"]);
  const even = await init({ dir: "even", table: "even.csv", target: "kind" });
  expect(even.decisions.map(({ topic }) => topic)).not.toContain("rare classes");
});

describe("what looks like the target's consequence is excluded", () => {
  it("a copy in another unit, a function of it, a reason given only for one outcome; an honest predictor stays", async () => {
    csv("leaks.csv", "id,cents,log,honest,y", (i) => {
      const y = noise(i) * 1_000 + 1;
      return [i, Math.round(y * 100), Math.log(y), y + noise(i + 9) * 800, y];
    });
    const result = await init({ dir: "p", table: "leaks.csv", target: "y" });
    expect(reasonFor(result, "cents")).toContain("target's consequence");
    expect(reasonFor(result, "log")).toContain("target's consequence");
    expect(reasonFor(result, "honest")).toBeUndefined();
    const contract = configsOf(result).dataContract.value;
    expect(contract.columns.cents?.known).toBe("after");
    expect(contract.columns.honest?.known).toBe("before");
    expect(readFileSync(path.join(result.dir, "configs/features/v1.yaml"), "utf8")).toContain("#   cents: looks like");

    csv("churn.csv", "id,reason,age,y", (i) => [
      i,
      noise(i) < 0.3 ? ["price", "moved"][i % 2] : "",
      Math.floor(noise(i + 5) * 60),
      noise(i) < 0.3 ? 1 : 0,
    ]);
    const churn = await init({ dir: "q", table: "churn.csv", target: "y" });
    expect(reasonFor(churn, "reason")).toContain("target's consequence");
    expect(reasonFor(churn, "age")).toBeUndefined();
    expect(await admitted(churn)).toBe(400);
  });

  it("constants and empty columns", async () => {
    csv("dull.csv", "id,same,none,a,y", (i) => [i, "x", "", noise(i), noise(i + 1)]);
    const result = await init({ dir: "p", table: "dull.csv", target: "y" });
    expect(reasonFor(result, "same")).toContain("constant");
    expect(reasonFor(result, "none")).toContain("no value");
  });
});

describe("if only the user can decide, the decision is named", () => {
  it("nothing in the table identifies a row", async () => {
    const rows = Array.from({ length: 90 }, (_, i) => JSON.stringify({ tags: [i % 3], y: i % 7 }));
    write("nokey.jsonl", `${rows.join("\n")}\n`);
    const error = await failure({ dir: "p", table: "nokey.jsonl", target: "y", task: "regression" });
    expect(error.code).toBe("projects/undecided");
    expect(error.message).toContain("Which columns identify a row of nokey.jsonl?");
    expect(error.message).toContain("there is no column that a digest could be made of");
    expect(error.hint).toContain("--key");
  });

  it("the named key has duplicates", async () => {
    csv("dup.csv", "id,a,y", (i) => [Math.floor(i / 2), noise(i), noise(i + 1)]);
    const error = await failure({ dir: "p", table: "dup.csv", target: "y", key: ["id"] });
    expect(error.code).toBe("projects/undecided");
    expect(error.message).toContain("400 rows have 200 different keys; 0 is in 2 rows");
  });

  it("a few whole numbers could be amounts or classes", async () => {
    csv("quality.csv", "id,a,quality", (i) => [i, noise(i), (i % 6) + 3]);
    const error = await failure({ dir: "p", table: "quality.csv", target: "quality" });
    expect(error.code).toBe("projects/undecided");
    expect(error.hint).toContain("--task regression or --task multiclass");
    const result = await init({ dir: "p", table: "quality.csv", target: "quality", task: "regression" });
    expect(loadProject(result.dir).config.task).toBe("regression");
  });

  it("no hint suggests a task that is refused for the same target", async () => {
    csv("odd.csv", "id,name,kind,y", (i) => [i, `n ${i}`, `k${i % 3}`, noise(i).toFixed(3)]);
    const refusedOf = async (target: string, task: "regression" | "binary" | "multiclass") =>
      await failure({ dir: "odd", table: "odd.csv", target, task });
    for (const task of ["regression", "binary", "multiclass"] as const)
      expect((await refusedOf("name", task)).hint).toMatch(/^No task fits/);
    expect((await failure({ dir: "odd", table: "odd.csv", target: "name" })).hint).toMatch(/^No task fits/);
    expect((await refusedOf("kind", "binary")).hint).toBe("Use --task multiclass, or another target.");
    expect((await refusedOf("kind", "regression")).hint).toBe("Use --task multiclass, or another target.");
    expect((await refusedOf("y", "multiclass")).hint).toBe("Use --task regression, or another target.");
  });

  it("equal rows on both sides may be one observation recorded twice", async () => {
    for (const [pairs, isAsked] of [
      [1, false],
      [100, true],
    ] as const) {
      const twin = (i: number) => (i < pairs ? i + 200 : i);
      csv(`pairs${pairs}.csv`, "id,a,b,y", (i) => [i, noise(twin(i)), noise(twin(i) + 1), noise(twin(i) + 2)]);
      const outcomes: unknown[] = [];
      for (let index = 0; index < 6; index++) {
        const asked = { dir: `p${pairs}-${index}`, table: `pairs${pairs}.csv`, target: "y", key: ["id"] };
        try {
          const made = await init({ ...asked, git: false });
          if (index < 2) expect(await admitted(made)).toBe(400);
          outcomes.push("made");
        } catch (error) {
          outcomes.push(error instanceof AppError ? error.message : error);
        }
      }
      expect(new Set(outcomes).size).toBe(1);
      expect(outcomes[0] !== "made").toBe(isAsked);
    }
    csv("repeats.csv", "id,a,b,y", (i) => [i, noise(i % 200), noise((i % 200) + 1), noise((i % 200) + 2)]);
    const error = await failure({ dir: "p", table: "repeats.csv", target: "y", key: ["id"] });
    expect(error.code).toBe("projects/undecided");
    expect(error.hint).toContain("--accept-duplicates");
    const result = await init({ dir: "p", table: "repeats.csv", target: "y", key: ["id"], acceptDuplicates: true });
    expect(configsOf(result).split.value.accept).toEqual(["duplicates"]);
  });

  it("nothing is left to predict from", async () => {
    csv("bare.csv", "id,y", (i) => [i, noise(i)]);
    const error = await failure({ dir: "p", table: "bare.csv", target: "y" });
    expect(error.code).toBe("projects/undecided");
    expect(error.message).toContain("id (the key");
  });
});

describe("a table or request that can't be used is refused with its place and the next step", () => {
  const good = () =>
    csv("good.csv", "id,colour,when,y", (i) => [i, ["red", "blue"][i % 2], `${(i % 28) + 1}/1/2024`, noise(i)]);

  it.each([
    [
      "a missing target",
      { target: "colr" },
      "projects/invalid",
      "doesn't have the column `colr` — did you mean `colour`?",
    ],
    [
      "a missing key column",
      { target: "y", key: ["idd"] },
      "projects/invalid",
      "--key: good.csv doesn't have the column `idd` — did you mean `id`?",
    ],
    ["the target as key", { target: "y", key: ["y"] }, "projects/invalid", "it is the target"],
    ["a time in an unclear form", { target: "y", time: "when" }, "projects/invalid", "day and month can be confused"],
    ["a group that is a fraction", { target: "id", group: ["y"] }, "projects/invalid", "it is a float"],
    ["a regression on texts", { target: "colour", task: "regression" as const }, "projects/invalid", "it is a string"],
  ])("%s", async (_, options, code, message) => {
    good();
    const error = await failure({ dir: "p", table: "good.csv", ...options });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  it("a target that is null everywhere, or constant", async () => {
    csv("flat.csv", "id,a,none,same,yes,one", (i) => [
      ...[i, noise(i), "NA", 7],
      ...[i % 2 === 0 ? "yes" : "Yes", i % 2 === 0 ? 1 : "NaN"],
    ]);
    expect((await failure({ dir: "p", table: "flat.csv", target: "yes" })).message).toMatch(
      /one value in every row: each is read as true/,
    );
    expect(await failure({ dir: "p", table: "flat.csv", target: "one" })).toMatchObject({
      message: expect.stringMatching(
        /one value in every row, apart from `NaN` \(\d+ rows\), which is read as no value/,
      ),
      hint: expect.stringContaining("--target-markers class"),
    });
    expect((await failure({ dir: "p", table: "flat.csv", target: "none" })).message).toContain("null in every row");
    expect((await failure({ dir: "p", table: "flat.csv", target: "same" })).message).toContain(
      "one value in every row",
    );
  });

  it("a truncated Parquet file", async () => {
    await parquet("whole.parquet", "SELECT i AS id, sin(i) AS a, cos(i * i) AS y FROM range(5000) t(i)");
    const bytes = readFileSync(path.join(folder, "whole.parquet"));
    write("cut.parquet", bytes.subarray(0, bytes.length - 100));
    const error = await failure({ dir: "p", table: "cut.parquet", target: "y" });
    expect(error.code).toBe("projects/table-unreadable");
    expect(error.message).toContain("cut.parquet");
  });

  it.each([
    ["Windows' line ends but for one", "\r\n", "\n"],
    ["Unix' line ends but for one", "\n", "\r\n"],
  ])("a CSV with %s", async (_, most, one) => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i},${i % 3},${(i * 37) % 101}.5`);
    write("mixed.csv", `id,a,y${most}${rows.slice(1).join(most)}${most}${rows[0]}${one}`);
    const error = await failure({ dir: "p", table: "mixed.csv", target: "y" });
    expect(error).toMatchObject({ code: "projects/table-unreadable", hint: expect.stringContaining("line end") });
    expect(error.message).not.toMatch(/strict|sample_size/);
  });

  it("a CSV with a broken row, by its line", async () => {
    write(
      "broken.csv",
      `id,a,y\n${Array.from({ length: 50 }, (_, i) => (i === 20 ? "20,1,2,3,4" : `${i},${i},${noise(i)}`)).join("\n")}\n`,
    );
    const error = await failure({ dir: "p", table: "broken.csv", target: "y" });
    expect(error.code).toBe("projects/table-unreadable");
    expect(error.details).toMatchObject({ line: 22 });
  });

  it("text that isn't UTF-8", async () => {
    write("latin.csv", Buffer.from("id,stadt,y\n1,K\xf6ln,2\n2,Bonn,3\n", "latin1"));
    const error = await failure({ dir: "p", table: "latin.csv", target: "y" });
    expect(error.code).toBe("projects/table-unreadable");
    expect(error.message).toContain("not UTF-8");
    expect(error.hint).toContain("iconv");
  });

  it("a line that isn't JSON, an empty table, a missing file, an unknown kind of file", async () => {
    write("bad.jsonl", '{"id": 1, "y": 2}\n{"id": 2, "y": \n');
    expect((await failure({ dir: "p", table: "bad.jsonl", target: "y" })).code).toBe("projects/table-unreadable");
    write("empty.csv", "id,y\n");
    expect((await failure({ dir: "p", table: "empty.csv", target: "y" })).message).toContain("has no rows");
    expect((await failure({ dir: "p", table: "nowhere.csv", target: "y" })).code).toBe("files/not-found");
    write("table.xlsx", "x");
    expect((await failure({ dir: "p", table: "table.xlsx", target: "y" })).code).toBe("projects/table-unreadable");
  });

  it("fewer rows than a split, two folds and a comparison need, with the number and why", async () => {
    const rows = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ id: i, x: noise(i), shop: `s${i % 3}`, y: noise(i + 50) }));
    for (const n of [1, 3, 9]) {
      write(
        "few.csv",
        `id,x,y\n${rows(n)
          .map(({ id, x, y }) => `${id},${x},${y}`)
          .join("\n")}\n`,
      );
      write(
        "few.jsonl",
        rows(n)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(""),
      );
      for (const table of ["few.csv", "few.jsonl"]) {
        const error = await failure({ dir: `p${n}`, table, target: "y", task: "regression" });
        expect(error.code).toBe("projects/invalid");
        expect(error.message).toBe(
          `${table} has ${n} usable row${n === 1 ? "" : "s"}, and a project needs at least 10.`,
        );
        expect(error.hint).toContain("a comparison needs 2 rows there");
      }
    }
    write(
      "ten.jsonl",
      rows(10)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(""),
    );
    const made = await init({ dir: "ten", table: "ten.jsonl", target: "y", key: ["id"], task: "regression" });
    expect(await admitted(made)).toBeGreaterThan(0);
    const grouped = { table: "ten.jsonl", target: "y", key: ["id"], task: "regression" as const, group: ["shop"] };
    const error = await failure({ dir: "grouped", ...grouped });
    expect(error.message).toMatch(
      /too few groups of shop .* it has 3, and 4 are the fewest, because a comparison needs 2/,
    );
  });

  it("a folder that isn't empty, an unknown sample, a request that names no source", async () => {
    good();
    mkdirSync(path.join(folder, "full"));
    writeFileSync(path.join(folder, "full", "notes.txt"), "mine");
    expect((await failure({ dir: "full", table: "good.csv", target: "y" })).code).toBe("projects/exists");
    expect(readdirSync(path.join(folder, "full"))).toEqual(["notes.txt"]);
    expect((await failure({ dir: "full/notes.txt", table: "good.csv", target: "y" })).message).toMatch(
      /notes\.txt is a file, not a folder/,
    );
    expect((await failure({ dir: "p", sample: "nothing" })).code).toBe("projects/invalid");
    expect((await failure({ dir: "p", table: "good.csv" })).message).toContain("--target is missing");
    expect((await failure({ dir: "p" })).message).toContain("Neither a table nor a sample");
  });
});

describe("a sample", () => {
  it("becomes a project that resolves, with its table left to data versioning", async () => {
    const result = await init({ dir: "demo", sample: "flights" });
    expect(configsOf(result).split.value.strategy).toBe("geographic");
    expect(existsSync(path.join(result.dir, "data/master.parquet"))).toBe(true);
    const tracked = spawnSync("git", ["-C", result.dir, "ls-files"], { encoding: "utf8", env }).stdout;
    expect(tracked).toContain("signalbox.yaml");
    expect(tracked).not.toContain("master.parquet");
  });
});

describe("the project's repository", () => {
  const git = (dir: string, ...args: string[]) =>
    spawnSync("git", ["-C", dir, ...args], { encoding: "utf8", env }).stdout.trim();
  const table = () => csv("t.csv", "id,a,y", (i) => [i, noise(i), noise(i + 1)]);

  it("is its own, committed without the table, which is versioned as data", async () => {
    table();
    const result = await init({ dir: "p", table: "t.csv", target: "y" });
    expect(result.git).toMatchObject({ mode: "own repository", note: "committed" });
    expect(git(result.dir, "status", "--porcelain")).toBe("");
    const tracked = git(result.dir, "ls-files").split("\n");
    expect(tracked).toEqual(
      expect.arrayContaining([".dvc/config", ".gitignore", "configs/splits/v1.yaml", "signalbox.yaml"]),
    );
    expect(tracked).not.toContain("data/master.csv");
    expect(readFileSync(path.join(result.dir, "data/.gitignore"), "utf8")).toBe("/master.csv\n");
  });

  it("is staged and reported if git doesn't know the user", async () => {
    table();
    writeFileSync(path.join(folder, "gitconfig"), "");
    const result = await init({ dir: "p", table: "t.csv", target: "y" });
    expect(result.git.commit).toBeNull();
    expect(result.git.note).toContain("git config --global user.name");
    expect(git(result.dir, "diff", "--cached", "--name-only")).toContain("signalbox.yaml");
  });

  it("is the one around it, and other staged work stays staged", async () => {
    spawnSync("git", ["-C", folder, "init", "--quiet"], { env });
    table();
    spawnSync("git", ["-C", folder, "add", "t.csv"], { env });
    const result = await init({ dir: "inner/p", table: "t.csv", target: "y" });
    expect(result.git.mode).toBe("existing repository");
    expect(existsSync(path.join(result.dir, ".git"))).toBe(false);
    expect(existsSync(path.join(result.dir, ".dvc/config"))).toBe(true);
    expect(git(folder, "diff", "--cached", "--name-only")).toBe("t.csv");
    expect(git(folder, "show", "--name-only", "--format=")).not.toContain("t.csv");
  });

  it("is its own if the surrounding one ignores the folder", async () => {
    spawnSync("git", ["-C", folder, "init", "--quiet"], { env });
    writeFileSync(path.join(folder, ".gitignore"), "/p/\n");
    table();
    const result = await init({ dir: "p", table: "t.csv", target: "y" });
    expect(result.git.mode).toBe("own repository");
    expect(existsSync(path.join(result.dir, ".git"))).toBe(true);
  });

  it("leaves nothing if creating it fails, in a new folder and in an existing one", async () => {
    table();
    spawnSync("git", ["-C", folder, "init", "--quiet"], { env });
    mkdirSync(path.join(folder, "here"));
    for (const dir of ["p", "here"]) {
      const failing = init({ dir, table: "t.csv", target: "y" }, () => {
        throw new AppError({ code: "files/disk-full", message: "full" });
      });
      await expect(failing).rejects.toMatchObject({ code: "files/disk-full" });
    }
    expect(existsSync(path.join(folder, "p"))).toBe(false);
    expect(readdirSync(path.join(folder, "here"))).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.includes("tmp"))).toEqual([]);
  });

  it("is none with --no-git", async () => {
    table();
    const result = await init({ dir: "p", table: "t.csv", target: "y", git: false });
    expect(existsSync(path.join(result.dir, ".git"))).toBe(false);
    expect(readFileSync(path.join(result.dir, ".dvc/config"), "utf8")).toContain("no_scm = True");
  });

  it("is created in an empty folder, and in a new clone, that is already a shell's working folder", async () => {
    table();
    mkdirSync(path.join(folder, "here"));
    expect((await init({ dir: "here", table: "t.csv", target: "y" })).git.mode).toBe("own repository");
    mkdirSync(path.join(folder, "clone"));
    spawnSync("git", ["-C", path.join(folder, "clone"), "init", "--quiet"], { env });
    const clone = await init({ dir: "clone", table: "t.csv", target: "y" });
    expect(clone.git).toMatchObject({ mode: "existing repository", note: "committed" });
    expect(readdirSync(folder).filter((name) => name.includes("tmp"))).toEqual([]);
  });
});
