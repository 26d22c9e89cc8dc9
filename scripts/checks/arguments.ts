import { parseArgs } from "node:util";

/** fast: the quick loop. usual: everything that CI runs. long: the same, with the long amounts. */
export type Extent = "fast" | "usual" | "long";

export interface CheckArguments {
  readonly extent: Extent;
  /** Names of checks; undefined for all checks of the extent. */
  readonly only: readonly string[] | undefined;
}

/** @throws on arguments other than `--fast`, `--long`, `--only NAME,NAME` */
export function readArguments(argv: readonly string[]): CheckArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { fast: { type: "boolean" }, long: { type: "boolean" }, only: { type: "string" } },
  });
  if (values.fast && values.long) throw new Error("--fast and --long exclude each other.");
  return { extent: values.fast ? "fast" : values.long ? "long" : "usual", only: values.only?.split(",") };
}

interface Named {
  readonly name: string;
  readonly isFast?: true;
}

/** Selects the checks that the arguments name, and lists the names of the others. @throws if there is no check of a name */
export function selectChecks<T extends Named>(
  all: readonly T[],
  { extent, only }: CheckArguments,
): { readonly chosen: readonly T[]; readonly leftOut: readonly string[] } {
  const unknown = only?.find((name) => !all.some((check) => check.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no check '${unknown}': ${all.map((check) => check.name).join(", ")}`);
  const isChosen = (check: T) =>
    only === undefined ? extent !== "fast" || check.isFast === true : only.includes(check.name);
  return {
    chosen: all.filter(isChosen),
    leftOut: all.filter((check) => !isChosen(check)).map((check) => check.name),
  };
}
