import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Blocker, createLocks, type Hold, isHold, lookAgain } from "./named-locks.ts";

const signal = new AbortController().signal;
const waiting = (holder: string, onWait: (blocker: Blocker) => void = () => undefined) => ({ holder, signal, onWait });
const alone = (name: string) => [{ name }];
const shared = (name: string) => [{ name, isShared: true }];

function taken(it: Hold | Blocker): Hold {
  if (!isHold(it)) throw new Error(`held by ${it.holder}`);
  return it;
}

describe("named locks", () => {
  test("with different names are held at the same time, an equal one says who holds it", () => {
    const locks = createLocks();
    const first = taken(locks.tryTake(alone("a"), "op1"));
    taken(locks.tryTake(alone("b"), "op2"));
    expect(locks.tryTake([...alone("c"), ...alone("a")], "op3")).toEqual({ lock: "a", holder: "op1" });
    taken(locks.tryTake(alone("c"), "op4"));
    first.release();
    taken(locks.tryTake(alone("a"), "op3"));
  });

  test("are shared by those who only share, and kept from who wants one alone", () => {
    const locks = createLocks();
    const holds = ["op1", "op2"].map((holder) => taken(locks.tryTake(shared("a"), holder)));
    expect(locks.tryTake(alone("a"), "op3")).toEqual({ lock: "a", holder: "op1" });
    for (const hold of holds) hold.release();
    taken(locks.tryTake(alone("a"), "op3"));
    expect(locks.tryTake(shared("a"), "op4")).toEqual({ lock: "a", holder: "op3" });
  });

  test("are given in the order of asking: who shares doesn't pass who waits to have it alone", async () => {
    const locks = createLocks();
    const order: string[] = [];
    const first = taken(locks.tryTake(shared("a"), "op1"));
    const blockers: Blocker[] = [];
    const wait = async (wishes: ReturnType<typeof shared>, holder: string) => {
      const hold = await locks.take(
        wishes,
        waiting(holder, (blocker) => blockers.push(blocker)),
      );
      order.push(holder);
      await pause(5);
      hold.release();
    };
    const all = [wait(alone("a") as never, "op2"), wait(shared("a"), "op3")];
    expect(blockers).toEqual([
      { lock: "a", holder: "op1" },
      { lock: "a", holder: "op2" },
    ]);
    expect(locks.tryTake(shared("a"), "op4")).toMatchObject({ lock: "a" });
    first.release();
    await Promise.all(all);
    expect(order).toEqual(["op2", "op3"]);
  });

  test("that are waited for can be given up", async () => {
    const locks = createLocks();
    const first = taken(locks.tryTake(alone("a"), "op1"));
    const stop = new AbortController();
    const call = locks.take(alone("a"), { ...waiting("op2"), signal: stop.signal });
    const next = locks.take(alone("a"), waiting("op3"));
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: "internal/cancelled" });
    first.release();
    (await next).release();
    taken(locks.tryTake(alone("a"), "op4"));
  });

  test("are had alone by who shared them, once the others are gone, and shared again then", async () => {
    const locks = createLocks();
    const [mine, other] = ["op1", "op2"].map((holder) => taken(locks.tryTake(shared("a"), holder)));
    let isAlone = false;
    const work = mine?.alone(["a"], waiting("op1"), async () => {
      isAlone = true;
      expect(locks.tryTake(shared("a"), "op3")).toEqual({ lock: "a", holder: "op1" });
    });
    await pause(5);
    expect(isAlone).toBe(false);
    other?.release();
    await work;
    taken(locks.tryTake(shared("a"), "op3"));
    expect(locks.tryTake(alone("a"), "op4")).toMatchObject({ lock: "a" });
  });

  test("are had alone by one of two who shared them and ask together: the other is told to look again, sharing", async () => {
    const locks = createLocks();
    const log: string[] = [];
    const holds = ["op1", "op2", "op3"].map((holder) => taken(locks.tryTake(shared("a"), holder)));
    const outcomes = await Promise.all(
      holds.map((hold, index) =>
        hold.alone(["a"], waiting(`op${index + 1}`), async () => {
          log.push(`${index} begins`);
          await pause(5);
          log.push(`${index} ends`);
          return index;
        }),
      ),
    );
    expect(log).toEqual(["0 begins", "0 ends"]);
    expect(outcomes).toEqual([0, lookAgain, lookAgain]);
    expect(locks.tryTake(alone("a"), "op4")).toMatchObject({ lock: "a" });
    for (const hold of holds) hold.release();
    taken(locks.tryTake(alone("a"), "op4"));
  });

  test("are free again after work that failed", async () => {
    const locks = createLocks();
    const hold = taken(locks.tryTake(shared("a"), "op1"));
    await expect(hold.alone(["a"], waiting("op1"), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    hold.release();
    taken(locks.tryTake(alone("a"), "op2"));
  });
});
