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

const foundations = ["contract", "files", "duck", "catalogue", "compute", "exec", "mlflow", "context"];

const zones: readonly Zone[] = [
  { name: "tests", files: /\.test\.tsx?$|^test\/|\/testing\//, zones: ["*"], packages: ["*"] },
  { name: "contract", files: /^src-core\/contract\//, zones: [], packages: ["zod"] },
  { name: "rpc", files: /^src-core\/rpc\//, zones: ["contract"], packages: ["zod"] },
  { name: "files", files: /^src-core\/files\//, zones: ["contract"], packages: ["node:"] },
  {
    name: "duck",
    files: /^src-core\/duck\//,
    zones: ["contract", "files"],
    packages: ["node:", "@duckdb/node-api"],
  },
  {
    name: "catalogue",
    files: /^src-core\/catalogue\//,
    zones: ["contract", "files"],
    packages: ["node:", "better-sqlite3"],
  },
  { name: "compute", files: /^src-core\/compute\//, zones: ["contract", "files"], packages: ["node:"] },
  { name: "exec", files: /^src-core\/exec\//, zones: ["contract", "files"], packages: ["node:", "zod"] },
  { name: "mlflow", files: /^src-core\/mlflow\//, zones: ["contract", "files", "exec"], packages: ["node:", "zod"] },
  {
    name: "context",
    files: /^src-core\/context\.ts$/,
    zones: [],
    types: ["contract", "catalogue", "files", "mlflow", "exec"],
    packages: [],
  },
  {
    name: "app",
    files: /^src-core\/(app|areas|core-access|prove-project|rebuild|rebuild-tracking)\.ts$/,
    zones: ["stages", "area", "rpc", ...foundations],
    packages: ["node:", "zod"],
  },
  // The pipeline's composition: each stage is an area's, and `runs` gets them handed.
  {
    name: "stages",
    files: /^src-core\/(stages|splits-deps|routing-deps|versioning-deps)\.ts$/,
    zones: ["area", "contract", "context"],
    packages: ["node:"],
  },
  // Entry points of processes of their own.
  {
    name: "process",
    files: /^src-core\/(supervisor|runner|sql-check)\.ts$/,
    zones: ["app", "area", ...foundations],
    packages: ["node:"],
  },
  // An area's name is its folder; another area's modules are open to it where `purity.ts` finds them pure.
  {
    name: "area",
    files: /^src-core\/[a-z-]+\//,
    zones: foundations,
    types: ["stages"],
    packages: ["node:", "zod", "yaml", "@duckdb/node-api"],
  },
  { name: "workers", files: /^workers\//, zones: ["compute", "contract", "files"], packages: ["node:"] },
  { name: "cli", files: /^src-cli\//, zones: ["app", "contract", "rpc", "files"], packages: ["node:", "zod"] },
  { name: "tools", files: /^(scripts|bench)\//, zones: ["*"], packages: ["*"] },
];

export function zoneOf(file: string): Zone | undefined {
  return zones.find((zone) => zone.files.test(file));
}

/** The folder below src-core: areas are told apart by it. */
export function areaOf(file: string): string | undefined {
  return zoneOf(file)?.name === "area" ? file.split("/")[1] : undefined;
}
