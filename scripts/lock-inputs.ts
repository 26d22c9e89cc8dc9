import { createHash } from "node:crypto";

/** What a Python lock depends on: the requirement lists of pyproject.toml, and the lock whose versions constrain it. */

/** A list of requirements and the name of its lock; "" is the base. */
export interface RequirementList {
  readonly name: string;
  readonly section: "project" | "extra" | "group";
  readonly text: string;
}

/** Reads the lists of a pyproject.toml: `dependencies`, then the optional dependencies and dependency groups. */
export function requirementLists(pyproject: string): readonly RequirementList[] {
  const lists: RequirementList[] = [];
  let section = "";
  let open: { name: string; lines: string[] } | undefined;
  for (const raw of pyproject.split("\n")) {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") continue;
    if (open === undefined) {
      const header = /^\[([^[\]]+)\]$/.exec(line);
      if (header?.[1] !== undefined) {
        section = header[1];
        continue;
      }
      const list = /^"?([A-Za-z0-9_-]+)"?\s*=\s*(\[.*)$/.exec(line);
      if (list?.[1] === undefined || list[2] === undefined) continue;
      open = { name: list[1], lines: [list[2]] };
    } else open.lines.push(line);
    if (!/\]$/.test(line)) continue;
    const kind = kindOf(section, open.name);
    if (kind !== undefined)
      lists.push({ name: kind === "project" ? "" : open.name, section: kind, text: open.lines.join("\n") });
    open = undefined;
  }
  return lists;
}

function kindOf(section: string, key: string): RequirementList["section"] | undefined {
  if (section === "project" && key === "dependencies") return "project";
  if (section === "project.optional-dependencies") return "extra";
  if (section === "dependency-groups") return "group";
  return undefined;
}

/** Splits a list into its requirements. */
export function requirementsOf(list: RequirementList): readonly string[] {
  return [...list.text.matchAll(/"([^"]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** The first line of a lock; a different one means that the lock was made from other inputs. */
export function stampOf(inputs: readonly string[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(`${input}\u0000`);
  return `# Made by scripts/lock-python.ts from pyproject.toml; inputs sha256:${hash.digest("hex")}`;
}

/** Finds what must not be in a lock, which has to mean the same on every machine. */
export function problemsOf(lock: string): readonly string[] {
  const problems: string[] = [];
  const address = lock.split("\n").find((line) => /:\/\/|^-{1,2}(index|extra|find|f\b|i\b)/.test(line));
  if (address !== undefined) problems.push(`contains an address: ${address.trim()}`);
  const local = lock.split("\n").find((line) => /^[\w.-]+==[^ ;\\]*\+/.test(line));
  if (local !== undefined) problems.push(`contains a version from one machine's own index: ${local.trim()}`);
  const pins = [...lock.matchAll(/^([\w.-]+(?:\[[^\]]*\])?==[^\s;\\]+)([^\n]*)\n(\s+--hash=)?/gm)];
  const bare = pins.find((pin) => pin[3] === undefined);
  if (bare !== undefined) problems.push(`has no hash for ${bare[1]}`);
  if (pins.length === 0) problems.push("pins nothing");
  return problems;
}
