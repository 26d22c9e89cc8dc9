import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { readText } from "../../../foundation/files/durable.ts";
import type { LinkType } from "../../../foundation/store/link.ts";

const linkTypes = ["reflink", "hardlink", "symlink", "copy"] as const satisfies readonly LinkType[];

export interface Remote {
  readonly name: string;
  /** An absolute path for a local folder, else the address. */
  readonly url: string;
}

export interface DvcConfig {
  /** Absolute; the folder that holds the cache's `files/md5`. */
  readonly cacheDir: string;
  /** Tried in this order. */
  readonly linkTypes: readonly LinkType[];
  /** `cache.shared = group`: folders are writable by the group. */
  readonly isShared: boolean;
  readonly hasScm: boolean;
  readonly remotes: readonly Remote[];
  readonly defaultRemote: string | null;
}

/** Sections and keys of an ini file; names in lower case, subsections as `remote "name"`. */
function parseIni(text: string, file: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const header = /^\[\s*(?:'(.*)'|(.*?))\s*\]\s*(?:#.*)?$/.exec(line);
    const pair = /^([^=]+?)\s*=\s*(.*)$/.exec(line);
    if (header) {
      const name = sectionName(header[1] ?? header[2] ?? "");
      current = sections.get(name) ?? new Map();
      sections.set(name, current);
    } else if (pair?.[1] !== undefined && current) {
      current.set(unquote(pair[1]).toLowerCase(), unquote((pair[2] ?? "").replace(/(^|\s)#.*$/, "").trim()));
    } else {
      throw new AppError({
        code: "versioning/invalid-file",
        message: `${file}:${index + 1} is neither a section nor a setting: ${line}`,
        hint: "Correct the line; the format is that of `dvc config`.",
        details: { file, line: index + 1 },
      });
    }
  }
  return sections;
}

function sectionName(raw: string): string {
  const named = /^(\w+)\s+"?(.*?)"?$/.exec(raw.trim());
  return named ? `${named[1]?.toLowerCase()} ${named[2]}` : raw.trim().toLowerCase();
}

function unquote(text: string): string {
  return /^'.*'$|^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** DVC's settings of a repository: `.dvc/config` with `.dvc/config.local` over it. `home` is what `~` means. */
export function readDvcConfig(root: string, home: string = os.homedir()): DvcConfig {
  const folder = path.join(root, ".dvc");
  const merged = new Map<string, string>();
  for (const name of ["config", "config.local"]) {
    const file = path.join(folder, name);
    if (!existsSync(file)) continue;
    for (const [section, values] of parseIni(readText(file), file))
      for (const [key, value] of values)
        merged.set(`${section}\0${key}`, isPath(section, key) ? resolve(folder, value, home) : value);
  }
  const get = (section: string, key: string) => merged.get(`${section}\0${key}`);
  return {
    cacheDir: get("cache", "dir") ?? path.join(folder, "cache"),
    linkTypes: parseLinkTypes(get("cache", "type"), path.join(folder, "config")),
    isShared: get("cache", "shared")?.toLowerCase() === "group",
    hasScm: get("core", "no_scm")?.toLowerCase() !== "true",
    remotes: [...merged].flatMap(([key, url]) => {
      const name = /^remote (.*)\0url$/s.exec(key)?.[1];
      return name === undefined ? [] : [{ name, url }];
    }),
    defaultRemote: get("core", "remote") ?? null,
  };
}

function isPath(section: string, key: string): boolean {
  return (section === "cache" && key === "dir") || (section.startsWith("remote ") && key === "url");
}

/** Relative paths start from the folder of the configuration file, as in DVC. */
function resolve(folder: string, value: string, home: string): string {
  if (/^\w+:\/\//.test(value)) return value.startsWith("file://") ? value.slice("file://".length) : value;
  const expanded = value.replace(/^~(?=\/|$)/, () => home);
  return path.resolve(folder, expanded);
}

function parseLinkTypes(value: string | undefined, file: string): readonly LinkType[] {
  if (value === undefined) return ["reflink", "copy"];
  const names = value.split(",").map((name) => unquote(name.trim()));
  return names.map((name) => {
    const known = linkTypes.find((type) => type === name);
    if (known) return known;
    throw new AppError({
      code: "versioning/invalid-file",
      message: `${file}: cache.type has the unknown link type "${name}".`,
      hint: `Known are ${linkTypes.join(", ")}.`,
      details: { file, value: name, allowed: linkTypes },
    });
  });
}
