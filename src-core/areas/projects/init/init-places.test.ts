import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TriedInit } from "../../../../test/support/tried-init.ts";
import { AppError } from "../../../contract/errors.ts";

/** Where a project may be made, and where it is refused before anything is. */

let lab: TriedInit;
let table: string;
beforeEach(() => {
  lab = new TriedInit();
  const rows = Array.from({ length: 300 }, (_, i) => `k${i},${i % 7},${Math.sin(i * i)}\n`);
  table = "t.csv";
  writeFileSync(path.join(lab.folder, table), `id,x,y\n${rows.join("")}`);
});
afterEach(() => lab.remove());

const at = (...names: string[]) => path.join(lab.folder, ...names);
const init = (dir: string, git = false) => lab.init(table, { dir, target: "y", git });
const git = (folder: string, ...args: string[]) => {
  const { status, stderr, stdout } = spawnSync("git", ["-C", folder, ...args], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout.trim();
};
const isRoot = process.getuid?.() === 0;

describe("a project is made", () => {
  it("in a folder that is there, a link to one, and from a table that is only read", async () => {
    mkdirSync(at("own"));
    mkdirSync(at("far"));
    symlinkSync(at("far"), at("link"));
    chmodSync(at(table), 0o444);
    for (const dir of ["own", "link"]) {
      expect((await init(dir)).rows).toBe(300);
      expect(statSync(at(dir, "data/master.csv")).mode & 0o200).not.toBe(0);
      expect(readdirSync(at(dir)).filter((name) => name.includes("signalbox-tmp"))).toEqual([]);
    }
    expect(existsSync(at("far/signalbox.yaml"))).toBe(true);
  });

  it.runIf(isRoot && spawnSync("mount", ["--version"]).status === 0)(
    "in a mount, which is a disk of its own",
    async () => {
      mkdirSync(at("mounted"));
      const made = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", at("mounted")]);
      if (made.status !== 0) return console.warn("NOT TESTED: tmpfs can't be mounted here.");
      try {
        expect((await init("mounted")).rows).toBe(300);
        expect(existsSync(at("mounted/signalbox.yaml"))).toBe(true);
      } finally {
        spawnSync("umount", [at("mounted")]);
      }
    },
  );

  it("with attributes that keep its bytes where git converts line ends", async () => {
    const { dir } = await init("p", true);
    git(dir, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "x");
    git(lab.folder, "-c", "core.autocrlf=true", "clone", "--quiet", dir, at("clone"));
    const file = "configs/data_contracts/v1.yaml";
    expect(readFileSync(at("clone", file), "utf8")).toBe(readFileSync(path.join(dir, file), "utf8"));
  });
});

describe("a project is refused before anything is made", () => {
  const refusal = async (dir: string): Promise<AppError> => {
    const error: unknown = await init(dir, true).catch((it: unknown) => it);
    if (!(error instanceof AppError)) throw error;
    return error;
  };
  const present = () => readdirSync(lab.folder, { recursive: true }).sort();

  it("where git ignores a part of it, with file, line and pattern", async () => {
    mkdirSync(at("above"));
    git(at("above"), "init", "--quiet");
    writeFileSync(at("above/.gitignore"), "*.log\n# big things\ndata/\n");
    const there = present();
    const error = await refusal("above/p");
    expect(error.code).toBe("projects/git-failed");
    expect(error.message).toContain("above/p/data/splits/v1.dvc: .gitignore, line 3 has `data/`");
    expect(present()).toEqual(there);
    // The hint works.
    writeFileSync(at("above/.gitignore"), "*.log\n");
    expect((await init("above/p", true)).git.mode).toBe("existing repository");
  });

  it("in a worktree whose main repository is gone", async () => {
    mkdirSync(at("main"));
    git(at("main"), "init", "--quiet");
    git(
      at("main"),
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      "commit",
      "--allow-empty",
      "--quiet",
      "--message",
      "x",
    );
    git(at("main"), "worktree", "add", "--quiet", at("tree"));
    rmSync(at("main"), { recursive: true });
    const there = present();
    const error = await refusal("tree/p");
    expect(error.message).toMatch(/tree is a git repository that git doesn't open: fatal: not a git repository/);
    expect(error.hint).toContain("Repair it");
    expect(present()).toEqual(there);
  });

  it.runIf(isRoot)("in a repository of another user", async () => {
    mkdirSync(at("theirs"));
    git(at("theirs"), "init", "--quiet");
    for (const name of ["theirs", "theirs/.git"]) chownSync(at(name), 65_534, 65_534);
    const error = await refusal("theirs/p");
    expect(error.message).toContain("dubious ownership");
    expect(error.next).toEqual([
      {
        program: "git",
        argv: ["config", "--global", "--add", "safe.directory", at("theirs")],
        why: "trusts it",
      },
    ]);
    expect(readdirSync(at("theirs"))).toEqual([".git"]);
  });
});
