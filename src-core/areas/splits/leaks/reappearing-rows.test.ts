import path from "node:path";
import { expect, it } from "vitest";
import { newFolder } from "../../../../test/support/split-project.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { countChangedRows, countReappearing } from "./reappearing-rows.ts";

async function withSides<T>(
  reference: string,
  train: string,
  work: (duck: Awaited<ReturnType<typeof openDuck>>) => Promise<T>,
): Promise<T> {
  const duck = await openDuck({ tempDirectory: path.join(newFolder(), "duck") });
  try {
    await duck.run(`CREATE TABLE r AS ${reference}`);
    await duck.run(`CREATE TABLE t AS ${train}`);
    return await work(duck);
  } finally {
    duck.close();
  }
}

const sides = { reference: "r", train: "t" };
const column = (name: string, type = "BIGINT") => ({ name, type });

it("estimates the changed rows of a large reference from a sample of them", async () => {
  const rows = (change: string) =>
    `SELECT i AS a, i * 3 AS b, sin(i) AS c, ${change} AS d, 'x' AS e FROM range(60000) t(i)`;
  const columns = [column("a"), column("b"), column("c", "DOUBLE"), column("d"), column("e", "VARCHAR")];
  const found = await withSides(rows("i"), rows("CASE WHEN i % 4 = 0 THEN i + 1 ELSE -1 - i // 2 END"), (duck) =>
    countChangedRows(duck, { ...sides, columns, differing: columns.map(({ name }) => name) }),
  );
  expect(found).toBeGreaterThan(57_000);
  expect(found).toBeLessThan(63_000);
});

it("counts neither equal rows, nor rows that others are like, nor such that differ in another column", async () => {
  const columns = [column("a"), column("b"), column("c")];
  const all = columns.map(({ name }) => name);
  const reference = "SELECT * FROM (VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (3, 3, 4), (5, 5, NULL)) v(a, b, c)";
  const train = "SELECT * FROM (VALUES (1, 1, 1), (2, 2, 9), (3, 3, 5), (5, 5, 6)) v(a, b, c)";
  const changed = (differing: readonly string[]) =>
    withSides(reference, train, (duck) => countChangedRows(duck, { ...sides, columns, differing }));
  expect(await changed(all)).toBe(2);
  expect(await changed(["a", "b"])).toBe(0);
});

it("compares tables of very many columns", async () => {
  const names = Array.from({ length: 1_100 }, (_, index) => `c${index}`);
  const rows = (change: string) =>
    `SELECT ${names.map((name, index) => `${index === 700 ? change : `(i * ${index + 1}) % 1009`} AS ${name}`).join(", ")} FROM range(300) t(i)`;
  const columns = names.map((name) => column(name));
  const found = await withSides(rows("i"), rows("i + 1"), (duck) =>
    countChangedRows(duck, { ...sides, columns, differing: names }),
  );
  expect(found).toBeGreaterThan(200);
});

it("takes a measured whole number for no identifier, and long or closely numbered ones for one", async () => {
  const rows = (from: number) =>
    `SELECT i AS near, i * 1000003 * 1000003 AS far, (i * 7919) % 30000 AS measured FROM range(${from}, ${from + 100}) t(i)`;
  const found = (name: string) =>
    withSides(rows(0), rows(50), (duck) => countReappearing(duck, { ...sides, columns: [column(name)] }));
  expect(await found("near")).toEqual({ column: "near", count: 50 });
  expect(await found("far")).toEqual({ column: "far", count: 50 });
  expect(await found("measured")).toBeNull();
});
