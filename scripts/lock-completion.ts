/** The keys of an entry of package-lock.json that the completion reads. */
interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly [other: string]: unknown;
}

const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const processors = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "wasm32", "loong64", "mips64el"];

/** Reads the platform from a package's name: "binding-linux-arm64-musl". */
export function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const words = (name.split("/").at(-1) ?? "").split("-");
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  const isMusl = words.some((word) => word.startsWith("musl"));
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(os === "linux" ? { libc: [isMusl ? "musl" : "glibc"] } : {}),
    ...(os === undefined ? {} : { os: [os] }),
  };
}

/** Adds an entry to the lock for every optional dependency that is pinned to one version and has no entry. */
export function completed(lock: Lock): { readonly lock: Lock; readonly added: readonly string[] } {
  const packages: Record<string, LockedPackage> = { ...lock.packages };
  const added: string[] = [];
  for (const [place, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (!/^\d/.test(version) || platform.cpu === undefined) continue;
      // Shared unless that conflicts, else nested below the parent: npm searches upwards from the parent.
      const parentFolder = place.slice(0, place.lastIndexOf("node_modules/"));
      const candidates = [
        `${place}/node_modules/${name}`,
        `${parentFolder}node_modules/${name}`,
        `node_modules/${name}`,
      ];
      if (candidates.some((candidate) => packages[candidate]?.version === version)) continue;
      const target = `${parentFolder}node_modules/${name}`;
      const free = packages[target] === undefined ? target : `${place}/node_modules/${name}`;
      packages[free] = { version, ...platform, ...(parent.dev === true ? { dev: true } : {}), optional: true };
      added.push(free);
    }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added };
}
