import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import type { Progress } from "../../contract/operation.ts";
import { environmentOps } from "./ops.ts";

let root: string;
let home: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "environment-add-"));
  home = path.join(root, "home");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A uv that notes what it was asked for and makes a folder where the real one makes an environment, in a second. */
function noteTakingUv(): string {
  const bin = path.join(root, "bin");
  mkdirSync(bin);
  const script = [
    "#!/bin/sh",
    `echo "$@" >> '${path.join(root, "asked.txt")}'`,
    'for last; do :; done; [ "$1" = venv ] && mkdir -p "$last/bin" && : > "$last/bin/python"',
    "exit 0",
  ];
  writeFileSync(path.join(bin, "uv"), `${script.join("\n")}\n`);
  chmodSync(path.join(bin, "uv"), 0o755);
  return bin;
}

function operations(env: NodeJS.ProcessEnv) {
  const bare = bareCore(root, { ...process.env, SIGNALBOX_PYTHON: undefined, ...env });
  bare.catalogue().close();
  return environmentOps({ ...bare, home });
}

const context = { signal: new AbortController().signal, report: () => undefined };

describe("adding a group of packages", () => {
  it("builds an environment of base and group from their locks, says so, and lists it", async () => {
    const said: Progress[] = [];
    const ops = operations({ PATH: `${noteTakingUv()}:${process.env.PATH}` });
    const report = (progress: Progress) => void said.push(progress);
    const added = await ops["environment.add"]({ group: "lightgbm" }, { ...context, report });
    const folder = path.join(home, "python", added.digest);
    expect(added).toEqual({
      ...{ digest: expect.stringMatching(/^[0-9a-f]{64}$/), python: path.join(folder, "bin", "python") },
      ...{ groups: ["lightgbm"], wasThere: false },
    });
    const [, , sync] = readFileSync(path.join(root, "asked.txt"), "utf8").trim().split("\n");
    expect(sync).toMatch(/^pip sync .*--require-hashes .*requirements\.lock .*requirements-lightgbm\.lock$/);
    expect(said.map(({ state }) => state)).toEqual(["started", undefined, "finished"]);
    const { environments } = await ops["environment.list"]({}, context);
    expect(environments).toMatchObject([{ digest: added.digest, groups: ["lightgbm"], isCurrent: true }]);
    expect((await ops["environment.add"]({ group: "lightgbm" }, context)).wasThere).toBe(true);
  });

  it("leaves nothing of a build that failed", async () => {
    const bin = noteTakingUv();
    writeFileSync(path.join(bin, "uv"), '#!/bin/sh\n[ "$1" = pip ] && echo "no such wheel" && exit 2\nexit 0\n');
    const ops = operations({ PATH: `${bin}:${process.env.PATH}` });
    await expect(ops["environment.add"]({ group: "lightgbm" }, context)).rejects.toMatchObject({
      code: "environment/install-failed",
      message: expect.stringContaining("no such wheel"),
    });
    const environments = path.join(home, "python");
    expect(existsSync(environments) ? readdirSync(environments) : []).toEqual([]);
  });
});
