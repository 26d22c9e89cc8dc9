import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { buildManifest } from "../src-cli/manifest.ts";
import { appRoot, entryPointSources } from "../src-core/foundation/files/entry-points.ts";

/** A chunk of an older bundle may still be wanted by a process that started from it. */
const keepOldChunksMs = 30 * 24 * 3_600_000;

const cliEntry = "src-cli/main.ts";
const startEntry = "src-cli/start.ts";

/** zod hands out its messages in fifty languages: 600 KB that every command would read. The English ones are used. */
const oneLanguage: Plugin = {
  name: "one-language",
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    })),
};

interface Output {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** What every shipped bundle has in common. */
const shipped = {
  plugins: [oneLanguage],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "error",
} as const satisfies BuildOptions;

/** Native code finds its binary beside itself. */
const external = ["better-sqlite3", "@duckdb/node-api"];

/**
 * What a command in a terminal waits for: the first file, which knows help, and all the rest in a second one. CommonJS, for
 * to load the same as ES modules, a file for each piece that others share, takes half as long again.
 */
async function bundleCommands(): Promise<readonly Output[]> {
  const result = await build({
    entryPoints: { cli: path.join(appRoot, startEntry), commands: path.join(appRoot, cliEntry) },
    outdir: path.join(appRoot, "dist"),
    write: false,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node22",
    outExtension: { ".js": ".cjs" },
    external,
    define: { "import.meta.url": "importMetaUrl" },
    // Not pathToFileURL: help would load a module of Node for it.
    banner: { js: 'const importMetaUrl = "file://" + encodeURI(__filename).replace(/[?#]/g, encodeURIComponent);' },
    ...shipped,
  });
  return result.outputFiles.map((file) => ({ name: path.basename(file.path), content: file.contents }));
}

/** Programs that run beside a command: supervisor, runner and workers. */
async function bundle(): Promise<readonly Output[]> {
  const entryPoints = Object.entries(entryPointSources).map(([out, source]) => ({
    in: path.join(appRoot, source),
    out,
  }));
  const result = await build({
    entryPoints,
    outdir: path.join(appRoot, "dist"),
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    outExtension: { ".js": ".mjs" },
    // The name holds the content's hash: an older bundle's chunk is never overwritten with another content.
    chunkNames: "chunk-[hash]",
    external,
    // CommonJS packages inside an ES bundle call require for Node's own modules.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    ...shipped,
  });
  return result.outputFiles.map((file) => ({ name: path.basename(file.path), content: file.contents }));
}

/**
 * Writes chunks first and entries last, each by rename: a command that starts meanwhile sees the old bundle or the new
 * one, and one that runs already still finds its chunks.
 */
function install(outputs: readonly Output[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const isChunk = (output: Output) => output.name.startsWith("chunk-") || output.name.endsWith(".map");
  const ordered = [...outputs.filter(isChunk), ...outputs.filter((output) => !isChunk(output))];
  for (const { name, content } of ordered) {
    const temporary = path.join(folder, `.${name}.${process.pid}`);
    writeFileSync(temporary, content);
    renameSync(temporary, path.join(folder, name));
  }
  const current = new Set(outputs.map((output) => output.name));
  for (const name of readdirSync(folder)) {
    if (!/^\.?chunk-|\.map$/.test(name) || current.has(name)) continue;
    const file = path.join(folder, name);
    if (Date.now() - statSync(file).mtimeMs > keepOldChunksMs) rmSync(file, { force: true });
  }
}

/** The stamp's time is that of the build's begin: a source saved during the build makes the bundle stale. */
function stamp(folder: string, begin: Date): void {
  const file = path.join(folder, ".stamp");
  if (!existsSync(file)) writeFileSync(file, "");
  utimesSync(file, begin, begin);
}

const version: string = JSON.parse(readFileSync(path.join(appRoot, "package.json"), "utf8")).version;
const begin = new Date();
const dist = path.join(appRoot, "dist");
try {
  const help = { name: "help.json", content: JSON.stringify(buildManifest(version)) };
  install([...(await bundle()), help, ...(await bundleCommands())], dist);
  stamp(dist, begin);
} catch (error) {
  // What esbuild found wrong it has printed, with its place.
  if (!(error instanceof Error && "errors" in error)) throw error;
  process.exitCode = 1;
}
