import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { cancelled } from "../../contract/errors.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import { openCatalogue } from "../../foundation/catalogue/open.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { type Client, createClient } from "../../rpc/client.ts";
import { serve } from "../../rpc/server.ts";
import { inProcessTransports } from "../../rpc/transport.ts";
import type { FeedEvent } from "../../rpc/wire.ts";
import type { App } from "../app.ts";
import { createHost, type Host, type HostOptions } from "./host.ts";

let root: string;
let host: Host;
let client: Client;
const opened: string[] = [];
const closed: string[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "sb-host-"));
  for (const name of ["a", "b"]) mkdirSync(path.join(root, name));
  opened.length = 0;
  closed.length = 0;
});
afterEach(async () => {
  client.close();
  await host.close();
  rmSync(root, { recursive: true, force: true });
});

const folder = (name: string) => path.join(root, name);

/** An app with a real catalogue, whose calls are a test's. */
function openApp(projectDir: string): App {
  opened.push(path.basename(projectDir));
  const core = bareCore(projectDir);
  const own = openCatalogue(projectPaths(projectDir).catalogueFile);
  const inode = () => projectInode(projectDir);
  const first = inode();
  return {
    core: { ...core, catalogue: () => own },
    isCurrent: () => inode() === first,
    call: async ({ input }, { signal }) => {
      if (input === "wait")
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(cancelled())));
      return { output: { folder: path.basename(projectDir), input }, exitCode: 0 };
    },
    follow: () => Promise.reject(new Error("nothing to follow")),
    locksOf: async () => [],
    execute: () => Promise.reject(new Error("not here")),
    executeFor: () => Promise.reject(new Error("not here")),
    close: async () => {
      closed.push(path.basename(projectDir));
      core.catalogue().close();
      own.close();
    },
  };
}

function projectInode(projectDir: string): number | undefined {
  return process.getBuiltinModule("node:fs").statSync(projectPaths(projectDir).catalogueFile, { throwIfNoEntry: false })
    ?.ino;
}

function connect(options: Partial<HostOptions> = {}): Client {
  host = createHost({ build: "test", openApp, ...options });
  const [face, core] = inProcessTransports();
  serve(core, host);
  client = createClient(face);
  return client;
}

const call = (name: string, input: unknown = 1) =>
  client.call("runs.status", input as never, { project: folder(name) }) as Promise<unknown>;
const until = (isSo: () => boolean) => expect.poll(isSo, { timeout: 4000, interval: 10 }).toBe(true);

describe("a host", () => {
  it("opens each project when it is first asked about, once", async () => {
    connect();
    expect(opened).toEqual([]);
    expect(await Promise.all([call("a"), call("b"), call("a", 2)])).toEqual([
      { folder: "a", input: 1 },
      { folder: "b", input: 1 },
      { folder: "a", input: 2 },
    ]);
    expect(opened).toEqual(["a", "b"]);
  });

  it("closes a project that nobody asks about any more, and opens it again", async () => {
    connect({ idleMs: 30 });
    await call("a");
    await until(() => closed.length === 1);
    await call("a");
    expect(opened).toEqual(["a", "a"]);
  });

  it("keeps a project open while a call runs or somebody is subscribed", async () => {
    connect({ idleMs: 30 });
    const stop = new AbortController();
    const waiting = client
      .call("runs.status", "wait" as never, { project: folder("a"), signal: stop.signal })
      .catch(() => undefined);
    const subscription = client.subscribe({ project: folder("b"), onEvent: () => undefined });
    await pause(120);
    expect(closed).toEqual([]);
    stop.abort();
    await waiting;
    subscription.close();
    await until(() => closed.length === 2);
  });

  it("opens a project anew whose catalogue was deleted", async () => {
    connect();
    await call("a");
    rmSync(projectPaths(folder("a")).catalogueFile);
    await call("a");
    expect(opened).toEqual(["a", "a"]);
    expect(closed).toEqual(["a"]);
  });

  it("refuses a project that isn't named by an absolute path", async () => {
    connect();
    await expect(client.call("runs.status", {}, { project: "a" })).rejects.toMatchObject({ code: "rpc/invalid-input" });
  });
});

describe("a subscription to a project", () => {
  const events: FeedEvent[] = [];
  const subscribe = async (options: { readonly subjects?: readonly ["runs"] } = {}) => {
    events.length = 0;
    connect();
    const it = client.subscribe({
      project: folder("a"),
      intervalMs: 50,
      onEvent: (event) => events.push(event),
      ...options,
    });
    await call("a");
    // The declarations of every area are loaded by the first who subscribes.
    await pause(600);
    return it;
  };
  const write = (subject: "runs" | "models", ids: readonly string[]) => {
    const other = openCatalogue(projectPaths(folder("a")).catalogueFile);
    other.write((writer) => noteChange(writer, subject, ids));
    other.close();
  };

  it("tells of what another process wrote, and which answers fall", async () => {
    await subscribe();
    write("runs", ["r1"]);
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ changes: [{ subject: "runs", ids: ["r1"] }], mustRefetch: false });
    expect(events[0]?.operations).toEqual(expect.arrayContaining(["runs.list", "runs.show"]));
    expect(events[0]?.operations).not.toContain("configs.list");
  });

  it("tells only of the subjects that are wanted", async () => {
    await subscribe({ subjects: ["runs"] });
    write("models", ["m/1"]);
    write("runs", ["r2"]);
    await until(() => events.length > 0);
    expect(events.flatMap(({ changes }) => changes.map(({ subject }) => subject))).toEqual(["runs"]);
  });

  it("tells of files that a person edits", async () => {
    mkdirSync(path.join(folder("a"), "configs"));
    writeFileSync(path.join(folder("a"), "signalbox.yaml"), "");
    await subscribe();
    appendFileSync(path.join(folder("a"), "configs", "active.yaml"), "x");
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ changes: [{ subject: "configs", ids: [] }] });
    expect(events[0]?.operations).toContain("configs.list");
    events.length = 0;
    appendFileSync(path.join(folder("a"), "signalbox.yaml"), "x");
    await until(() => events.length > 0);
    expect(events[0]?.changes.map(({ subject }) => subject)).toContain("project");
  });

  it("says that all is to be fetched again once the catalogue is another", async () => {
    await subscribe();
    const { catalogueFile } = projectPaths(folder("a"));
    for (const ending of ["", "-wal", "-shm"]) rmSync(`${catalogueFile}${ending}`, { force: true });
    await until(() => events.some(({ mustRefetch }) => mustRefetch));
    expect(opened).toEqual(["a", "a"]);
    events.length = 0;
    write("runs", ["r3"]);
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ mustRefetch: false, changes: [{ ids: ["r3"] }] });
  });
});
