import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileDigest, sha256 } from "./digest.ts";
import { appendDurable, fileError, removeLeftovers, temporaryPath, writeFileDurable } from "./durable.ts";
import { dataHome, projectPaths } from "./paths.ts";
import { identityOf, nameMark, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a durable write", () => {
  it("replaces the whole file, creates its folder, and leaves no other file", () => {
    const file = path.join(folder, "deep", "note.json");
    writeFileDurable(file, "old");
    writeFileDurable(file, "new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(readdirSync(path.dirname(file))).toEqual(["note.json"]);
  });

  it("sets the requested mode", () => {
    const file = path.join(folder, "secret");
    writeFileDurable(file, "x", 0o600);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("that fails names the file and the reason with a code, and keeps the old content", () => {
    const file = path.join(folder, "note");
    writeFileDurable(file, "old");
    expect(() => writeFileDurable(path.join(file, "below"), "x")).toThrow(
      expect.objectContaining({ code: "files/io", message: expect.stringContaining(path.join(file, "below")) }),
    );
    expect(readFileSync(file, "utf8")).toBe("old");
  });

  it("appends lines in order", () => {
    const file = path.join(folder, "log.jsonl");
    for (const line of ["1", "2", "3"]) appendDurable(file, `${line}\n`);
    expect(readFileSync(file, "utf8")).toBe("1\n2\n3\n");
  });
});

describe("leftovers", () => {
  const marked = (name: string, identity: ProcessIdentity) =>
    path.join(folder, `.${name}.signalbox-tmp-${nameMark(identity)}-00000000`);
  const parent = (): ProcessIdentity => identityOf(process.ppid) ?? ownIdentity();

  it("of a dead process are removed, those of a live one aren't", () => {
    const dead = spawnSync(process.execPath, ["-e", "process.stdout.write(String(process.pid))"], { encoding: "utf8" });
    const theirs = marked("theirs", { ...ownIdentity(), pid: Number(dead.stdout) });
    const kept = [temporaryPath(path.join(folder, "mine")), marked("alive", parent())];
    for (const file of [...kept, theirs]) writeFileSync(file, "part");
    expect(removeLeftovers(folder)).toEqual([path.basename(theirs)]);
    expect(kept.every((file) => existsSync(file))).toBe(true);
  });

  it("are removed even if another process has the pid of the dead one", () => {
    const reused = [
      marked("earlier", { ...parent(), startTime: "1" }),
      marked("before the boot", { ...parent(), bootId: "other" }),
      marked("own number", { ...ownIdentity(), startTime: "1" }),
    ];
    for (const file of reused) writeFileSync(file, "part");
    expect(removeLeftovers(folder)).toHaveLength(3);
  });

  it("of a process in another container or on another host stay", () => {
    const elsewhere = [
      marked("container's", { ...parent(), startTime: "1", namespace: "pid:[1]" }),
      marked("host's", { ...parent(), startTime: "1", bootId: "other", host: "other" }),
    ];
    for (const file of elsewhere) writeFileSync(file, "part");
    expect(removeLeftovers(folder)).toEqual([]);
    const unreadable = path.join(folder, ".x.signalbox-tmp-12-00000000");
    writeFileSync(unreadable, "part");
    expect(removeLeftovers(folder)).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "of a killed process are removed before its parent has taken note of its end",
    async () => {
      // The shell starts a child and becomes a program that never waits: the child stays a zombie.
      const shell = spawn("/bin/sh", ["-c", "sleep 0.2 & echo $!; exec sleep 30"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      try {
        const pid = Number(String((await once(shell.stdout, "data"))[0]).trim());
        const identity = identityOf(pid);
        if (identity === undefined) throw new Error("The child was gone before it was looked at.");
        const file = marked("zombie's", identity);
        writeFileSync(file, "part");
        expect(removeLeftovers(folder)).toEqual([]);
        await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /);
        expect(removeLeftovers(folder)).toEqual([path.basename(file)]);
      } finally {
        shell.kill("SIGKILL");
      }
    },
  );
});

describe("a file-system error", () => {
  it.each([
    ["ENOENT", "files/not-found"],
    ["EACCES", "files/no-permission"],
    ["EROFS", "files/no-permission"],
    ["ENOSPC", "files/disk-full"],
    ["EDQUOT", "files/disk-full"],
    ["EIO", "files/io"],
  ])("%s becomes %s with the path", (errno, code) => {
    const error = Object.assign(new Error(errno), { code: errno });
    expect(fileError(error, "write", "/some/file")).toMatchObject({
      code,
      message: expect.stringContaining("/some/file"),
    });
  });

  it("of another kind is returned unchanged", () => {
    const error = new TypeError("a bug");
    expect(fileError(error, "read", "x")).toBe(error);
  });
});

describe("digests", () => {
  it("are those of the standard tools", () => {
    const file = path.join(folder, "bytes");
    writeFileSync(file, Buffer.alloc(3_000_001, 7));
    expect(fileDigest(file)).toBe(spawnSync("sha256sum", [file], { encoding: "utf8" }).stdout.slice(0, 64));
    expect(fileDigest(file, "md5")).toBe(spawnSync("md5sum", [file], { encoding: "utf8" }).stdout.slice(0, 32));
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("of a missing file is an error with its path", () => {
    expect(() => fileDigest(path.join(folder, "none"))).toThrow(expect.objectContaining({ code: "files/not-found" }));
  });
});

describe("paths", () => {
  it("of the user's data follow SIGNALBOX_HOME, then XDG, then the platform", () => {
    expect(dataHome({ SIGNALBOX_HOME: "/a", XDG_DATA_HOME: "/b", HOME: "/c" }, "linux")).toBe("/a");
    expect(dataHome({ XDG_DATA_HOME: "/b", HOME: "/c" }, "linux")).toBe("/b/signalbox");
    expect(dataHome({ HOME: "/c" }, "linux")).toBe("/c/.local/share/signalbox");
    expect(dataHome({ HOME: "/c" }, "darwin")).toBe("/c/Library/Application Support/signalbox");
  });

  it("of a project keep what is tracked out of the private folder", () => {
    const paths = projectPaths("/p");
    for (const tracked of [
      paths.ledgerFile,
      paths.frozenFile,
      paths.referenceReadsFile,
      paths.splits,
      paths.references,
    ]) {
      expect(tracked.startsWith(paths.private)).toBe(false);
    }
  });
});
