import type { Screen } from "./screen.ts";
import { facts, table } from "./table.ts";
import { indented, inner } from "./text.ts";

type Scalar = string | number | boolean | null | undefined;
const isScalar = (value: unknown): value is Scalar =>
  value === null || value === undefined || typeof value !== "object";

/** Any output as facts and tables: scalars as aligned lines, lists of objects as tables under their key. */
export function generalView(output: unknown, screen: Screen): string {
  if (isScalar(output)) return output === undefined ? "" : String(output);
  if (Array.isArray(output)) return listView(output, screen);
  const entries = Object.entries(output as Readonly<Record<string, unknown>>);
  const scalars = entries.filter((entry): entry is [string, Scalar] => isScalar(entry[1]) && entry[1] !== undefined);
  const others = entries.filter(([, value]) => !isScalar(value));
  const shown =
    scalars.length > 0
      ? [
          facts(
            screen,
            scalars.map(([key, value]) => [words(key), value] as const),
          ),
        ]
      : [];
  for (const [key, value] of others) {
    const body = generalView(value, inner(screen));
    if (body !== "") shown.push(`${words(key)}:\n${indented(body)}`);
  }
  return shown.join("\n");
}

function listView(list: readonly unknown[], screen: Screen): string {
  if (list.every(isScalar)) return list.map(String).join("\n");
  const rows = list.map((item) => (isScalar(item) ? { value: item } : (item as Readonly<Record<string, unknown>>)));
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return table(
    screen,
    rows,
    keys.map((key) => ({
      title: words(key),
      value: (row: Readonly<Record<string, unknown>>) => {
        const value = row[key];
        return isScalar(value) ? value : JSON.stringify(value);
      },
    })),
  );
}

/** "sizeBytes" as people read it. */
function words(key: string): string {
  return key.replace(/[a-z\d][A-Z]/g, (pair) => `${pair[0]} ${pair[1]?.toLowerCase()}`);
}
