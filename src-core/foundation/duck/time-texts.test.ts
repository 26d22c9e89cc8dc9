import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { openDuck } from "./open.ts";
import { literal } from "./quote.ts";
import { hasZoneSql, timeOfGoodTextSql, timeOfTextSql } from "./time-texts.ts";

async function read(text: string): Promise<unknown> {
  const duck = await openDuck({ tempDirectory: path.join(os.tmpdir(), "signalbox-times-duck") });
  try {
    const sql = (of: (text: string) => string) => `(${of(literal(text))})::VARCHAR`;
    const row = await duck.row(`SELECT ${sql(timeOfTextSql)} AS time, ${sql(timeOfGoodTextSql)} AS good`);
    // What is cast without a look at its form must be the same.
    if (row.time !== null) expect(row.good).toBe(row.time);
    return row.time;
  } finally {
    duck.close();
  }
}

it.each([
  ["2024-01-31", "2024-01-31 00:00:00"],
  ["2024/01/31", "2024-01-31 00:00:00"],
  ["2024-1-5 7:05", "2024-01-05 07:05:00"],
  ["2024-01-31T07:00", "2024-01-31 07:00:00"],
  ["2024-01-31T07:00Z", "2024-01-31 07:00:00"],
  ["2024-01-31T07:00+02:00", "2024-01-31 05:00:00"],
  ["2024-01-31 07:00-0530", "2024-01-31 12:30:00"],
  ["2024-01-31 07:00:09 +02", "2024-01-31 05:00:09"],
  ["2024-01-31T07:00:00,5Z", "2024-01-31 07:00:00.5"],
  ["2024-01-31T07:00:00.123456+01:00", "2024-01-31 06:00:00.123456"],
  ["2024-01-31t07:00:00z", "2024-01-31 07:00:00"],
  ["2024-01-31 07:00:00 UTC", "2024-01-31 07:00:00"],
  ["2024-01-31 07:00 GMT", "2024-01-31 07:00:00"],
  ["2024-12-31T23:30-01:00", "2025-01-01 00:30:00"],
])("%s is a time", async (text, time) => {
  expect(await read(text)).toBe(time);
});

it.each([
  "2024-03-31 02:00 Europe/Berlin",
  "2024-10-27 02:30:00 CET",
  "2024-01-31 07:00:00 EST",
  "2024-01-31T07:00:00[Europe/Berlin]",
  "2024-01-31 07:00:00+25:00",
  "2024-01-31 07:00:00+02:30:15",
  "10000-01-01",
  "-2024-01-31",
  "2024-13-01",
  "2024-02-30",
  "31/01/2024",
  "31.01.2024",
  "2024-01/31",
  "now",
  "2024",
])("%s isn't one", async (text) => {
  expect(await read(text)).toBeNull();
});

it("times with an offset are told from those without one", async () => {
  const duck = await openDuck({ tempDirectory: path.join(os.tmpdir(), "signalbox-times-duck") });
  try {
    const has = async (text: string) => (await duck.row(`SELECT ${hasZoneSql(literal(text))} AS has`)).has;
    for (const text of ["2024-01-31T07:00Z", "2024-01-31 07:00:00.5 +02:00", "2024-01-31 07:00:00 UTC"])
      expect([text, await has(text)]).toEqual([text, true]);
    for (const text of ["2024-01-31", "2024-01-31 07:00", "2024-01-31 07:00:00.123"])
      expect([text, await has(text)]).toEqual([text, false]);
  } finally {
    duck.close();
  }
});
