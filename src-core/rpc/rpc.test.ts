import { MessageChannel, Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { askingStep, nextStep, programStep } from "../contract/build-step.ts";
import { AppError, cancelled, decodeError, encodeError } from "../contract/errors.ts";
import { createClient } from "./client.ts";
import { type Dispatch, serve } from "./server.ts";
import { inProcessTransports, type PortLike, portTransport, type Transport } from "./transport.ts";

const original = new AppError({
  code: "splits/leakage",
  message: "dep_delay is known only after the decision.",
  hint: "Take it out of configs/features/v1.yaml.",
  next: [
    nextStep("splits.check", { splitVersion: 2 }, "tries it"),
    { ...askingStep("runs.stage", { input: { name: "split" }, asks: ["run"] }, "does it again"), answers: "first" },
    programStep(["git", "add", "configs"], "stages the change"),
  ],
  details: { column: "dep_delay", rows: 3, nested: { list: [1, "two"] } },
  cause: new Error("the cause"),
});

const dispatch: Dispatch = async (operation, input, { signal, report }) => {
  switch (operation) {
    case "projects.status":
      report({ stage: "one", done: 1, total: 2, unit: "rows" });
      return { echoed: input };
    case "runs.start":
      return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(cancelled())));
    default:
      throw original;
  }
};

function overInProcess(): Transport {
  const [face, core] = inProcessTransports();
  serve(core, dispatch);
  return face;
}

function overPort(): Transport {
  const { port1, port2 } = new MessageChannel();
  serve(portTransport(port2 as unknown as PortLike), dispatch);
  return portTransport(port1 as unknown as PortLike);
}

describe.each([
  ["in-process", overInProcess],
  ["MessagePort", overPort],
])("a client over the %s transport", (_, connect) => {
  const open = () =>
    createClient(connect()) as unknown as {
      call(operation: string, input: unknown, options?: object): Promise<unknown>;
      close(): void;
    };

  it("gets the answer and the progress before it", async () => {
    const client = open();
    const seen: unknown[] = [];
    const answer = await client.call("projects.status", { a: 1 }, { onProgress: (it: unknown) => seen.push(it) });
    expect(answer).toEqual({ echoed: { a: 1 } });
    expect(seen).toEqual([{ stage: "one", done: 1, total: 2, unit: "rows" }]);
    client.close();
  });

  it("gets an error with its class, code, hint, next steps, details and cause", async () => {
    const client = open();
    const error = await client.call("nothing.here", {}).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(AppError);
    expect(encodeError(error)).toEqual(encodeError(original));
    expect(error).toMatchObject({ next: original.next });
    client.close();
  });

  it("cancels the call in the core when its signal aborts", async () => {
    const client = open();
    const controller = new AbortController();
    const call = client.call("runs.start", {}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    await expect(call).rejects.toMatchObject({ code: "internal/cancelled" });
    client.close();
  });

  it("rejects what is under way when the connection closes", async () => {
    const client = open();
    const call = client.call("runs.start", {});
    setTimeout(() => client.close(), 10);
    await expect(call).rejects.toMatchObject({ code: "rpc/closed" });
    await expect(client.call("projects.status", {})).rejects.toMatchObject({ code: "rpc/closed" });
  });
});

describe("an encoded error", () => {
  it("comes back the same from JSON", () => {
    const back = decodeError(JSON.parse(JSON.stringify(encodeError(original))));
    expect(encodeError(back)).toEqual(encodeError(original));
  });

  it("comes back the same from a worker", async () => {
    const worker = new Worker(
      "const { parentPort } = require('node:worker_threads'); parentPort.once('message', (m) => parentPort.postMessage(m));",
      { eval: true },
    );
    const back = await new Promise((resolve) => {
      worker.once("message", resolve);
      worker.postMessage(encodeError(original));
    });
    expect(encodeError(decodeError(back))).toEqual(encodeError(original));
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
