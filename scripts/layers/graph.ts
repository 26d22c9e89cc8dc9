import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Import, parseImports } from "./imports.ts";

export interface Module {
  /** Relative to the root, POSIX. */
  readonly file: string;
  readonly lines: number;
  readonly isBarrel: boolean;
  readonly imports: readonly (Import & {
    /** The imported file, if it is one of ours. */
    readonly target: string | undefined;
  })[];
}

export type Graph = ReadonlyMap<string, Module>;

const sourceFolders = [
  "src-core",
  "src-view",
  "src-cli",
  "src-main",
  "src-preload",
  "src-renderer",
  "src-tui",
  "workers",
];
const otherFolders = ["scripts", "bench", "test"];

/** Reads every TypeScript module of these folders below `root`. */
export function readGraph(root: string, folders: readonly string[] = [...sourceFolders, ...otherFolders]): Graph {
  const files = folders
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => listed(root, folder));
  return new Map(files.map((file) => [file, moduleOf(root, file)]));
}

function listed(root: string, folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(m?ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .filter((file) => !file.includes("node_modules/"))
    .sort();
}

function moduleOf(root: string, file: string): Module {
  const source = readFileSync(path.join(root, file), "utf8");
  const { imports, isBarrel } = parseImports(file, source);
  return {
    file,
    isBarrel,
    lines: source.split("\n").length - 1,
    imports: imports.map((it) => ({ ...it, target: targetOf(file, it.specifier) })),
  };
}

function targetOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
}
