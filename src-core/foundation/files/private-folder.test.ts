import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPrivateFolder, makePrivateFolder, placeSocket } from "./private-folder.ts";

let root: string;
const uid = process.getuid?.();
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "sb-private-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a socket's place", () => {
  const own = (lock = "/p", runtime = path.join(root, "run")) => {
    const previous = process.env.TMPDIR;
    process.env.TMPDIR = root;
    try {
      return placeSocket(lock, { env: { XDG_RUNTIME_DIR: runtime }, uid });
    } finally {
      if (previous === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = previous;
    }
  };
  const below = (folder: string) => path.join(root, folder);

  it("is below the person's runtime folder, in one of their own", () => {
    mkdirSync(below("run"));
    expect(own()).toMatch(/\/run\/signalbox\/[0-9a-f]{20}\.sock$/);
    expect(statSync(below("run/signalbox")).mode & 0o777).toBe(0o700);
    expect(own("/p")).toBe(own("/p"));
    expect(own("/p")).not.toBe(own("/q"));
  });

  it("is below the temporary folder where the runtime folder is unset, missing, relative, too long or open to others", () => {
    const fallback = below(`signalbox-${uid}`);
    mkdirSync(below("open/signalbox"), { recursive: true });
    chmodSync(below("open/signalbox"), 0o755);
    for (const runtime of ["", below("missing"), "run", `/${"r".repeat(120)}`, below("open")])
      expect(path.dirname(own("/p", runtime))).toBe(fallback);
    expect(statSync(fallback).mode & 0o777).toBe(0o700);
  });

  it("is below the temporary folder where the runtime folder can't be written, as by another user's process", () => {
    mkdirSync(below("run"));
    chmodSync(root, 0o777);
    const module = path.join(import.meta.dirname, "private-folder.ts");
    const script = `const { placeSocket } = await import(${JSON.stringify(module)});
      process.setuid?.(65534);
      process.stdout.write(placeSocket("/p", { env: { XDG_RUNTIME_DIR: ${JSON.stringify(below("run"))} }, uid: 65534 }));`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, TMPDIR: root },
      encoding: "utf8",
    });
    expect(child.stderr).toBe("");
    expect(path.dirname(child.stdout)).toBe(below("signalbox-65534"));
  });

  it("fits into an address however long the project's path is", () => {
    expect(Buffer.byteLength(own(`/${"deep/".repeat(60)}project`))).toBeLessThan(104);
  });
});

describe("a private folder", () => {
  it("is made for its owner alone and taken again as it is", () => {
    const folder = path.join(root, "own");
    makePrivateFolder(folder, uid);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    makePrivateFolder(folder, uid);
  });

  it("is refused where others may enter it, where it is a link or a file, and where it is another person's", () => {
    const open = path.join(root, "open");
    mkdirSync(open);
    chmodSync(open, 0o750);
    symlinkSync(root, path.join(root, "link"));
    writeFileSync(path.join(root, "file"), "");
    for (const [name, reason] of [
      ["open", "lets others in (mode 750)"],
      ["link", "is no folder"],
      ["file", "is no folder"],
    ] as const)
      expect(() => makePrivateFolder(path.join(root, name), uid)).toThrow(reason);
    chmodSync(open, 0o700);
    expect(() => checkPrivateFolder(open, (uid ?? 0) + 1)).toThrow("belongs to another user");
    expect(() => checkPrivateFolder(path.join(root, "absent"), uid)).toThrow(
      expect.objectContaining({ code: "files/not-found" }),
    );
  });
});
