import { writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { mulberry } from "./small-table.ts";

/** A table as a raw export. */
export interface UglyTable {
  readonly file: string;
  /** Writes it to a folder. */
  readonly write: (folder: string) => Promise<void> | void;
}

type Field = string | number | boolean | null;

/** Draws for one row: `pick` of a list, `normal` roughly standard normal. */
interface Draw {
  readonly row: number;
  readonly uniform: () => number;
  readonly normal: () => number;
  readonly pick: <T>(values: readonly [T, ...T[]]) => T;
}

function drawRows<T>(rows: number, make: (draw: Draw) => T, seed = 7): readonly T[] {
  const uniform = mulberry(seed);
  const pick = <V>(values: readonly [V, ...V[]]): V => values[Math.floor(uniform() * values.length)] ?? values[0];
  const normal = () => (uniform() + uniform() + uniform() - 1.5) * 2;
  return Array.from({ length: rows }, (_, row) => make({ row, uniform, normal, pick }));
}

const quoted = (value: Field): string => {
  const text = value === null ? "" : String(value);
  return /[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function csv(rows: readonly Readonly<Record<string, Field>>[], delimiter = ",", end = "\n"): string {
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => names.map((name) => row[name] ?? null))]
    .map((fields) => fields.map(quoted).join(delimiter))
    .concat("")
    .join(end);
}

const csvFile = (file: string, text: () => string | Buffer): UglyTable => ({
  file,
  write: (folder) => writeFileSync(path.join(folder, file), text()),
});

/** Written by SQL, with types that text files don't have. */
const parquetFile = (file: string, select: string): UglyTable => ({
  file,
  write: async (folder) => {
    const duck = await DuckDBInstance.create(":memory:");
    const connection = await duck.connect();
    await connection.run("SET threads = 1");
    await connection.run(`COPY (${select}) TO '${path.join(folder, file)}' (FORMAT parquet)`);
    connection.closeSync();
    duck.closeSync();
  },
});

const day = (offset: number) => new Date(Date.UTC(2024, 0, 1 + offset)).toISOString().slice(0, 10);
const german = (iso: string) => iso.split("-").reverse().join(".");

/** Dates in two formats in one column, five ways to write null, three ways to write true, a nearly unique string column. */
export const hotelBookings: UglyTable = csvFile("hotel bookings (2).csv", () =>
  csv(
    drawRows(900, ({ row, uniform, normal, pick }) => {
      const nights = 1 + Math.floor(uniform() * 9);
      const isSuite = uniform() < 0.3;
      const booked = day(Math.floor(uniform() * 300));
      return {
        "Booking No.": `B-${String(row).padStart(6, "0")}`,
        booked: row % 2 === 0 ? booked : german(booked),
        arrival: day(Math.floor(uniform() * 300) + 20),
        nights: uniform() < 0.08 ? pick(["NA", "", "null", "N/A", "-"]) : nights,
        "guest name": `${pick(["Ana", "Bo", "Çelik", "Dvořák", "李"])} ${Math.floor(uniform() * 1e9).toString(36)}`,
        Suite: isSuite ? "Y" : "N",
        breakfast: uniform() < 0.5 ? 1 : 0,
        loyal: uniform() < 0.5 ? "True" : "False",
        "zip code": `0${1000 + Math.floor(uniform() * 40)}`,
        "price €": (60 * nights * (isSuite ? 1.8 : 1) + normal() * 20).toFixed(2),
      };
    }),
  ),
);

/** Names that could break a query, a file format or a template; a binary target as strings; nested values. */
export const churn: UglyTable = csvFile("kündigungen.jsonl", () =>
  drawRows(900, ({ row, uniform, normal, pick }) => {
    const months = Math.floor(uniform() * 60);
    const plan = pick(["Basis", 'Größe "M"', "a;b,c", "{{plan}}", "O'Neil"]);
    const leaves = 1 / (1 + Math.exp(months / 12 - 2 + (plan === "Basis" ? 1 : 0) + normal())) > 0.5;
    return JSON.stringify({
      "Kunden-Nr": row + 1,
      'say "hi"': plan,
      "it's": uniform() < 0.5,
      "a.b": months,
      "a,b": uniform() < 0.1 ? null : Math.round(uniform() * 1e4) / 100,
      "{{name}}": pick(["x", "y"]),
      " padded ": uniform(),
      "#no comment: yes": pick(["null", "NA", "ja"]),
      "größe/λ\t😀": uniform() * 10,
      address: { city: pick(["Köln", "Łódź"]), zip: 1 },
      tags: ["a", "b"],
      gekündigt: leaves ? "ja" : "nein",
    });
  })
    .concat("")
    .join("\n"),
);

/** SQL keywords as column names, a key called "target", several classes as strings, types that only Parquet has. */
export const sqlWords: UglyTable = parquetFile(
  "select.parquet",
  `SELECT 'k' || lpad(i::VARCHAR, 5, '0') AS target, (hash(i) % 1000)::USMALLINT AS "select", (i % 7)::UTINYINT AS "order",
     (i % 500)::DECIMAL(9, 2) / 4 AS "group", DATE '2024-01-01' + (i % 366)::INT AS "where",
     TIMESTAMPTZ '2024-01-01 00:00:00+02' + INTERVAL (i % 8000) MINUTE AS "timestamp", ['red', 'green', 'blue'][1 + i % 3]::ENUM('red', 'green', 'blue') AS "table",
     'x'::BLOB AS "blob", TIME '10:00:00' AS "time", NULL::INTEGER AS "null", (i % 2 = 0) AS "true", ('nan')::FLOAT AS "from",
     CASE WHEN i % 11 = 0 THEN NULL ELSE sin(i) END AS "*", 1 AS "1", i AS "__index_level_0__",
     CASE WHEN (i % 500) / 4 + (hash(i + 7) % 20) < 40 THEN 'low' WHEN (i % 500) / 4 < 90 THEN 'mid' ELSE 'high' END AS "class"
   FROM range(900) t(i)`,
);

/** Measurements without an identifier, rounded as flowers are measured; one in thirty rows is written twice. */
export const flowers: UglyTable = csvFile("flowers.csv", () =>
  csv(
    drawRows(400, ({ row, uniform, normal, pick }) => {
      const kind = pick(["setosa", "versicolor", "virginica"]);
      const size = ["setosa", "versicolor", "virginica"].indexOf(kind) + normal() * 0.3;
      return {
        "": row,
        "length, sepal": (5 + size + uniform()).toFixed(1),
        "width, sepal": (3 + uniform()).toFixed(1),
        petal: (1 + 2 * size + uniform() * 0.5).toFixed(1),
        kind,
      };
    })
      .flatMap((flower, index) => (index % 30 === 0 ? [flower, flower] : [flower]))
      .map((flower, row) => ({ ...flower, "": row })),
  ),
);

/** Classes coded as numbers; a key called "prediction"; names that a table of predictions uses itself. */
export const codedClasses: UglyTable = csvFile("wine;quality.csv", () =>
  csv(
    drawRows(900, ({ row, uniform, normal }) => {
      const alcohol = 8 + uniform() * 6;
      const sugar = uniform() * 12;
      const quality = Math.max(3, Math.min(7, Math.round(alcohol - 6 + normal() * 0.7)));
      return {
        prediction: row,
        loss: alcohol.toFixed(2),
        probability: sugar.toFixed(3),
        y: uniform().toFixed(4),
        quality,
      };
    }),
    ";",
    "\r\n",
  ),
);

/** A split by time; a boolean target with gaps; times with zones. */
export const sensors: UglyTable = parquetFile(
  "sensors.parquet",
  `SELECT i AS "reading id", TIMESTAMPTZ '2024-01-01 00:00:00+05:30' + INTERVAL (i * 7) MINUTE AS "measured at",
     20 + 5 * sin(i / 50.0) + (hash(i) % 100) / 50.0 AS "temp °C", (hash(i + 1) % 1000)::FLOAT AS vibration,
     CASE WHEN i % 13 = 0 THEN NULL ELSE (hash(i + 1) % 1000) + (hash(i + 5) % 300) > 800 END AS failed
   FROM range(1200) t(i)`,
);

/** Shops over time; whole numbers with gaps as the target; a byte-order mark and tabs. */
export const shopDays: UglyTable = csvFile("shop days.tsv", () => {
  const rows = drawRows(1_500, ({ row, uniform, normal }) => {
    const shop = row % 30;
    return {
      Filiale: `Straße ${shop}`,
      Tag: `${day(Math.floor(row / 30) * 3)} 00:00:00`,
      Wetter: uniform() < 0.1 ? "" : uniform() < 0.5 ? "Sonne" : "Regen",
      Personal: 2 + Math.floor(uniform() * 6),
      Kasse: uniform() < 0.02 ? "n/a" : Math.round(300 + normal() * 40 + (row % 7) * 25),
    };
  });
  return `\uFEFF${csv(rows, "\t")}`;
});

/** No column or pair is unique until repeated rows are dropped; compressed; every field in quotes. */
export const repeated: UglyTable = csvFile("export.csv.gz", () => {
  const rows = drawRows(800, ({ row, uniform, pick }) => {
    const area = 20 + Math.floor(uniform() * 150);
    return [
      `H${row}`,
      area,
      pick(["a", "b", "c"]),
      pick(["TRUE", "FALSE"]),
      (area * 12.5 + uniform() * 200).toFixed(1),
    ];
  });
  const lines = [["flat", "area", "kind", "lift", "rent"], ...rows, ...rows.slice(0, 60)];
  return gzipSync(lines.map((fields) => fields.map((field) => `"${field}"`).join(",")).join("\n"));
});

/** Names that differ only by case; a long string; a class so rare that a side may not have it. */
export const tickets: UglyTable = csvFile("tickets.csv", () =>
  csv(
    drawRows(1_000, ({ row, uniform, pick }) => {
      const word = pick(["refund", "broken", "late", "login"] as const);
      const filler = Array.from({ length: 6 }, () =>
        pick(["please", "order", "my", "the", "again", "today", '"urgent"']),
      );
      return {
        ID: row,
        note: `${filler.slice(0, 3).join(" ")} ${word} ${filler.slice(3).join(" ")}`,
        Note: uniform().toFixed(3),
        NOTE: pick(["p", "q"]),
        open: day(row % 200),
        queue: row % 333 === 5 ? "legal" : uniform() < 0.1 ? "other" : word,
      };
    }),
  ),
);
