import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMlflowClient } from "../client.ts";

/** A real https server whose certificate only its owner's file vouches for. */

let folder: string;
let server: https.Server;
let uri: string;
const certificate = () => path.join(folder, "server.pem");

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-trust-"));
  const key = path.join(folder, "server.key");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate()];
  execFileSync("openssl", [...made, ...subject], { stdio: "ignore" });
  server = https.createServer({ key: readFileSync(key), cert: readFileSync(certificate()) }, (_, answer) =>
    answer.end("2.22.0"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  uri = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const versionFor = (env: Readonly<Record<string, string>>) => createMlflowClient({ uri, env, attempts: 1 }).version();

it("a caller's client trusts what that caller's variables name, and another's in the same process doesn't", async () => {
  expect(await versionFor({ NODE_EXTRA_CA_CERTS: certificate() })).toBe("2.22.0");
  expect(await versionFor({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })).toBe("2.22.0");
  for (const env of [{}, { NODE_EXTRA_CA_CERTS: path.join(folder, "missing.pem") }])
    await expect(versionFor(env)).rejects.toMatchObject({
      code: "tracking/unreachable",
      message: expect.stringContaining("self-signed certificate"),
    });
});
