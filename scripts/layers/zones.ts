/** Who may import whom, checked for every import of every module. */

export interface Zone {
  readonly name: string;
  /** Tried in order: a file belongs to the first zone whose pattern matches. */
  readonly files: RegExp;
  /** Zones that its modules may import besides their own; "*" is any. */
  readonly zones: readonly string[];
  /** Further zones whose types it may import. */
  readonly types?: readonly string[];
  /** Packages it may import; "node:" is every module of Node. */
  readonly packages: readonly string[];
}

/** Declares a zone of `foundation/`, and what it may use besides the contract. */
function foundation(name: string, zones: readonly string[], packages: readonly string[]): Zone {
  return { name, files: new RegExp(`^src-core/foundation/${name}/`), zones: ["contract", ...zones], packages };
}

const foundations: readonly Zone[] = [
  foundation("text", [], []),
  foundation("files", [], ["node:"]),
  foundation("duck", ["files"], ["node:", "@duckdb/node-api"]),
  foundation("catalogue", ["files"], ["node:", "better-sqlite3"]),
  foundation("locks", ["files"], ["node:", "better-sqlite3"]),
  foundation("compute", ["files"], ["node:"]),
  // The store of contents: hashing, objects in DVC's layout, links. The area decides what is versioned, and when.
  foundation("store", ["files", "text"], ["node:", "zod"]),
  foundation("exec", ["files", "locks"], ["node:", "zod"]),
  foundation("mlflow", ["files", "exec", "locks"], ["node:", "zod"]),
  {
    name: "context",
    files: /^src-core\/foundation\/context\.ts$/,
    zones: [],
    types: ["contract", "catalogue", "files", "mlflow", "exec"],
    packages: [],
  },
];
const foundationNames = foundations.map(({ name }) => name);

const zones: readonly Zone[] = [
  { name: "tests", files: /\.test\.tsx?$|^test\/|\/testing\//, zones: ["*"], packages: ["*"] },
  { name: "contract", files: /^src-core\/contract\//, zones: [], packages: ["zod"] },
  // What every face shows, independent of how it is drawn. Only the contract's types may come from zod: `runtime-reach.ts` checks that.
  { name: "view", files: /^src-view\//, zones: ["contract"], packages: [] },
  { name: "rpc", files: /^src-core\/rpc\//, zones: ["contract"], packages: [] },
  ...foundations,
  // An area is named after its folder. It may import modules of another area that `purity.ts` finds pure.
  {
    name: "area",
    files: /^src-core\/areas\/[a-z-]+\//,
    zones: ["contract", "view", ...foundationNames],
    packages: ["node:", "zod", "yaml", "ignore", "@duckdb/node-api"],
  },
  // Entry points of separate processes are wiring, too: each is one area's program with what it needs.
  {
    name: "wiring",
    files: /^src-core\/wiring\//,
    zones: ["area", "rpc", "contract", ...foundationNames],
    packages: ["node:", "zod"],
  },
  {
    name: "hash worker",
    files: /^workers\/hash-worker\.ts$/,
    zones: ["store", "contract", "files"],
    packages: ["node:"],
  },
  { name: "workers", files: /^workers\//, zones: ["compute", "contract", "files"], packages: ["node:"] },
  {
    name: "cli",
    files: /^src-cli\//,
    zones: ["wiring", "contract", "view", "rpc", "files"],
    packages: ["node:", "zod", "string-width", "wrap-ansi", "cli-truncate"],
  },
  { name: "tools", files: /^(scripts|bench)\//, zones: ["*"], packages: ["*"] },
];

export function zoneOf(file: string): Zone | undefined {
  return zones.find((zone) => zone.files.test(file));
}

/** The folder below src-core/areas, which identifies the area. */
export function areaOf(file: string): string | undefined {
  return zoneOf(file)?.name === "area" ? file.split("/")[2] : undefined;
}
