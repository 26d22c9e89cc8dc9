import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { buildManifest } from "../src-cli/manifest.ts";
import { errorCodes, exitCodes } from "../src-core/contract/errors.ts";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";

const read = (file: string): string => readFileSync(path.join(appRoot, file), "utf8");

/** The pages of the documentation, relative to the repository. */
const pages = [
  ...readdirSync(appRoot).filter((name) => name.endsWith(".md")),
  ...readdirSync(path.join(appRoot, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.posix.join("docs", name)),
];

/** Headings in the form that links use: lower case, words joined by hyphens, without punctuation. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Links in prose and tables; text in a code block isn't a link. */
function linksOf(file: string): readonly string[] {
  const prose = read(file).replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target));
}

describe("the documentation", () => {
  it("has links that lead to a page and a heading in it", () => {
    const broken = pages.flatMap((file) =>
      linksOf(file).filter((target) => {
        const [page = "", anchor] = target.split("#");
        const linked = page === "" ? file : path.posix.join(path.posix.dirname(file), page);
        if (!existsSync(path.join(appRoot, linked))) return true;
        return anchor !== undefined && !anchorsOf(linked).has(anchor);
      }),
    );
    expect(pages.length).toBeGreaterThan(10);
    expect(broken).toEqual([]);
  });

  it("names files that are there where it says where a behaviour is", () => {
    const [, section = ""] = read("ARCHITECTURE.md").split("## Where a behaviour is\n");
    const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
    let folder = "";
    const missing = rows.flatMap((row) =>
      [...row.matchAll(/`([^` ]+\/[^` ]*)`/g)].flatMap(([, name = ""]) => {
        // "…/x.ts" is beside the file before it.
        const file = name.startsWith("…/") ? path.posix.join(folder, name.slice(2)) : name;
        folder = path.posix.dirname(file);
        return ["", "src-core"].some((root) => existsSync(path.join(appRoot, root, file))) ? [] : [name];
      }),
    );
    expect(rows.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });

  it("lists every page of docs/ in its index", () => {
    const linked = new Set(
      linksOf("docs/README.md").map((target) => path.posix.join("docs", target.split("#")[0] ?? "")),
    );
    const own = pages.filter((file) => /^docs\/(guide|concepts|reference)\//.test(file));
    expect(own.filter((file) => !linked.has(file))).toEqual([]);
    const decisions = new Set(linksOf("docs/decisions/README.md"));
    const records = pages.filter((file) => /^docs\/decisions\/\d/.test(file)).map((file) => path.basename(file));
    expect(records.filter((file) => !decisions.has(file))).toEqual([]);
  });

  it("names commands that exist", () => {
    const commands = buildManifest("0").commands.map((command) => command.words.join(" "));
    const isCommand = (text: string) => commands.some((words) => `${text} `.startsWith(`${words} `));
    const unknown = pages.flatMap((file) =>
      [...read(file).matchAll(/(?:`|^\$ )signalbox ([a-z][a-z -]*)/gm)]
        .map(([, text = ""]) => text.trim())
        .filter((text) => !isCommand(text) && !/^(completion|help)\b/.test(text))
        .map((text) => `${file}: signalbox ${text}`),
    );
    expect(unknown).toEqual([]);
  });

  it("gives each error code once, with its exit code and a meaning", () => {
    const rows = [...read("docs/reference/errors.md").matchAll(/^\| `([a-z-]+\/[a-z-]+)` \| (\d+) \| (.+) \|$/gm)];
    const shown = rows.map(([, code = "", exit = ""]) => [code, Number(exit)]);
    expect(shown).toEqual(Object.entries(errorCodes).map(([code, kind]) => [code, exitCodes[kind]]));
  });
});
