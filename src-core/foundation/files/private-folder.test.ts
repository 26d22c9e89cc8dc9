import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPrivateFolder, makePrivateFolder, socketPath } from "./private-folder.ts";

let root: string;
const uid = process.getuid?.();
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "sb-private-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a socket's place", () => {
  it("is below the person's runtime folder, else in one of their own below the temporary folder", () => {
    expect(socketPath("/p", { env: { XDG_RUNTIME_DIR: "/run/user/7" }, uid: 7 })).toMatch(
      /^\/run\/user\/7\/signalbox\/[0-9a-f]{20}\.sock$/,
    );
    expect(path.dirname(socketPath("/p", { env: {}, uid: 7 }))).toBe(path.join(os.tmpdir(), "signalbox-7"));
  });

  it("fits into an address however long the project's path or the runtime folder is", () => {
    const long = `/${"deep/".repeat(60)}project`;
    for (const env of [{}, { XDG_RUNTIME_DIR: `/${"r".repeat(120)}` }])
      expect(Buffer.byteLength(socketPath(long, { env, uid: 7 }))).toBeLessThan(104);
  });

  it("is another one for another project", () => {
    expect(socketPath("/p", { env: {}, uid: 7 })).not.toBe(socketPath("/q", { env: {}, uid: 7 }));
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
