/** Who may import whom: architecture.md's table, checked over every import of every module. */

export interface Zone {
  readonly name: string;
  /** Tried in order: the first zone whose pattern fits a file is its zone. */
  readonly files: RegExp;
  /** Zones its modules may import beside their own; "*" is any. */
  readonly zones: readonly string[];
  /** Zones it may take types from, beside these. */
  readonly types?: readonly string[];
  /** Packages it may import; "node:" is every module of Node. */
  readonly packages: readonly string[];
}

/** A zone of `foundation/`: what it may use beside the contract. */
function foundation(name: string, zones: readonly string[], packages: readonly string[]): Zone {
  return { name, files: new RegExp(`^src-core/foundation/${name}/`), zones: ["contract", ...zones], packages };
}

const foundations: readonly Zone[] = [
  foundation("text", [], []),
  foundation("files", [], ["node:"]),
  foundation("duck", ["files"], ["node:", "@duckdb/node-api"]),
  foundation("catalogue", ["files"], ["node:", "better-sqlite3"]),
  foundation("compute", ["files"], ["node:"]),
  // The store of contents: hashing, objects in DVC's layout, links. What is versioned, and when, is the area's.
  foundation("store", ["files", "text"], ["node:", "zod"]),
  foundation("exec", ["files"], ["node:", "zod"]),
  foundation("mlflow", ["files", "exec"], ["node:", "zod"]),
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
  // What every face shows and no face paints. The contract's types alone may come from zod: `runtime-reach.ts` looks.
  { name: "view", files: /^src-view\//, zones: ["contract"], packages: [] },
  { name: "rpc", files: /^src-core\/rpc\//, zones: ["contract"], packages: [] },
  ...foundations,
  // An area's name is its folder; another area's modules are open to it where `purity.ts` finds them pure.
  {
    name: "area",
    files: /^src-core\/areas\/[a-z-]+\//,
    zones: ["contract", "view", ...foundationNames],
    packages: ["node:", "zod", "yaml", "ignore", "@duckdb/node-api"],
  },
  // Entry points of processes of their own are wiring too: each is one area's program with what it needs.
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

/** The folder below src-core/areas: areas are told apart by it. */
export function areaOf(file: string): string | undefined {
  return zoneOf(file)?.name === "area" ? file.split("/")[2] : undefined;
}
