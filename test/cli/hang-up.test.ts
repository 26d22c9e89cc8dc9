import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../../src-core/rpc/client.ts";
import { serve } from "../../src-core/rpc/server.ts";
import { inProcessTransports } from "../../src-core/rpc/transport.ts";
import { createApp } from "../../src-core/wiring/app.ts";
import { createHost, type Host } from "../../src-core/wiring/host/host.ts";
import { smallProject } from "../support/small-project.ts";

/** Faces of one project in this process, over the host that every face has; the supervisor is a real one. */

let project: string;
let host: Host;
beforeAll(async () => {
  project = await smallProject(20_000);
  host = createHost({
    build: "test",
    openApp: (projectDir) => createApp({ projectDir, env: process.env, node: process.execPath, role: "face" }),
  });
});
afterAll(async () => {
  await host.close();
  rmSync(path.dirname(project), { recursive: true, force: true });
});

function open(): Client {
  const [face, core] = inProcessTransports();
  serve(core, host);
  return createClient(face, { project });
}

const stateOf = async (client: Client, id: string) => {
  const { operations } = await client.call("operations.list", {});
  return operations.find((it) => it.id === id)?.state;
};

describe("a face that hangs up", () => {
  it("ends nothing: the operation goes on, and another face follows it to its own answer", async () => {
    const first = open();
    const accepted = Promise.withResolvers<string>();
    const call = first.request("splits.check", {}, { onAccepted: accepted.resolve });
    const closed = expect(call).rejects.toMatchObject({ code: "rpc/closed" });
    const id = await accepted.promise;
    first.close();
    await closed;
    const second = open();
    expect(["queued", "running"]).toContain(await stateOf(second, id));
    const answer = await second.follow(id);
    expect(answer).toMatchObject({ operation: id, exitCode: 0, output: { splitVersion: 1 } });
    expect(await stateOf(second, id)).toBe("succeeded");
    second.close();
  });

  it("differs from one that cancels", async () => {
    const face = open();
    const stop = new AbortController();
    const id = await face.start("splits.check", {});
    const waiting = face.request("splits.check", {}, { signal: stop.signal, onAccepted: () => stop.abort() });
    await expect(waiting).rejects.toMatchObject({ code: "internal/cancelled" });
    expect((await face.follow(id)).exitCode).toBe(0);
    const { operations } = await face.call("operations.list", { limit: 1 });
    expect(operations[0]).toMatchObject({ state: "cancelled" });
    face.close();
  });

  it("gets the exit code that the operation declares, with the answer", async () => {
    const face = open();
    const followed = await face.request("operations.follow", { id: "op1" });
    expect(followed.exitCode).toBe(0);
    const { operations } = await face.call("operations.list", { limit: 1 });
    const cancelled = await face.request("operations.follow", { id: operations[0]?.id ?? "" });
    expect(cancelled).toMatchObject({ exitCode: 130, output: { state: "cancelled" } });
    face.close();
  });

  it("that only reads is told of what another one does, and which answers fall", async () => {
    const [reader, other] = [open(), open()];
    const fallen: string[] = [];
    reader.subscribe({ intervalMs: 50, onEvent: ({ operations }) => fallen.push(...operations) });
    await reader.call("operations.list", {});
    await other.call("splits.check", {});
    await expect.poll(() => fallen, { timeout: 5000 }).toContain("operations.list");
    for (const face of [reader, other]) face.close();
  });
});
