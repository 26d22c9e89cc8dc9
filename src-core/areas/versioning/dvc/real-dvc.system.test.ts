import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { gitFolder, openRealDvc, type RealDvc } from "../../../../test/support/real-dvc.ts";
import { checkoutOutput } from "../cache/checkout.ts";
import { initDvc } from "../init-dvc.ts";
import { addOutput } from "../outputs/add.ts";
import { statusOf } from "../outputs/status.ts";
import { fetchOutputs, pushOutputs } from "../remote/sync.ts";
import { openRepository } from "../repository.ts";
import { listOutputs } from "./outputs.ts";

let dvc: RealDvc;
beforeAll(async () => {
  dvc = await openRealDvc();
});

/** Data that has tripped writers of this format: empty, nested, non-ASCII, astral, executable, quoted. */
function writeData(root: string): readonly string[] {
  const put = (file: string, content: string | Buffer, mode = 0o644) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
    chmodSync(path.join(root, file), mode);
  };
  put("table.csv", "a,b\r\n1,2\r\n");
  put("run.sh", "#!/bin/sh\n", 0o755);
  put("empty", "");
  put("données/été 'x' [1].txt", "café");
  put("2024-01-01", "looks like a date");
  put("1e5", "looks like a number");
  put("large.bin", Buffer.alloc(3_500_000, 7));
  put("folder/a", "a");
  put("folder/b/c/d.txt", "d");
  put("folder/\u{1F600}.txt", "astral");
  put("folder/\uFF5E.txt", "wide");
  put('folder/quote".txt', "quote");
  put("folder/copy-of-a", "a");
  put("folder/tool", "#!", 0o755);
  put("folder/big.bin", Buffer.alloc(2_000_000, 9));
  return ["table.csv", "run.sh", "empty", "données/été 'x' [1].txt", "2024-01-01", "1e5", "large.bin", "folder"];
}

async function addAll(root: string, targets: readonly string[]): Promise<void> {
  const repository = openRepository(root);
  for (const target of targets) await addOutput(repository, target, { outputs: listOutputs(repository) });
}

/** Every file below a folder with its mode and content, except for DVC's own. */
function snapshot(root: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (/^(\.git|\.dvc\/tmp)(\/|$)/.test(file)) continue;
    const stats = statSync(path.join(root, file));
    if (!stats.isFile()) continue;
    const bytes = readFileSync(path.join(root, file));
    const shown = bytes.length < 2_000 ? JSON.stringify(bytes.toString("utf8")) : hash("md5", bytes);
    all[file] = `${(stats.mode & 0o777).toString(8)} ${shown}`;
  }
  return all;
}

describe("initialising", () => {
  it.each([
    ["plain", [], false],
    ["below a git repository", ["--subdir"], false],
    ["without git", ["--no-scm"], true],
  ] as const)("%s makes the files that `dvc init` makes", (_name, flags, isNoScm) => {
    const make = () => {
      const top = isNoScm ? mkdtempSync(path.join(os.tmpdir(), "init-")) : gitFolder("init");
      const root = flags[0] === "--subdir" ? path.join(top, "sub") : top;
      mkdirSync(root, { recursive: true });
      return root;
    };
    const [theirs, ours] = [make(), make()];
    dvc.run(theirs, "init", "--quiet", ...flags);
    initDvc(ours, { isNoScm });
    expect(snapshot(ours)).toEqual(snapshot(theirs));
    expect(
      readdirSync(ours, { recursive: true })
        .filter((file) => !String(file).startsWith(".git/"))
        .sort(),
    ).toEqual(
      readdirSync(theirs, { recursive: true })
        .filter((file) => !String(file).startsWith(".git/"))
        .sort(),
    );
    expect(dvc.run(ours, "status")).toContain("no data or pipelines tracked");
  });
});

describe("what Signalbox adds", () => {
  it("has the same bytes and modes as after `dvc add`: .dvc files, .gitignore, objects, listings", async () => {
    const [theirs, ours] = [gitFolder("add"), gitFolder("add")];
    for (const root of [theirs, ours]) initDvc(root, { isNoScm: false });
    const targets = writeData(theirs);
    writeData(ours);
    for (const target of targets) dvc.run(theirs, "add", "--quiet", target);
    await addAll(ours, targets);
    const expected = snapshot(theirs);
    // DVC gives the work folder's own file another mode; Signalbox keeps the user's.
    expect(snapshot(ours)).toEqual({ ...expected, "run.sh": expected["run.sh"]?.replace(/^744/, "755") });
  });

  it.each([
    ["*.log\n!keep.log", "by name, one taken back"],
    ["folder/*\n!folder/cache", "by folder, one taken back with its content"],
    ["[[:digit:]]*\n[[:alpha:]]", "by what DVC reads in POSIX classes: members and a bracket"],
    ["?.tmp\n[!a]x\nb[\\]]\nno[end", "by single characters"],
    ["cache/\na**.bin\n***.gz", "by folders alone, and by stars"],
  ])("excludes by %j (%s) what `dvc add` excludes", async (text) => {
    const [theirs, ours] = [gitFolder("ignore"), gitFolder("ignore")];
    for (const root of [theirs, ours]) {
      initDvc(root, { isNoScm: false });
      writeFileSync(path.join(root, ".dvcignore"), `${text}\n`);
      for (const file of [
        "1",
        "1]",
        "a",
        "a]",
        "😀.tmp",
        "ab.tmp",
        "ax",
        "bx",
        "b]",
        "b\\]",
        "no[end",
        "x.log",
        "keep.log",
      ]) {
        mkdirSync(path.join(root, "folder/cache/deep"), { recursive: true });
        for (const folder of ["folder", "folder/cache", "folder/cache/deep"])
          writeFileSync(path.join(root, folder, file), `${folder}/${file}`);
      }
      for (const file of ["a1.bin", "1.gz"]) writeFileSync(path.join(root, "folder", file), file);
    }
    dvc.run(theirs, "add", "--quiet", "folder");
    await addAll(ours, ["folder"]);
    expect(snapshot(ours)).toEqual(snapshot(theirs));
  });

  it("is clean for `dvc status`, and `dvc checkout` restores it", async () => {
    const root = gitFolder("clean");
    initDvc(root, { isNoScm: false });
    const targets = writeData(root);
    await addAll(root, targets);
    expect(dvc.run(root, "status")).toContain("up to date");
    const before = snapshot(root);
    for (const target of targets) rmSync(path.join(root, target), { recursive: true });
    dvc.run(root, "checkout");
    // A listing has no executable bits: DVC itself restores files of a folder without them.
    expect(snapshot(root)).toEqual({
      ...before,
      "folder/tool": before["folder/tool"]?.replace(/^755/, "644"),
      "run.sh": before["run.sh"]?.replace(/^755/, "744"),
    });
    expect(dvc.run(root, "status")).toContain("up to date");
  });

  it("keeps description, meta and comments of an existing .dvc file as `dvc add` does", async () => {
    const [theirs, ours] = [gitFolder("meta"), gitFolder("meta")];
    for (const root of [theirs, ours]) {
      initDvc(root, { isNoScm: false });
      writeData(root);
    }
    for (const target of ["table.csv", "folder", "run.sh"]) dvc.run(theirs, "add", "--quiet", target);
    await addAll(ours, ["table.csv", "folder", "run.sh"]);
    for (const root of [theirs, ours]) {
      for (const target of ["table.csv", "folder", "run.sh"]) {
        const file = path.join(root, `${target}.dvc`);
        const text = readFileSync(file, "utf8");
        writeFileSync(
          file,
          `# kept\n${text}  desc: of the table  # why\n  labels:\n  - raw\n  meta:\n    owner: me\nmeta:\n  note: 1\n`,
        );
      }
      writeFileSync(path.join(root, "table.csv"), "a\n1\n");
      writeFileSync(path.join(root, "folder/new"), "new");
      chmodSync(path.join(root, "run.sh"), 0o644);
    }
    for (const target of ["table.csv", "folder", "run.sh"]) dvc.run(theirs, "add", "--quiet", target);
    await addAll(ours, ["table.csv", "folder", "run.sh"]);
    expect(snapshot(ours)).toEqual(snapshot(theirs));
  });

  it.each([
    ["hardlink", "hardlink,copy"],
    ["symlink", "symlink,copy"],
    ["copy", "copy"],
  ])("is linked as cache.type = %s says, as DVC itself would", async (_name, type) => {
    const root = gitFolder("links");
    initDvc(root, { isNoScm: false });
    writeFileSync(path.join(root, ".dvc/config"), `[cache]\n    type = "${type}"\n`);
    writeData(root);
    await addAll(root, ["large.bin", "folder"]);
    expect(dvc.run(root, "status")).toContain("up to date");
    const before = snapshot(root);
    dvc.run(root, "checkout", "--relink", "--force");
    expect(snapshot(root)).toEqual(before);
  });

  it("is pushed to a folder so that `dvc pull` of a clone gets all of it, and the other way round", async () => {
    const [root, remote] = [gitFolder("remote"), mkdtempSync(path.join(os.tmpdir(), "store-"))];
    initDvc(root, { isNoScm: false });
    writeFileSync(
      path.join(root, ".dvc/config"),
      `[core]\n    remote = store\n['remote "store"']\n    url = ${remote}\n`,
    );
    const targets = writeData(root);
    await addAll(root, targets);
    const repository = openRepository(root);
    const pushed = await pushOutputs(repository, { outputs: listOutputs(repository), env: process.env });
    expect(pushed.objects).toBe(15);
    expect(dvc.run(root, "status", "--cloud")).toContain("in sync");
    const clone = gitFolder("clone");
    cpSync(path.join(root, ".dvc"), path.join(clone, ".dvc"), { recursive: true });
    rmSync(path.join(clone, ".dvc/cache"), { recursive: true });
    for (const file of Object.keys(snapshot(root)).filter((name) => name.endsWith(".dvc"))) {
      mkdirSync(path.dirname(path.join(clone, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(clone, file));
    }
    const bare = snapshot(clone);
    dvc.run(clone, "pull");
    const theirs = snapshot(clone);
    for (const target of targets) rmSync(path.join(clone, target), { recursive: true });
    rmSync(path.join(clone, ".dvc/cache"), { recursive: true });
    expect(snapshot(clone)).toEqual(bare);
    const again = openRepository(clone);
    await fetchOutputs(again, { outputs: listOutputs(again), env: process.env });
    for (const output of listOutputs(again)) await checkoutOutput(again, output, { isForced: false });
    expect(snapshot(clone)).toEqual(theirs);
  });
});

describe("what `dvc add` wrote", () => {
  it("is read: unchanged, then modified, deleted and not in cache", async () => {
    const root = gitFolder("theirs");
    dvc.run(root, "init", "--quiet");
    const targets = writeData(root);
    dvc.run(root, "add", "--quiet", ...targets);
    const statuses = async () => {
      const repository = openRepository(root);
      const found: Record<string, string> = {};
      for (const output of listOutputs(repository)) found[output.path] = await statusOf(repository, output);
      return found;
    };
    expect(Object.values(await statuses())).toEqual(targets.map(() => "unchanged"));
    writeFileSync(path.join(root, "folder/a"), "changed");
    rmSync(path.join(root, "run.sh"));
    rmSync(path.join(root, ".dvc/cache/files/md5/d4/1d8cd98f00b204e9800998ecf8427e"), { force: true });
    expect(await statuses()).toMatchObject({ folder: "modified", "run.sh": "deleted", empty: "not in cache" });
  });

  it("with stages is read from dvc.lock", async () => {
    const root = gitFolder("stages");
    dvc.run(root, "init", "--quiet");
    writeFileSync(
      path.join(root, "dvc.yaml"),
      "stages:\n  make:\n    cmd: mkdir -p out && echo x > out/x\n    outs:\n    - out\n",
    );
    dvc.run(root, "repro", "--quiet");
    const repository = openRepository(root);
    const [output] = listOutputs(repository);
    expect(output).toMatchObject({ path: "out", dvcFile: "dvc.lock", files: 1 });
    if (output) expect(await statusOf(repository, output)).toBe("unchanged");
  });

  it("by DVC 2.x is recognised by the missing `hash: md5`, compared by its rule and restored from its cache", async () => {
    const root = gitFolder("old");
    initDvc(root, { isNoScm: false });
    mkdirSync(path.join(root, "d"));
    writeFileSync(path.join(root, "d/t.csv"), "a\r\nb\r\n");
    const md5 = (text: string) => execFileSync("md5sum", { input: text, encoding: "utf8" }).slice(0, 32);
    const file = md5("a\nb\n");
    const listing = `[{"md5": "${file}", "relpath": "t.csv"}]`;
    const dir = `${md5(listing)}.dir`;
    for (const [hash, text] of [
      [file, "a\r\nb\r\n"],
      [dir, listing],
    ] as const) {
      mkdirSync(path.join(root, ".dvc/cache", hash.slice(0, 2)), { recursive: true });
      writeFileSync(path.join(root, ".dvc/cache", hash.slice(0, 2), hash.slice(2)), text, { mode: 0o444 });
    }
    writeFileSync(path.join(root, "d.dvc"), `outs:\n- md5: ${dir}\n  size: 6\n  nfiles: 1\n  path: d\n`);
    expect(dvc.run(root, "status")).toContain("up to date");
    const repository = openRepository(root);
    const [output] = listOutputs(repository);
    if (!output) throw new Error("the old output was not found");
    expect(await statusOf(repository, output)).toBe("unchanged");
    rmSync(path.join(root, "d"), { recursive: true });
    await checkoutOutput(repository, output, { isForced: false });
    expect(readFileSync(path.join(root, "d/t.csv"), "utf8")).toBe("a\r\nb\r\n");
    expect(existsSync(path.join(root, ".dvc/cache/files"))).toBe(false);
  });
});
