import { connect as connectTo } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextStep } from "../contract/build-step.ts";
import { AppError, decodeError, encodeError } from "../contract/errors.ts";
import type { Progress } from "../contract/operation.ts";
import type { CallOptions, Client, ClientOptions } from "./client.ts";
import { createClient } from "./client.ts";
import { mostFrameBytes, mostMessageBytes, protocol } from "./limits.ts";
import type { Rig } from "./testing/rigs.ts";
import { rigs } from "./testing/rigs.ts";
import { type SampleCore, sampleCore, sampleError } from "./testing/sample-core.ts";
import type { Transport } from "./transport.ts";
import type { Answer, CoreMessage, FeedEvent } from "./wire.ts";

/** A client whose operations are the sample core's. */
type SampleClient = Omit<Client, "call" | "request" | "start"> & {
  call(operation: string, input: unknown, options?: CallOptions): Promise<unknown>;
  request(operation: string, input: unknown, options?: CallOptions): Promise<Answer>;
  start(operation: string, input: unknown): Promise<string>;
};

let core: SampleCore;
let rig: Rig;
const clients: SampleClient[] = [];
const afterwards: (() => void)[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const one of afterwards.splice(0)) one();
  await rig.close();
});

const until = async (isSo: () => boolean) => await expect.poll(isSo, { timeout: 4000, interval: 5 }).toBe(true);
const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (it: unknown) => it,
  );
  if (!(error instanceof AppError)) throw new Error(`no error of ours but ${String(error)}`);
  return error;
};

describe.each(rigs)("a client over the %s transport", (_, openRig) => {
  beforeEach(async () => {
    core = sampleCore();
    rig = await openRig(core);
  });

  const open = async (options: ClientOptions = {}, connect = rig.connect): Promise<SampleClient> => {
    const client = createClient(connect, { project: "/projects/one", ...options }) as unknown as SampleClient;
    clients.push(client);
    return client;
  };
  /** The wire itself, after a hello. */
  const openRaw = async () => {
    const transport: Transport = await rig.connect();
    const arrived: CoreMessage[] = [];
    transport.onMessage((value) => arrived.push(value as CoreMessage));
    transport.send({ kind: "hello", protocol, build: "test" });
    await until(() => arrived.length === 1);
    afterwards.push(() => transport.close());
    const next = async (send: () => void) => {
      const before = arrived.length;
      send();
      await until(() => arrived.length > before);
      return arrived.at(-1);
    };
    return { transport, arrived, next, sendAnything: (value: unknown) => transport.send(value as CoreMessage) };
  };
  const echo = { kind: "request", id: 90, project: "/p", operation: "projects.status", input: 1 } as const;

  it("gets the answer and the progress before it", async () => {
    const client = await open();
    const seen: unknown[] = [];
    const answer = await client.call("projects.status", { a: 1 }, { onProgress: (it) => seen.push(it) });
    expect(answer).toEqual({ echoed: { a: 1 }, project: "/projects/one" });
    expect(seen).toEqual([{ stage: "one", done: 1, total: 2, unit: "rows" }]);
  });

  it("names the project of each call", async () => {
    const client = await open();
    const answers = ["/a", "/b"].map((project) => client.call("projects.status", 1, { project }));
    expect(await Promise.all(answers)).toEqual([
      { echoed: 1, project: "/a" },
      { echoed: 1, project: "/b" },
    ]);
  });

  it("gets an error with its class, code, hint, next steps, details and cause", async () => {
    const client = await open();
    const error = await failure(client.call("nothing.here", {}));
    expect(encodeError(error)).toEqual(encodeError(sampleError));
    expect(error).toMatchObject({ next: sampleError.next });
  });

  it("cancels the call in the core when its signal aborts", async () => {
    const client = await open();
    const controller = new AbortController();
    const call = client.call("test.wait", {}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    await expect(call).rejects.toMatchObject({ code: "internal/cancelled" });
  });

  it("rejects what is under way when the connection closes", async () => {
    const client = await open();
    const call = client.call("test.wait", {});
    setTimeout(() => client.close(), 10);
    await expect(call).rejects.toMatchObject({ code: "rpc/closed" });
    await expect(client.call("projects.status", {})).rejects.toMatchObject({ code: "rpc/closed" });
  });

  it("learns the build at the other end before anything else", async () => {
    const builds: string[] = [];
    const client = await open({ onHello: ({ build }) => builds.push(build) });
    await client.call("projects.status", {});
    expect(builds).toEqual(["sample"]);
  });

  it("follows a long operation with its id, and gets its exit code", async () => {
    const client = await open();
    const seen: [Progress, string | undefined][] = [];
    const call = client.request("runs.start", {}, { onProgress: (...it) => seen.push(it as [Progress, string]) });
    await until(() => core.watching() === 1);
    core.step("op1");
    core.finish("op1");
    expect(await call).toEqual({ output: { counted: 1 }, exitCode: 6, operation: "op1" });
    expect(seen).toEqual([[{ stage: "count", done: 1 }, "op1"]]);
  });

  it("detaches with the id alone, and follows by that id", async () => {
    const client = await open();
    const id = await client.start("runs.start", {});
    expect(id).toBe("op1");
    const call = client.follow(id);
    await until(() => core.watching() === 1);
    core.finish(id);
    expect(await call).toEqual({ output: { counted: 0 }, exitCode: 6, operation: "op1" });
  });

  it("that hangs up cancels nothing: what it started goes on, and what it called is ended by itself", async () => {
    const client = await open();
    const accepted: string[] = [];
    const calls = [
      client.call("runs.start", {}, { onAccepted: (id) => accepted.push(id) }),
      client.call("test.wait", {}),
    ];
    for (const call of calls) call.catch(() => undefined);
    await until(() => accepted.length === 1);
    client.close();
    await until(() => core.watching() === 0);
    const other = await open();
    const follow = other.follow("op1");
    await until(() => core.watching() === 1);
    core.finish("op1");
    expect(await follow).toMatchObject({ output: { counted: 0 } });
    await until(() => core.ended.length === 1);
  });

  it("takes up a long operation by its id after a lost connection: no event is missing, none comes twice", async () => {
    const client = await open();
    const done: (number | undefined)[] = [];
    const call = client.request("runs.start", {}, { onProgress: (it) => done.push(it.done) });
    const short = client.call("test.wait", {});
    short.catch(() => undefined);
    await until(() => core.watching() === 1);
    core.step("op1");
    await until(() => done.length === 1);
    rig.drop();
    expect((await failure(short)).code).toBe("rpc/closed");
    core.step("op1");
    await until(() => done.length === 2);
    core.finish("op1");
    expect(await call).toMatchObject({ output: { counted: 2 }, exitCode: 6 });
    expect(done).toEqual([1, 2]);
  });

  it("cancels a long operation also when the cancel falls between two connections", async () => {
    const controller = new AbortController();
    let isReachable = true;
    const client = await open({}, async () => {
      if (!isReachable) throw new Error("no way");
      return await rig.connect();
    });
    const call = client.request("runs.start", {}, { signal: controller.signal });
    await until(() => core.watching() === 1);
    isReachable = false;
    rig.drop();
    await until(() => core.watching() === 0);
    controller.abort();
    isReachable = true;
    expect((await failure(call)).code).toBe("internal/cancelled");
  });

  it("answers what an operation asks, and declines where it can't", async () => {
    const client = await open();
    const asked: unknown[] = [];
    const onQuestion = async (question: unknown) => {
      asked.push(question);
      return "s3cret";
    };
    expect(await client.call("test.ask", {}, { onQuestion })).toEqual({ heard: "s3cret" });
    expect(asked).toEqual([{ kind: "secret", name: "TOKEN", message: "Token?" }]);
    expect(await client.call("test.ask", {})).toEqual({ heard: null });
  });

  it("carries bytes both ways in order, up to a mebibyte at once", async () => {
    const client = await open();
    const received: Uint8Array[] = [];
    const stop = new AbortController();
    const call = client.call(
      "test.echo",
      {},
      {
        signal: stop.signal,
        onBytes: (bytes) => received.push(bytes),
        onOpen: ({ send }) => {
          send(Uint8Array.of(0, 1, 2, 255));
          send(new Uint8Array(mostFrameBytes).fill(7));
          send(new Uint8Array());
        },
      },
    );
    await until(() => received.length === 3);
    stop.abort();
    expect(await call).toBe("closed");
    expect([...(received[0] ?? [])]).toEqual([1, 0, 3, 254]);
    expect(received[1]).toEqual(new Uint8Array(mostFrameBytes).fill(6));
    expect(received[2]?.length).toBe(0);
  });

  describe("a subscription", () => {
    const change = { changes: [{ subject: "runs", ids: ["r1"] }], operations: ["runs.list"] } as const;

    it("tells of changes until it is closed", async () => {
      const client = await open();
      const events: FeedEvent[] = [];
      const subscription = client.subscribe({ intervalMs: 250, onEvent: (event) => events.push(event) });
      await until(() => core.watching() === 1);
      core.change(change);
      await until(() => events.length === 1);
      expect(events).toEqual([{ ...change, epoch: "e1", seq: 8, mustRefetch: false }]);
      subscription.setInterval(1000);
      await until(() => core.subscribed.length === 2);
      expect(core.subscribed.at(-1)).toEqual({ since: { epoch: "e1", seq: 8 }, intervalMs: 1000 });
      expect(core.watching()).toBe(1);
      subscription.close();
      await until(() => core.watching() === 0);
    });

    it("goes on from where it had read to after a lost connection", async () => {
      const client = await open();
      const events: FeedEvent[] = [];
      client.subscribe({ onEvent: (event) => events.push(event) });
      await until(() => core.watching() === 1);
      core.change(change);
      await until(() => events.length === 1);
      rig.drop();
      await until(() => core.subscribed.length === 2);
      expect(core.subscribed.at(-1)?.since).toEqual({ epoch: "e1", seq: 8 });
    });

    it("says that all is to be fetched again where the core's feed is another", async () => {
      const client = await open();
      const events: FeedEvent[] = [];
      client.subscribe({ onEvent: (event) => events.push(event) });
      await until(() => core.watching() === 1);
      rig.drop();
      core.change({ epoch: "e2", seq: 1 });
      await until(() => events.length === 1);
      expect(events[0]).toMatchObject({ mustRefetch: true, epoch: "e2", seq: 1 });
    });
  });

  describe("a message that can't be taken", () => {
    it.each([
      ["of no kind", { hello: 1 }, "rpc/malformed", null],
      ["that is no object", 17, "rpc/malformed", null],
      ["of an unknown kind", { kind: "destroy", id: 3 }, "rpc/unknown-message", 3],
      ["with a wrong member", { kind: "request", id: 4, project: 5, operation: "x", input: {} }, "rpc/malformed", 4],
      ["without a number", { kind: "cancel" }, "rpc/malformed", null],
    ])("%s is refused with a code, and the connection goes on", async (_name, value, code, id) => {
      const { next, sendAnything } = await openRaw();
      expect(await next(() => sendAnything(value))).toMatchObject({ kind: "refusal", id, error: { code } });
      expect(await next(() => sendAnything(echo))).toMatchObject({ kind: "response", id: 90, output: { echoed: 1 } });
    });

    it("for being too large is refused with a code, and the connection goes on", async () => {
      const client = await open();
      const text = "x".repeat(mostMessageBytes + 10);
      expect((await failure(client.call("test.size", { text }))).code).toBe("rpc/too-large");
      expect(await client.call("test.size", { text: "abc" })).toEqual({ size: 3 });
    });

    it("because its number is in use is refused", async () => {
      const { next, sendAnything } = await openRaw();
      sendAnything({ ...echo, operation: "test.wait" });
      expect(await next(() => sendAnything(echo))).toMatchObject({ kind: "refusal", error: { code: "rpc/malformed" } });
    });

    it("for want of a hello is refused, and one of another protocol ends the connection", async () => {
      const transport: Transport = await rig.connect();
      const arrived: CoreMessage[] = [];
      let isClosed = false;
      transport.onMessage((value) => arrived.push(value as CoreMessage));
      transport.onClose(() => {
        isClosed = true;
      });
      transport.send(echo);
      await until(() => arrived.length === 1);
      expect(arrived[0]).toMatchObject({ kind: "refusal", id: 90, error: { code: "rpc/protocol" } });
      transport.send({ kind: "hello", protocol: protocol + 1, build: "newer" });
      await until(() => isClosed);
      expect(arrived.slice(1)).toMatchObject([{ kind: "hello", protocol }, { error: { code: "rpc/protocol" } }]);
    });
  });
});

describe("a client that lost its connection", () => {
  const sample = rigs[0]?.[1];

  it("tries again after pauses that grow to a second, and at once when it is woken", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    afterwards.push(() => vi.useRealTimers());
    core = sampleCore();
    rig = (await sample?.(core)) as Rig;
    let tries = 0;
    let isReachable = true;
    const client = createClient(async () => {
      tries += 1;
      if (!isReachable) throw new Error("no way");
      return await rig.connect();
    }) as unknown as SampleClient;
    clients.push(client);
    await client.call("projects.status", {});
    isReachable = false;
    rig.drop();
    await vi.advanceTimersByTimeAsync(1);
    await expect(client.call("projects.status", {})).rejects.toMatchObject({ code: "rpc/closed" });
    // 50 + 100 + 200 + 400 + 800 ms, then each second.
    for (const [ms, expected] of [
      [60, 2],
      [100, 3],
      [200, 4],
      [400, 5],
      [800, 6],
      [1000, 7],
      [1000, 8],
    ] as const) {
      await vi.advanceTimersByTimeAsync(ms);
      expect(tries).toBe(expected);
    }
    isReachable = true;
    client.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(tries).toBe(9);
    expect(await client.call("test.size", { text: "abc" })).toEqual({ size: 3 });
  });
});

describe("a subscription that is refused", () => {
  it("is refused without what it asked for where that fills a message, and the connection stays", async () => {
    core = sampleCore();
    rig = await (rigs.at(-1)?.[1] ?? expect.fail("no rig"))(core);
    const transport = await rig.connect();
    const arrived: CoreMessage[] = [];
    transport.onMessage((value) => arrived.push(value as CoreMessage));
    afterwards.push(() => transport.close());
    transport.send({ kind: "hello", protocol, build: "test" });
    const project = `/refused/${"a".repeat(mostMessageBytes - 100)}`;
    transport.send({ kind: "subscribe", id: 1, project });
    transport.send({ kind: "request", id: 2, project: "/p", operation: "projects.status", input: 1 });
    await until(() => arrived.length === 4);
    expect(arrived[1]).toMatchObject({ kind: "refusal", id: 1, error: { code: "rpc/too-large" } });
    expect(arrived[3]).toMatchObject({ id: 2, output: { echoed: 1 } });
  });
});

describe("a foreign peer", () => {
  const openNamed = async (name: string) => {
    core = sampleCore();
    const openRig = rigs.find(([it]) => it === name)?.[1];
    if (openRig === undefined) throw new Error(`no ${name}`);
    rig = await openRig(core);
    return rig.place ?? "";
  };
  const hello = JSON.stringify({ kind: "hello", protocol, build: "raw" });
  const echo = JSON.stringify({ kind: "request", id: 1, project: "", operation: "projects.status", input: 2 });

  it("of a WebSocket is told what is wrong with its text, and goes on", async () => {
    const socket = new WebSocket(await openNamed("WebSocket"));
    afterwards.push(() => socket.close());
    const arrived: { readonly error?: { readonly code: string } }[] = [];
    socket.addEventListener("message", ({ data }) => arrived.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send(hello);
    socket.send("{nonsense");
    socket.send(" ".repeat(mostMessageBytes + 1));
    socket.send(Uint8Array.of(1, 2));
    socket.send(echo);
    await until(() => arrived.length === 6);
    const codes = arrived.flatMap(({ error }) => (error === undefined ? [] : [error.code]));
    expect(codes).toEqual(["rpc/malformed", "rpc/too-large", "rpc/malformed"]);
    expect(arrived.at(-1)).toMatchObject({ id: 1, output: { echoed: 2 } });
  });

  const packed = (sort: number, content: Buffer | string, length = Buffer.byteLength(content)) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(sort);
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, Buffer.from(content)]);
  };
  const openStream = async () => {
    const socket = connectTo(await openNamed("Unix socket"));
    afterwards.push(() => void socket.destroy());
    let bytes = Buffer.alloc(0);
    let isClosed = false;
    socket.on("data", (more) => {
      bytes = Buffer.concat([bytes, more]);
    });
    socket.on("close", () => {
      isClosed = true;
    });
    await new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
    return { socket, text: () => bytes.toString("latin1"), isClosed: () => isClosed };
  };

  it("of a stream may send a message in pieces, and one too long is passed over", async () => {
    const { socket, text } = await openStream();
    const whole = Buffer.concat([
      packed(0, hello),
      packed(0, Buffer.alloc(mostMessageBytes + 1, 32)),
      packed(1, Buffer.alloc(mostFrameBytes + 5)),
      packed(0, Buffer.from([0xff, 0xfe])),
      packed(0, echo),
    ]);
    const cuts = [0, 3, 9, 70, 71, 5000, mostMessageBytes + 60, mostMessageBytes + 120, whole.length - 4, whole.length];
    for (const [index, from] of cuts.entries()) {
      socket.write(whole.subarray(from, cuts[index + 1]));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until(() => text().includes('"echoed":2'));
    expect(text().match(/rpc\/(too-large|malformed)/g)).toEqual(["rpc/too-large", "rpc/too-large", "rpc/malformed"]);
  });

  it("of a stream whose bytes can't be told apart is refused and hung up on", async () => {
    const { socket, text, isClosed } = await openStream();
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await until(isClosed);
    expect(text()).toContain("rpc/malformed");
  });

  it("gets an error for an answer that is too large for a message", async () => {
    await openNamed("Unix socket");
    const client = createClient(rig.connect) as unknown as SampleClient;
    clients.push(client);
    expect((await failure(client.call("test.large", {}))).code).toBe("rpc/too-large");
    expect(await client.call("test.size", { text: "ab" })).toEqual({ size: 2 });
  });
});

describe("an encoded error", () => {
  beforeEach(() => {
    rig = { connect: () => Promise.reject(new Error("none")), drop: () => undefined, close: async () => undefined };
  });

  it("comes back the same from JSON", () => {
    const back = decodeError(JSON.parse(JSON.stringify(encodeError(sampleError))));
    expect(encodeError(back)).toEqual(encodeError(sampleError));
  });

  it("comes back the same from a worker", async () => {
    const worker = new Worker(
      "const { parentPort } = require('node:worker_threads'); parentPort.once('message', (m) => parentPort.postMessage(m));",
      { eval: true },
    );
    const back = await new Promise((resolve) => {
      worker.once("message", resolve);
      worker.postMessage(encodeError(sampleError));
    });
    expect(encodeError(decodeError(back))).toEqual(encodeError(sampleError));
    await worker.terminate();
  });

  it("keeps of its next steps what is one", () => {
    const kept = nextStep("runs.start", {}, "starts another");
    const garbage = [{ operation: "runs.start" }, "signalbox run", { program: "git", argv: [1], why: "" }, null];
    expect(decodeError({ code: "runs/not-found", message: "x", next: [kept, ...garbage] }).next).toEqual([kept]);
    expect(decodeError({ code: "runs/not-found", message: "x", next: "signalbox run" }).next).toBeUndefined();
  });

  it("never invents a code: an unknown one is internal/unexpected", () => {
    expect(decodeError({ code: "made/up", message: "x" }).code).toBe("internal/unexpected");
    expect(decodeError(null).code).toBe("internal/unexpected");
  });
});
