import { createHash } from "node:crypto";
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

/** A process that started from an older bundle may still need its chunks. */
const keepOldChunksMs = 30 * 24 * 3_600_000;

const cliEntry = "src-cli/main.ts";
const startEntry = "src-cli/start.ts";

/** zod ships its messages in fifty languages: 600 KB that every command would read. Only the English ones are bundled. */
const oneLanguage: Plugin = {
  name: "one-language",
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    })),
};

/**
 * SQLite's bindings are JavaScript in fifteen files and a binary. The files are bundled: to find and read them one by one takes every command
 * two milliseconds. The binary is loaded from where the package is installed.
 */
const installedSqlite: Plugin = {
  name: "installed-sqlite",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^better-sqlite3$/ }, ({ kind, path: name }) =>
      kind === "require-resolve" ? { path: name, external: true } : undefined,
    );
    onLoad({ filter: /better-sqlite3\/lib\/binding\.js$/ }, ({ path: file }) => ({
      contents: `const __dirname = require("node:path").dirname(require.resolve("better-sqlite3"));\n${readFileSync(file, "utf8")}`,
    }));
  },
};

interface Output {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** Options that all bundles share. */
const shipped = {
  plugins: [oneLanguage, installedSqlite],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "error",
} as const satisfies BuildOptions;

/** Loads its binary from its own folder, and only by commands that read tables. */
const external = ["@duckdb/node-api"];

/**
 * The bundles that a command in a terminal loads: a first file for help, and a second one for everything else. They are CommonJS
 * because loading the same code as ES modules, with a file for each shared piece, takes half as long again.
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
    // Not pathToFileURL: it would make help load one more module of Node.
    banner: { js: 'const importMetaUrl = "file://" + encodeURI(__filename).replace(/[?#]/g, encodeURIComponent);' },
    ...shipped,
  });
  return result.outputFiles.map(({ path: file, contents }) => {
    const name = path.basename(file);
    return { name, content: name === "commands.cjs" ? withDigest(contents) : contents };
  });
}

/** `src-cli/run-compiled.ts` knows by the digest which compiled code belongs to the bundle. */
function withDigest(content: Uint8Array): Uint8Array {
  const digest = createHash("sha256").update(content).digest("hex");
  return Buffer.concat([content, Buffer.from(`//# build=${digest}\n`)]);
}

/** The programs that a command starts: supervisor, runner and workers. */
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
    // The name contains a hash of the content, so a chunk of an older bundle is never overwritten with other content.
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
 * Writes chunks first and entries last, each by rename: a command that starts in the meantime sees the old bundle or the new
 * one, and a running one still finds its chunks.
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

/** The stamp has the time at which the build began, so a source saved during the build makes the bundle stale. */
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
  // esbuild has already printed its errors, with their places.
  if (!(error instanceof Error && "errors" in error)) throw error;
  process.exitCode = 1;
}
