import { readFileSync } from "node:fs";
import type { Manifest } from "./manifest.ts";

/** Reads the manifest that the build wrote next to the bundle. When running from source, derives it. */
export async function readManifest(): Promise<Manifest> {
  if (!import.meta.url.endsWith(".ts")) {
    return JSON.parse(readFileSync(new URL("./help.json", import.meta.url), "utf8")) as Manifest;
  }
  const { buildManifest } = await import("./manifest.ts");
  const identity = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return buildManifest(identity.version);
}
