import { facts, table } from "../src-view/shape.ts";
import { paintBlock } from "./paint-sections.ts";
import type { Screen } from "./screen.ts";
import { indented, inner } from "./text.ts";

type Scalar = string | number | boolean | null | undefined;
const isScalar = (value: unknown): value is Scalar =>
  value === null || value === undefined || typeof value !== "object";

/** Renders any output: scalars as aligned lines, lists of objects as tables under their key. */
export function generalView(output: unknown, screen: Screen): string {
  if (isScalar(output)) return output === undefined ? "" : String(output);
  if (Array.isArray(output)) return listView(output, screen);
  const entries = Object.entries(output as Readonly<Record<string, unknown>>);
  const scalars = facts(entries.flatMap(([key, value]) => (isScalar(value) ? [[words(key), value] as const] : [])));
  const shown = scalars === undefined ? [] : [paintBlock(scalars, screen)];
  for (const [key, value] of entries.filter(([, it]) => !isScalar(it))) {
    const body = generalView(value, inner(screen));
    if (body !== "") shown.push(`${words(key)}:\n${indented(body)}`);
  }
  return shown.join("\n");
}

function listView(list: readonly unknown[], screen: Screen): string {
  if (list.every(isScalar)) return list.map(String).join("\n");
  const rows = list.map((item) => (isScalar(item) ? { value: item } : (item as Readonly<Record<string, unknown>>)));
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const block = table(
    rows,
    keys.map((key) => ({
      title: words(key),
      value: (row: Readonly<Record<string, unknown>>) => {
        const value = row[key];
        return isScalar(value) ? value : JSON.stringify(value);
      },
    })),
  );
  return block === undefined ? "" : paintBlock(block, screen);
}

/** Turns "sizeBytes" into "size bytes". */
function words(key: string): string {
  return key.replace(/[a-z\d][A-Z]/g, (pair) => `${pair[0]} ${pair[1]?.toLowerCase()}`);
}
