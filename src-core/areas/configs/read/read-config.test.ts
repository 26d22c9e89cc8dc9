import { mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readConfig } from "./read-config.ts";

const schema = z.strictObject({ version: z.literal(1), name: z.string() });

function project(): { readonly root: string; readonly write: (name: string) => void } {
  const root = mkdtempSync(path.join(os.tmpdir(), "read-config-"));
  const file = path.join(root, "file.yaml");
  const write = (name: string) => {
    writeFileSync(file, `version: 1\nname: ${name}\n`);
    // As if both changes fell into one tick of the file system's clock.
    utimesSync(file, 1, 1);
  };
  return { root, write };
}

describe("a file that is read again", () => {
  it("is parsed once while its bytes stay the same, however often it is touched", () => {
    const { root, write } = project();
    write("one");
    const first = readConfig(root, "file.yaml", schema);
    write("one");
    expect(readConfig(root, "file.yaml", schema)).toBe(first);
  });

  it("shows a change of the same length within the same tick", () => {
    const { root, write } = project();
    write("one");
    const { digest } = readConfig(root, "file.yaml", schema);
    write("two");
    const again = readConfig(root, "file.yaml", schema);
    expect(again.value.name).toBe("two");
    expect(again.digest).not.toBe(digest);
  });

  it("is distinguished from the same file of another project, and from another file", () => {
    const [one, other] = [project(), project()];
    one.write("one");
    other.write("one");
    const first = readConfig(one.root, "file.yaml", schema);
    expect(readConfig(other.root, "file.yaml", schema)).not.toBe(first);
    writeFileSync(path.join(one.root, "second.yaml"), "version: 1\nname: one\n");
    expect(readConfig(one.root, "second.yaml", schema).file).toBe("second.yaml");
  });

  it("fails again after it was broken and is valid again after it was fixed", () => {
    const { root, write } = project();
    write("one");
    readConfig(root, "file.yaml", schema);
    write("[1]");
    expect(() => readConfig(root, "file.yaml", schema)).toThrow(/file\.yaml/);
    expect(() => readConfig(root, "file.yaml", schema)).toThrow(/file\.yaml/);
    write("one");
    expect(readConfig(root, "file.yaml", schema).value.name).toBe("one");
  });
});
