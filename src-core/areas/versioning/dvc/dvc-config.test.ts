import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { readDvcConfig } from "./dvc-config.ts";

function configured(config: string, local = ""): ReturnType<typeof readDvcConfig> & { readonly root: string } {
  const root = mkdtempSync(path.join(os.tmpdir(), "config-"));
  mkdirSync(path.join(root, ".dvc"));
  writeFileSync(path.join(root, ".dvc/config"), config);
  writeFileSync(path.join(root, ".dvc/config.local"), local);
  return { ...readDvcConfig(root), root };
}

it("has DVC's defaults if nothing is set", () => {
  const { root, ...config } = configured("");
  expect(config).toEqual({
    cacheDir: path.join(root, ".dvc/cache"),
    linkTypes: ["reflink", "copy"],
    isShared: false,
    hasScm: true,
    remotes: [],
    defaultRemote: null,
  });
});

it("reads cache, links, group and remotes, relative paths from .dvc, config.local over config", () => {
  const config = configured(
    `[core]\n    remote = far # default\n    no_scm = True\n['remote "far"']\n    url = s3://bucket/x\n['remote "near"']\n    url = ../../store\n[cache]\n    type = "hardlink,symlink"\n    shared = group\n    dir = /elsewhere\n`,
    "[core]\n    remote = near\n[cache]\n    dir = ../own-cache\n",
  );
  expect(config).toMatchObject({
    cacheDir: path.join(config.root, "own-cache"),
    linkTypes: ["hardlink", "symlink"],
    isShared: true,
    hasScm: false,
    defaultRemote: "near",
    remotes: [
      { name: "far", url: "s3://bucket/x" },
      { name: "near", url: path.join(path.dirname(config.root), "store") },
    ],
  });
});

it("refuses a meaningless line or link type, with its place", () => {
  expect(() => configured("[core]\nnonsense\n")).toThrow(/config:2 is neither a section nor a setting/);
  expect(() => configured("[cache]\ntype = softlink\n")).toThrow(/unknown link type "softlink"/);
});
