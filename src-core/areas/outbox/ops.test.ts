import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { AppError, type ErrorCode } from "../../contract/errors.ts";
import { outboxOperations } from "../../contract/outbox.ts";
import type { Core, Offers, Tracking } from "../../foundation/context.ts";
import { deliverDue } from "./deliver.ts";
import type { Deliverer, Delivery } from "./needs.ts";
import { outboxOffer } from "./offer.ts";
import { outboxOps } from "./ops.ts";
import { getItem, putItem, restoreItem } from "./store.ts";

let folder: string;
let core: Core & Offers;
let now: number;
/** What the deliverer was given, in order. */
let sent: string[];
/** How the deliverer answers, by subject; "delivered" where nothing is said. */
let answers: Record<string, Delivery | ErrorCode>;
let servers: (string | undefined)[];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-outbox-"));
  now = 1_000;
  [sent, answers, servers] = [[], {}, []];
  const bare = bareCore(folder);
  core = {
    ...bare,
    runs: { ...bare.runs, settle: async () => undefined },
    clock: { now: () => new Date(now) },
    tracking: async (request) => {
      servers.push(request?.isOnlyAsked ? "asked" : "started");
      return { uri: "http://mlflow" } as Tracking;
    },
  };
});
afterEach(() => {
  core.catalogue().close();
  rmSync(folder, { recursive: true, force: true });
});

const deliverer: Deliverer = {
  kind: "news",
  deliver: async ({ subject }) => {
    sent.push(subject);
    const answer = answers[subject] ?? "delivered";
    if (answer === "delivered" || answer === "waiting") return answer;
    throw new AppError({ code: answer, message: `no ${subject}` });
  },
};
const needs = { deliverers: async () => [deliverer] };
const put = (...subjects: string[]) =>
  core.catalogue().write((writer) => {
    for (const subject of subjects) putItem(writer, { kind: "news", subject, payload: {}, putAt: now });
  });
const context = { signal: new AbortController().signal, report: () => undefined };
const list = (input: { readonly limit?: number; readonly all?: boolean } = {}) =>
  outboxOps(core, needs)["outbox.list"]({ limit: 50, all: false, ...input }, context);
const sync = () => outboxOps(core, needs)["outbox.deliver"]({}, context);
const nextCommand = () => deliverDue(core, [deliverer], { isUrged: false });

describe("what is pending", () => {
  test("is listed with its state, attempts and last error, without delivered items by default", async () => {
    put("a", "b", "c");
    answers = { b: "tracking/rejected", c: "waiting" };
    await nextCommand();
    expect(await list()).toMatchObject({
      total: 2,
      items: [
        { subject: "b", state: "tried", tries: 1, errorCode: "tracking/rejected", error: "no b" },
        { subject: "c", state: "due", tries: 0, triedAt: null, errorCode: null, doneAt: null },
      ],
    });
    const { total, items } = await list({ all: true });
    expect([total, items.map(({ subject }) => subject)]).toEqual([3, ["c", "b", "a"]]);
    expect(items[2]).toMatchObject({ state: "done", since: "1970-01-01T00:00:01.000Z", error: null });
    expect((await list({ limit: 1 })).items).toHaveLength(1);
  });

  test("includes what killed processes left, before it is listed or sent", async () => {
    const settle = async () => put("left");
    const ops = outboxOps({ ...core, runs: { ...core.runs, settle } }, needs);
    expect(await ops["outbox.list"]({ limit: 50, all: false }, context)).toMatchObject({ total: 1 });
    expect(await ops["outbox.deliver"]({}, context)).toMatchObject({ delivered: 1, items: [] });
  });
});

describe("any command", () => {
  test("sends what is due once, oldest first", async () => {
    put("old");
    now += 1;
    put("new");
    expect(await nextCommand()).toEqual({ delivered: 2, failed: 0, waiting: 0 });
    await nextCommand();
    expect(sent).toEqual(["old", "new"]);
  });

  test("stops if the server fails, and the next one tries again at once", async () => {
    put("a", "b");
    answers = { a: "tracking/unreachable" };
    expect(await nextCommand()).toEqual({ delivered: 0, failed: 1, waiting: 0 });
    answers = {};
    expect(await nextCommand()).toEqual({ delivered: 2, failed: 0, waiting: 0 });
    expect(getItem(core.catalogue(), { kind: "news", subject: "a" })).toMatchObject({ tried: 1, error: null });
  });

  test("continues after an item that the server refuses, and postpones that one", async () => {
    put("a", "b");
    answers = { a: "tracking/rejected" };
    expect(await nextCommand()).toEqual({ delivered: 1, failed: 1, waiting: 0 });
    await nextCommand();
    expect(sent).toEqual(["a", "b"]);
    now += 60_000;
    await nextCommand();
    expect(sent).toEqual(["a", "b", "a"]);
  });

  test("keeps items of an unknown kind", async () => {
    core.catalogue().write((writer) => putItem(writer, { kind: "other", subject: "x", payload: {}, putAt: 0 }));
    expect(await nextCommand()).toEqual({ delivered: 0, failed: 0, waiting: 0 });
    expect(await list()).toMatchObject({ items: [{ kind: "other", state: "due" }] });
  });

  test("queries no server if nothing is due, and starts none if something is", async () => {
    const offer = outboxOffer(core, needs);
    await offer.deliverIfUp();
    expect(servers).toEqual([]);
    put("a");
    await offer.deliverIfUp();
    expect([servers, sent]).toEqual([["asked"], ["a"]]);
  });

  test("is not stopped by a server that is down", async () => {
    put("a");
    const down = async () => {
      throw new AppError({ code: "tracking/unreachable", message: "Nobody listens." });
    };
    await outboxOffer({ ...core, tracking: down }, needs).deliverIfUp();
    expect(await list()).toMatchObject({ items: [{ subject: "a", state: "due" }] });
  });
});

describe("sending everything now", () => {
  test("starts the server, tries postponed items, and reports the outcome", async () => {
    put("a", "b", "c");
    answers = { a: "tracking/rejected", c: "waiting" };
    await nextCommand();
    sent = [];
    const output = await sync();
    expect(output).toMatchObject({ delivered: 0, failed: 1, waiting: 1 });
    expect(output.items.map(({ subject, tries }) => [subject, tries])).toEqual([
      ["a", 2],
      ["c", 0],
    ]);
    expect([servers, sent]).toEqual([["started"], ["a", "c"]]);
    expect(outboxOperations["outbox.deliver"].exitCode?.(output)).toBe(5);
    answers = {};
    expect(outboxOperations["outbox.deliver"].exitCode?.(await sync())).toBe(0);
  });
});

describe("an item that is put again", () => {
  test("is due again with no attempts, even if it was delivered", async () => {
    put("a");
    await nextCommand();
    put("a");
    expect(await list()).toMatchObject({ items: [{ subject: "a", state: "due", tries: 0 }] });
  });

  test("while an earlier version is being sent, even in the same millisecond, doesn't count as delivered", async () => {
    put("a");
    const slow: Deliverer = {
      kind: "news",
      deliver: async () => {
        put("a");
        return "delivered";
      },
    };
    await deliverDue(core, [slow], { isUrged: false });
    expect(await list()).toMatchObject({ items: [{ subject: "a", state: "due" }] });
  });

  test("from files changes no existing row", async () => {
    put("a");
    await nextCommand();
    core
      .catalogue()
      .write((writer) => restoreItem(writer, { kind: "news", subject: "a", payload: { x: 1 }, putAt: 5 }, null));
    expect(await list()).toEqual({ total: 0, items: [] });
  });
});
