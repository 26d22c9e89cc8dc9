import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admitted } from "../../../../test/support/tried-init.ts";
import { AppError } from "../../../contract/errors.ts";
import { projectsOperations } from "../../../contract/projects.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { proveProject } from "../../../wiring/prove-project.ts";
import { loadProject } from "../../configs/project.ts";
import { resolveConfigs } from "../../configs/resolve.ts";
import { initDvc } from "../../versioning/init-dvc.ts";
import { drawId } from "../draw-id.ts";
import { type InitRequest, type InitResult, initProject } from "./init.ts";

let folder: string;
const temporary = process.env.TMPDIR;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-init-reading-"));
});
afterEach(() => {
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  rmSync(folder, { recursive: true, force: true });
});

function init(input: Omit<InitRequest, "dir"> & { readonly dir?: string }): Promise<InitResult> {
  const parsed = projectsOperations["projects.init"].input.parse({ dir: "p", git: false, ...input });
  const env = { PATH: process.env.PATH, HOME: folder };
  const context = { signal: new AbortController().signal, report: () => {} };
  return initProject(parsed, { env, cwd: folder, initDvc, drawId, proveProject }, context);
}

const contractOf = (made: InitResult) => resolveConfigs({ project: loadProject(made.dir) }).dataContract.value;
const reasonFor = (made: InitResult, column: string) => made.leftOut.find((one) => one.column === column)?.reason;

function write(name: string, text: string): string {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
  return name;
}

async function parquet(name: string, select: string): Promise<string> {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
  try {
    await duck.run(`COPY (${select}) TO '${path.join(folder, name)}' (FORMAT parquet)`);
  } finally {
    duck.close();
  }
  return name;
}

const numbers = Array.from({ length: 300 }, (_, i) => i);
const lines = (row: (i: number) => string) => numbers.map((i) => `${row(i)}\n`).join("");

describe("a folder named key=value above the table, the project or the temporary folder", () => {
  it("changes no value and adds no column, in any format", async () => {
    process.env.TMPDIR = path.join(folder, "shop=s1/tmp");
    mkdirSync(process.env.TMPDIR, { recursive: true });
    const select = "SELECT 7 * i AS id, 's' || (i % 12) AS shop, sin(i * i) AS y FROM range(300) t(i)";
    const rows = lines((i) => `${7 * i},s${i % 12},${Math.sin(i * i)}`);
    const tables = [
      await parquet("shop=s1/month=3/a.parquet", select),
      write("shop=s1/month=3/a.csv", `id,shop,y\n${rows}`),
      write(
        "shop=s1/month=3/a.jsonl",
        lines((i) => `{"id":${7 * i},"shop":"s${i % 12}","y":${Math.sin(i * i)}}`),
      ),
    ];
    for (const [index, table] of tables.entries()) {
      const made = await init({ dir: `shop=s1/p${index}`, table, target: "y" });
      const { columns } = contractOf(made);
      expect(Object.keys(columns)).toEqual(["id", "shop", "y"]);
      expect(columns.shop?.allowed_values).toHaveLength(12);
    }
  });
});

describe("names that differ only in case, repeated and empty ones", () => {
  it("are a warning where the format keeps both", async () => {
    const made = await init({
      table: write("a.csv", `id,x,X,, y\n${lines((i) => `${i},a${i % 3},b${i % 4},c${i % 5},${Math.sin(i * i)}`)}`),
      target: "y",
    });
    expect(made.warnings).toEqual([
      "names of columns are read without the spaces around them: ` y`",
      "column 3, X, is read as X_1: x and X differ only in case, and names of columns ignore it",
      "column 4 is read as column4: it has no name",
    ]);
    expect(Object.keys(contractOf(made).columns)).toEqual(["id", "x", "X_1", "column4", "y"]);
  });

  it("are refused with both names where one would be lost", async () => {
    for (const table of [
      write(
        "a.jsonl",
        lines((i) => `{"id":${i},"${i < 150 ? "load" : "Load"}":${i % 5},"y":${i % 7}.5}`),
      ),
      write(
        "b.jsonl",
        lines((i) => `{"id":${i},"load":${i % 5},"Load":${i % 3},"y":${i % 7}.5}`),
      ),
    ]) {
      const error: unknown = await init({ table, target: "y" }).catch((it: unknown) => it);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({
        code: "projects/table-unreadable",
        message: expect.stringContaining("the keys load and Load"),
      });
    }
    const table = write(
      "c.jsonl",
      lines((i) => `{"id":${i},"s":{"a":1,"A":2},"y":${i % 7}.5}`),
    );
    await expect(init({ table, target: "y" })).rejects.toMatchObject({
      message: expect.stringContaining("s.a and s.A"),
    });
  });
});

describe("numbers of JSONL beyond 64 bits", () => {
  it("keep their digits as strings, as in CSV", async () => {
    const table = write(
      "a.jsonl",
      lines((i) => `{"mandate":123456789012345678${90_000 + i},"x":${i % 5},"y":${Math.sin(i * i)}}`),
    );
    const made = await init({ table, target: "y" });
    expect(contractOf(made)).toMatchObject({ primary_key: ["mandate"], columns: { mandate: { type: "string" } } });
  });

  it("are excluded with their count where numbers with a decimal point are among them", async () => {
    const table = write(
      "a.jsonl",
      lines(
        (i) =>
          `{"id":${i},"mandate":${i === 9 ? "1003.0" : `90071992547409${93 + (i % 7)}`},"x":${i % 5},"y":${Math.sin(i * i)}}`,
      ),
    );
    const made = await init({ table, target: "y" });
    expect(reasonFor(made, "mandate")).toMatch(
      /^299 values beyond 2\^53, beside numbers with a decimal point; write them as text/,
    );
    expect(contractOf(made)).toMatchObject({ strict_columns: false });
    await expect(init({ dir: "q", table, target: "y", key: ["mandate"] })).rejects.toMatchObject({
      message: expect.stringMatching(/`mandate` can't be part of the key: it has 299 values beyond 2\^53/),
    });
  });
});

describe("times and numbers that no contract type keeps", () => {
  it("are excluded with their count: times finer than a microsecond, in any format", async () => {
    const at = (i: number) => `2024-01-01T00:00:00.${100_000_000 + i}`;
    const rest = (i: number) => Math.sin(i * i);
    const tables = [
      write("a.csv", `id,x,at,y\n${lines((i) => `${i},${i % 5},${at(i)},${rest(i)}`)}`),
      write(
        "a.jsonl",
        lines((i) => `{"id":${i},"x":${i % 5},"at":"${at(i)}","y":${rest(i)}}`),
      ),
      await parquet(
        "a.parquet",
        "SELECT i AS id, i % 5 AS x, '2024-01-01T00:00:00.' || (100000000 + i) AS at, sin(i * i) AS y FROM range(300) t(i)",
      ),
      await parquet(
        "b.parquet",
        "SELECT i AS id, i % 5 AS x, ('2024-01-01T00:00:00.' || (100000000 + i))::TIMESTAMP_NS AS at, sin(i * i) AS y FROM range(300) t(i)",
      ),
    ];
    for (const [index, table] of tables.entries()) {
      const made = await init({ dir: `p${index}`, table, target: "y", key: ["id"] });
      expect(reasonFor(made, "at")).toBe(
        "299 values finer than a microsecond; round the times in the table to use them",
      );
      await expect(init({ dir: `q${index}`, table, target: "y", key: ["id"], time: "at" })).rejects.toMatchObject({
        message: expect.stringContaining("finer than a microsecond"),
      });
    }
  });

  it("are excluded with their count: decimal numbers beyond 2^53", async () => {
    const sum = "(90071992547409930.5 + i)::DECIMAL(20, 1)";
    const table = await parquet(
      "a.parquet",
      `SELECT i AS id, ${sum} AS sum, (i / 3.0)::DECIMAL(10, 2) AS price, sin(i * i) AS y FROM range(300) t(i)`,
    );
    const made = await init({ table, target: "y", key: ["id"] });
    expect(reasonFor(made, "sum")).toBe(
      "300 values beyond 2^53 (DECIMAL(20,1)); write them as text if they are identifiers, as DOUBLE if they are amounts",
    );
    expect(contractOf(made).columns).toMatchObject({ price: { type: "float" } });
  });
});

describe("the separator of a CSV table", () => {
  it.each([
    ["quoted commas in the header", '"Price, EUR";"Size, m2";id;y\n', []],
    [
      "a spreadsheet's line",
      "sep=;\nPrice;Size;id;y\n",
      ["line 1 is skipped: it names the separator for a spreadsheet"],
    ],
    [
      "comments",
      "# from x, at 10:00\n# second\nPrice;Size;id;y\n",
      ["lines 1 to 2 are skipped: comments before the header"],
    ],
  ])("is found beside %s", async (_, header, warnings) => {
    const table = write("a.csv", `${header}${lines((i) => `"1,${i % 9}";${i % 5};${i};${Math.sin(i * i)}`)}`);
    const made = await init({ table, target: "y" });
    expect(Object.keys(contractOf(made).columns)).toHaveLength(4);
    expect(made.warnings).toEqual(warnings);
    expect(made.rows).toBe(300);
  });
});

/** `row` as CSV, JSONL and Parquet, with `id` and `y`. */
async function inEachFormat(name: string, value: (i: number) => string): Promise<readonly string[]> {
  const y = (i: number) => Math.sin(i * i);
  const json = write(
    `${name}.jsonl`,
    lines((i) => `{"id":"k${i}","x":${JSON.stringify(value(i))},"y":${y(i)}}`),
  );
  return [
    write(`${name}.csv`, `id,x,y\n${lines((i) => `k${i},"${value(i)}",${y(i)}`)}`),
    json,
    await parquet(
      `${name}.parquet`,
      `FROM read_json('${path.join(folder, json)}', columns = {id: 'VARCHAR', x: 'VARCHAR', y: 'DOUBLE'})`,
    ),
  ];
}

describe("times as text", () => {
  const day = (i: number) => `2024-${String(1 + (i % 12)).padStart(2, "0")}-${String(1 + (i % 27)).padStart(2, "0")}`;

  it.each([
    ["minutes with an offset", (i: number) => `${day(i)}T07:${10 + (i % 50)}+02:00`],
    ["a decimal comma", (i: number) => `${day(i)}T07:${10 + (i % 50)}:00,5Z`],
    ["slashes", (i: number) => `${day(i).replaceAll("-", "/")} 7:${10 + (i % 50)}`],
  ])("are times in each format, also as --time: %s", async (_, value) => {
    for (const [index, table] of (await inEachFormat("t", value)).entries()) {
      const made = await init({ dir: `p${index}`, table, target: "y", time: "x" });
      expect(contractOf(made).columns.x?.type).toBe("timestamp");
      expect(made.warnings).toEqual(
        value(0).includes("+02")
          ? ["x is converted to UTC: its times have offsets; parts such as the hour are those of UTC"]
          : [],
      );
    }
  });

  it.each([
    [
      "names of zones",
      (i: number) => `${day(i)} 02:${10 + (i % 50)} Europe/Berlin`,
      /^times as text with the name of a zone \(`2024-.* Europe\/Berlin`\), whose hours are skipped or occur twice/,
    ],
    [
      "names of zones, with seconds",
      (i: number) => `${day(i)} 02:${10 + (i % 50)}:00 Europe/Berlin`,
      /^times as text with the name of a zone \(`2024-.* Europe\/Berlin`\), whose hours are skipped or occur twice/,
    ],
    [
      "halves of the day",
      (i: number) => `${day(i)} 02:${10 + (i % 50)}:00 PM`,
      /^times as text with AM and PM \(`2024-.* PM`\), which isn't read/,
    ],
    [
      "names of zones after the offset",
      (i: number) => `${day(i)}T02:${10 + (i % 50)}:00+02:00[Europe/Berlin]`,
      /^times as text with the name of a zone after the offset \(`2024-.*\[Europe\/Berlin\]`\), which isn't read/,
    ],
    [
      "words and years beyond four digits among them",
      (i: number) => ({ 7: "infinity", 8: "10000-01-01 00:00:00" })[i] ?? `${day(i)} 07:${10 + (i % 50)}:00`,
      /^times as text, 2 of which aren't read \(`10000-01-01 00:00:00`\)/,
    ],
    [
      "mail headers",
      (i: number) => `Mon, ${1 + (i % 28)} Mar 2021 00:${10 + (i % 50)}:00 GMT`,
      /^dates as text that don't begin with a year of four digits/,
    ],
    [
      "years of two digits",
      (i: number) => day(i).slice(2).split("-").reverse().join("/"),
      /^dates as text that don't begin with a year of four digits \(`27.*`\), so that day and month can be confused/,
    ],
    [
      "mixed offsets",
      (i: number) => `${day(i)} 07:${10 + (i % 50)}${i < 100 ? "Z" : ""}`,
      /^100 times with an offset and 200 without one, whose zone isn't known/,
    ],
    ["dots", (i: number) => day(i).replaceAll("-", "."), /^times as text in a form that isn't read \(`2024\./],
    [
      "some in another form",
      (i: number) => `${day(i)}${i < 9 ? " 7 h" : ""}`,
      /^times as text, 9 of which aren't read \(`2024-.* 7 h`\)/,
    ],
    [
      "the day first",
      (i: number) => day(i).split("-").reverse().join("."),
      /^dates as text that don't begin with a year of four digits \(`27.*`\), so that day and month can be confused/,
    ],
  ])("stay text with the true reason: %s", async (_, value, reason) => {
    for (const [index, table] of (await inEachFormat("t", value)).entries()) {
      const refused = init({ dir: `q${index}`, table, target: "y", time: "x", key: ["id"] });
      await expect(refused).rejects.toMatchObject({ code: "projects/invalid" });
      const error: unknown = await refused.catch((it: unknown) => it);
      expect(String(error).replace(/^.*`x` can't be used: it has /, "")).toMatch(reason);
    }
  });
});

describe("what a table may mean otherwise is said", () => {
  it("digits that no float holds", async () => {
    for (const [index, table] of (await inEachFormat("t", (i) => `0.1${"0".repeat(15)}${100 + i}`)).entries()) {
      const made = await init({ dir: `d${index}`, table, target: "y", key: ["id"] });
      expect(made.warnings).toEqual([
        "x is rounded: 297 values have more digits than a 64-bit float keeps (such as `0.1000000000000000101`)",
      ]);
    }
    // Sixteen digits may be too many already: of neighbours a thousandth apart, every second one is another's double.
    const amount = (i: number) => `8888888888888.${String(i).padStart(3, "0")}`;
    // Those that end in 0 have fifteen.
    const lost = Array.from({ length: 300 }, (_, i) => amount(i)).filter(
      (it) => !it.endsWith("0") && Number(it).toFixed(3) !== it,
    );
    for (const [index, table] of (await inEachFormat("a", amount)).entries()) {
      const made = await init({ dir: `da${index}`, table, target: "y", key: ["id"] });
      expect(made.warnings).toEqual([
        `x is rounded: ${lost.length} values have more digits than a 64-bit float keeps (such as \`${lost[0]}\`)`,
      ]);
    }
    const plain = write("t.csv", `id,x,y\n${lines((i) => `k${i},${(i + 0.5) / 7}0000,${Math.cos(i)}`)}`);
    expect((await init({ dir: "dp", table: plain, target: "y", key: ["id"] })).warnings).toEqual([]);
  });

  const number = (i: number) => `${100 + i},${10 + (i % 80)}`;

  it("thousands that read as fractions beside decimal commas", async () => {
    const rows = (own: (i: number) => string) => lines((i) => `k${i};${number(i)};${own(i)};${Math.sin(i * i)}`);
    const mean = async (own: (i: number) => string) => {
      const table = write("t.csv", `id;price;sum;y\n${rows(own)}`);
      return (await init({ table, target: "y", dir: `p${own(3)}` })).decisions.filter((it) =>
        it.choice.startsWith("sum"),
      );
    };
    expect(await mean((i) => `${100 + i}.${100 + i}`)).toEqual([
      {
        topic: "numbers as text",
        choice:
          "sum looks like numbers with separated thousands (399.399), as other columns have decimal commas: 300 values",
        reason: "each is a decimal fraction until they are written plainly (1234.5) where the table is made",
      },
    ]);
    expect(await mean((i) => `${100 + i}.${i % 10}`)).toEqual([]);
    // No thousands begin with a zero.
    expect(await mean((i) => `${i % 7}.${100 + i}`)).toEqual([]);
  });

  it.each([
    ["in parentheses", (i: number) => (i % 2 === 0 ? `(1,${100 + i}.00)` : `${i}.5`)],
    ["with the sign behind", (i: number) => `${i}.5-`],
    ["with underscores", (i: number) => `1_${100 + i}`],
    ["with Fortran's exponent", (i: number) => `1.${100 + i}D+03`],
  ])("numbers %s", async (_, value) => {
    for (const [index, table] of (await inEachFormat("t", value)).entries()) {
      // Nothing else is there to predict from.
      await expect(init({ dir: `p${index}`, table, target: "y", key: ["id"] })).rejects.toMatchObject({
        message: expect.stringContaining("x (numbers as text in a form that isn't plain (1234.5); convert them"),
      });
    }
  });

  it("values that differ only in case, spaces or the form of Unicode", async () => {
    const sites = ["south", "south ", "South", "Jos\u00e9", "Jose\u0301", "east"];
    for (const [index, table] of (await inEachFormat("t", (i) => sites[i % 6] ?? "")).entries()) {
      const made = await init({ dir: `p${index}`, table, target: "y", key: ["id"] });
      expect(made.decisions.filter(({ topic }) => topic === "similar values")).toEqual([
        {
          topic: "similar values",
          choice:
            'x has "Jose\u0301" and "Jos\u00e9", and 1 more, which differ only in case, spaces or the form of Unicode',
          reason: "each is a value of its own; write them alike in the table if they are one",
        },
      ]);
    }
  });

  it("truth values in several spellings are two classes, which a split takes as such", async () => {
    const words = ["Yes", "yes", "YES", "No", "no"];
    const table = write("t.csv", `id,x,y\n${lines((i) => `k${i},${Math.sin(i * i)},${words[i % 5]}`)}`);
    const made = await init({ table, target: "y" });
    expect(contractOf(made).columns.y?.type).toBe("bool");
    expect(made.warnings).toEqual(["y has two values: `No`, `YES`, `Yes`, `no`, `yes` are spellings of yes and no"]);
    expect(await admitted(made)).toBe(300);
  });

  it("values of several types in one JSON key", async () => {
    const kinds = ["true", '"true"', "1", '"yes"'];
    const table = write(
      "t.jsonl",
      lines((i) => `{"id":"k${i}","x":${kinds[i % 4]},"z":${i % 7},"y":${Math.sin(i * i)}}`),
    );
    const made = await init({ table, target: "y" });
    expect(made.warnings).toEqual(["x is read as text: it has 150 strings, 75 numbers, 75 truth values"]);
  });

  it("a last row that may sum up the others", async () => {
    const table = write("t.csv", `shop,x,y\n${lines((i) => `s${i},${i % 7},${Math.sin(i * i)}`)}Total,9,1\n`);
    expect((await init({ table, target: "y" })).warnings).toEqual([
      "the last row begins with `Total`: if it sums up the others, delete it: it is a row like any other",
    ]);
  });
});

describe("a file that can't be read says why", () => {
  const rows = lines((i) => `{"id":"k${i}","x":${i % 7},"y":${Math.sin(i * i)}}`);
  const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");

  it.each([
    ["a value among objects", `${rows}3\n${rows}null\n`, /row 301: `3` isn't a JSON object.*\(and 1 more\)/],
    ["null for a row", `${rows}null\n`, /row 301: `null` isn't a JSON object/],
    ["nothing", "", /has no row/],
    ["a byte order mark", `\uFEFF${rows}`, /byte order mark/],
    ["one large array", `[\n${rows.trim().replaceAll("\n", ",\n")}\n]\n`, /only the beginning of a JSON value/],
    ["objects over several lines", rows.replaceAll(",", ",\n"), /only the beginning of a JSON value/],
  ])("JSONL: %s", async (_, text, message) => {
    await expect(init({ table: write("t.jsonl", text), target: "y" })).rejects.toMatchObject({
      code: "projects/table-unreadable",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/jq|sed/),
    });
  });

  it("UTF-16", async () => {
    for (const [name, text] of [
      ["t.jsonl", rows],
      ["t.csv", `id,y\n1,2\n`],
    ] as const) {
      writeFileSync(path.join(folder, name), utf16(text));
      await expect(init({ table: name, target: "y" })).rejects.toMatchObject({
        message: expect.stringContaining("text in UTF-16"),
        hint: expect.stringContaining("iconv -f UTF-16"),
      });
    }
  });

  it("a gzip file that is cut off, damaged, padded or none", async () => {
    const plain = `id,x,y\n${lines((i) => `k${i},${i % 7},${Math.sin(i * i)}`)}`;
    const packed = gzipSync(plain);
    const flipped = Buffer.from(packed);
    flipped[packed.length - 6] = (flipped[packed.length - 6] ?? 0) ^ 1;
    const cases: readonly (readonly [string, Buffer, RegExp])[] = [
      ["half.csv.gz", packed.subarray(0, packed.length / 2), /is a gzip file that is cut off/],
      ["trailer.csv.gz", packed.subarray(0, -8), /is a gzip file that is cut off/],
      ["half.jsonl.gz", gzipSync(rows).subarray(0, 900), /is a gzip file that is cut off/],
      ["flipped.csv.gz", flipped, /is a damaged gzip file/],
      ["padded.csv.gz", Buffer.concat([packed, Buffer.alloc(512)]), /bytes after the end of its gzip data/],
      ["plain.csv.gz", Buffer.from(plain), /is not a gzip file/],
      ["packed.csv", packed, /is a gzip file, not text in UTF-8/],
      ["zipped.csv", Buffer.from("PK\u0003\u0004 and more"), /is a zip file or a workbook/],
      ["lines.csv", Buffer.from(rows), /line 1: a JSON object/],
    ];
    for (const [name, bytes, message] of cases) {
      writeFileSync(path.join(folder, name), bytes);
      await expect(init({ table: name, target: "y" })).rejects.toMatchObject({
        code: "projects/table-unreadable",
        message: expect.stringMatching(message),
      });
    }
    // Two members in one file are one table.
    const half = plain.length / 2;
    const members = [plain.slice(0, half), plain.slice(half)].map((part) => gzipSync(part));
    writeFileSync(path.join(folder, "members.csv.gz"), Buffer.concat(members));
    expect((await init({ table: "members.csv.gz", target: "y" })).rows).toBe(300);
  });

  it("without leaving a folder that it made for the project", async () => {
    await expect(init({ dir: "none/deep", table: "nope.csv", target: "y" })).rejects.toMatchObject({
      code: "files/not-found",
    });
    expect(existsSync(path.join(folder, "none"))).toBe(false);
  });

  it("a name with a line break that isn't the file's own", async () => {
    const table = (end: string, inside: string) =>
      write(
        "t.csv",
        `id,"net${inside}price",y${end}${lines((i) => `k${i},${i % 7},${Math.sin(i * i)}`).replaceAll("\n", end)}`,
      );
    for (const [end, inside] of [
      ["\r\n", "\n"],
      ["\n", "\r\n"],
      ["\n", "\r"],
    ] as const) {
      await expect(init({ table: table(end, inside), target: "y" })).rejects.toMatchObject({
        message: expect.stringContaining('line break in the name of the column "net'),
      });
    }
    expect(Object.keys(contractOf(await init({ table: table("\r\n", "\r\n"), target: "y" })).columns)).toContain(
      "net\r\nprice",
    );
  });
});

it("numbers of JSONL that a float doesn't hold are left out with their count", async () => {
  const table = write(
    "t.jsonl",
    lines(
      (i) =>
        `{"id":"k${i}","huge":${i < 3 ? "1e400" : `${i}.5`},"tiny":${i < 2 ? "3e-400" : `${i % 5}.5`},"zero":${i % 3 === 0 ? "0.0" : `${i}.5`},"y":${Math.sin(i * i)}}`,
    ),
  );
  const made = await init({ table, target: "y" });
  expect(reasonFor(made, "huge")).toBe(
    "3 values beyond what a 64-bit float holds (it would become infinite); correct them, or write them as null",
  );
  expect(reasonFor(made, "tiny")).toBe(
    "2 values beyond what a 64-bit float holds (it would become 0); correct them, or write them as null",
  );
  expect(contractOf(made).columns.zero?.type).toBe("float");
});
