import { parseArgs } from "node:util";

/** fast: the loop while working. usual: what CI runs. long: all of it, with the amounts that take long. */
export type Extent = "fast" | "usual" | "long";

export interface CheckArguments {
  readonly extent: Extent;
  /** Names of checks; undefined for all of the extent. */
  readonly only: readonly string[] | undefined;
}

/** @throws where the arguments are none of `--fast`, `--long`, `--only NAME,NAME` */
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

/** The checks that the arguments name, and the names of those left out. @throws where a name isn't one of a check */
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
