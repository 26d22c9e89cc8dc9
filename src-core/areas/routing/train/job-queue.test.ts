import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generatedCases } from "../../../../test/support/amounts.ts";
import type { QueueState } from "../../../contract/routing/routing-output.ts";
import { testSeed } from "../testing/plan-samples.ts";
import { hasEnded, nextJob, type QueuedJob, type QueueLimits, readinessOf } from "./job-queue.ts";

const seed = testSeed("a queue of jobs");

function job(id: string, more: Partial<QueuedJob> = {}): QueuedJob {
  const base = { priority: 2, dependsOn: [], startsAfter: [], memoryGib: 1, state: "queued", isAsked: true } as const;
  return { id, name: `late/${id}`, ...base, ...more };
}

const queueOf = (...jobs: readonly QueuedJob[]) => new Map(jobs.map((it) => [it.id, it]));
const roomy: QueueLimits = { jobs: 8, memoryGib: 64 };

function readiness(id: string, jobs: ReadonlyMap<string, QueuedJob>, limits = roomy) {
  const it = jobs.get(id);
  if (it === undefined) throw new Error(`There is no job ${id}.`);
  return readinessOf(it, jobs, limits);
}

describe("the order of a queue", () => {
  test("is dependencies before priority: a job of the highest priority waits for what it depends on", () => {
    const jobs = queueOf(job("ensemble", { priority: 9, dependsOn: ["own"] }), job("own", { priority: 1 }));
    expect(nextJob(jobs, roomy)?.id).toBe("own");
    expect(readiness("ensemble", jobs)).toEqual({ kind: "waits", why: "waits for late/own (queued)" });
  });

  test("is priority before age, and age among equals", () => {
    const jobs = queueOf(job("old"), job("urgent", { priority: 3 }), job("also urgent", { priority: 3 }));
    expect(nextJob(jobs, roomy)?.id).toBe("urgent");
    expect(nextJob(queueOf(job("old"), job("young")), roomy)?.id).toBe("old");
  });

  test("has nothing next when every job has started or ended", () => {
    expect(nextJob(queueOf(job("a", { state: "running" }), job("b", { state: "failed" })), roomy)).toBeUndefined();
  });
});

describe("a job that depends on others", () => {
  test.each<readonly [QueueState, string]>([
    ["failed", "which failed"],
    ["out_of_memory", "which ran out of memory"],
    ["cancelled", "which was cancelled"],
    ["lost", "which was lost"],
    ["skipped", "which was skipped"],
  ])("is skipped where one ended as %s, and says which", (state, words) => {
    const jobs = queueOf(job("cs", { state }), job("own", { dependsOn: ["cs"] }));
    expect(readiness("own", jobs)).toEqual({ kind: "skip", why: `needs late/cs (cs), ${words}` });
    expect(nextJob(jobs, roomy)).toBeUndefined();
  });

  test("is skipped where one isn't selected, and says what to do", () => {
    const jobs = queueOf(job("cs", { state: "skipped", isAsked: false }), job("own", { dependsOn: ["cs"] }));
    expect(readiness("own", jobs)).toEqual({
      kind: "skip",
      why: "needs late/cs (cs), which isn't selected and was never trained: select it, too, or train it first",
    });
  });

  test.each<QueueState>(["queued", "starting", "running", "unreachable"])("waits while one is %s", (state) => {
    const jobs = queueOf(job("cs", { state }), job("own", { dependsOn: ["cs"] }));
    expect(readiness("own", jobs)).toEqual({ kind: "waits", why: `waits for late/cs (${state})` });
  });

  test("is skipped if one doesn't exist", () => {
    const jobs = queueOf(job("own", { dependsOn: ["gone"] }));
    expect(readiness("own", jobs)).toEqual({
      kind: "skip",
      why: "needs job gone, which is neither selected nor already trained",
    });
  });

  test("is skipped for one that failed, whatever else it still waits for", () => {
    const jobs = queueOf(
      job("slow", { state: "running" }),
      job("cs", { state: "failed" }),
      job("own", { dependsOn: ["slow", "cs"] }),
    );
    expect(readiness("own", jobs).kind).toBe("skip");
  });

  test("counts those it still waits for", () => {
    const jobs = queueOf(job("a"), job("b"), job("c", { state: "running" }), job("d", { dependsOn: ["a", "b", "c"] }));
    expect(readiness("d", jobs)).toEqual({ kind: "waits", why: "waits for late/a (queued) and 2 more" });
  });
});

describe("a job that only starts after others", () => {
  test.each<QueueState>(["succeeded", "failed", "skipped", "lost"])("may start if one ended as %s", (state) => {
    const jobs = queueOf(job("first", { state }), job("second", { startsAfter: ["first"] }));
    expect(readiness("second", jobs)).toEqual({ kind: "ready" });
  });

  test("waits while one is running, but not for one that doesn't exist", () => {
    const jobs = queueOf(job("first", { state: "running" }), job("second", { startsAfter: ["first", "gone"] }));
    expect(readiness("second", jobs)).toEqual({ kind: "waits", why: "waits for late/first (running)" });
  });
});

describe("the limits", () => {
  test("of places are reported with how many are in use", () => {
    const jobs = queueOf(job("a", { state: "running" }), job("b", { state: "starting" }), job("c"));
    expect(readiness("c", jobs, { jobs: 2, memoryGib: 64 })).toEqual({
      kind: "waits",
      why: "waits for a place: 2 of at most 2 jobs are running",
    });
  });

  test("of memory are reported with what the job needs and what is in use", () => {
    const jobs = queueOf(job("a", { state: "running", memoryGib: 3 }), job("b", { memoryGib: 2.5 }));
    expect(readiness("b", jobs, { jobs: 4, memoryGib: 5 })).toEqual({
      kind: "waits",
      why: "waits for 2.5 GiB of memory: 3.00 of 5.00 GiB are in use",
    });
    expect(readiness("b", jobs, { jobs: 4, memoryGib: 5.5 })).toEqual({ kind: "ready" });
  });

  test("let a smaller job pass one that waits for memory", () => {
    const jobs = queueOf(
      job("a", { state: "running", memoryGib: 3 }),
      job("large", { memoryGib: 4, priority: 3 }),
      job("small", { memoryGib: 1 }),
    );
    expect(nextJob(jobs, { jobs: 4, memoryGib: 4 })?.id).toBe("small");
  });

  test("let a job too large for the machine run, but alone", () => {
    const limits = { jobs: 4, memoryGib: 4 };
    const beside = queueOf(job("huge", { memoryGib: 100, priority: 3 }), job("small", { state: "running" }));
    expect(readiness("huge", beside, limits).kind).toBe("waits");
    const alone = queueOf(job("huge", { memoryGib: 100 }), job("small"));
    expect(readiness("huge", alone, limits)).toEqual({ kind: "ready" });
    const running = queueOf(job("huge", { memoryGib: 100, state: "running" }), job("small"));
    expect(readiness("small", running, limits).kind).toBe("waits");
  });
});

interface Drawn {
  readonly priority: number;
  readonly memoryGib: number;
  readonly dependsOn: readonly number[];
  readonly startsAfter: readonly number[];
  readonly outcome: "succeeded" | "failed" | "out_of_memory" | "cancelled" | "lost";
  readonly lasts: number;
}

const drawn = fc.record<Drawn>({
  priority: fc.integer({ min: 1, max: 3 }),
  memoryGib: fc.constantFrom(0.75, 1, 2, 5, 20),
  dependsOn: fc.array(fc.nat(11), { maxLength: 2 }),
  startsAfter: fc.array(fc.nat(11), { maxLength: 3 }),
  outcome: fc.constantFrom("succeeded", "succeeded", "succeeded", "failed", "out_of_memory", "cancelled", "lost"),
  lasts: fc.integer({ min: 1, max: 4 }),
});

/** An acyclic queue: a job names only jobs before it in a random order that has nothing to do with age. */
const graph = fc.array(drawn, { maxLength: 12 }).chain((jobs) =>
  fc
    .shuffledSubarray(
      jobs.map((_, index) => index),
      { minLength: jobs.length, maxLength: jobs.length },
    )
    .map((order) => {
      const rank = new Map(order.map((index, at) => [index, at]));
      const earlier = (index: number, wanted: readonly number[]) =>
        [...new Set(wanted)].filter((it) => (rank.get(it) ?? Number.POSITIVE_INFINITY) < (rank.get(index) ?? 0));
      return jobs.map((it, index) => ({
        ...it,
        dependsOn: earlier(index, it.dependsOn),
        startsAfter: earlier(index, it.startsAfter),
      }));
    }),
);

/** Drives the queue's rules with a clock of whole ticks: as an executor would. */
function runThrough(jobs: readonly Drawn[], limits: QueueLimits) {
  const queue = new Map(
    jobs.map((it, index): [string, QueuedJob] => [
      `j${index}`,
      job(`j${index}`, {
        priority: it.priority,
        memoryGib: it.memoryGib,
        dependsOn: it.dependsOn.map((other) => `j${other}`),
        startsAfter: it.startsAfter.map((other) => `j${other}`),
      }),
    ]),
  );
  const left = new Map<string, number>();
  const ends = new Map<string, QueueState[]>();
  const set = (id: string, state: QueueState) => {
    const it = queue.get(id);
    if (it === undefined) throw new Error(`There is no job ${id}.`);
    queue.set(id, { ...it, state });
    if (hasEnded(state)) ends.set(id, [...(ends.get(id) ?? []), state]);
  };
  const atWork = () => [...queue.values()].filter(({ state }) => state === "running");
  for (let tick = 0; tick < 500; tick++) {
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (const it of queue.values())
        if (it.state === "queued" && readinessOf(it, queue, limits).kind === "skip") {
          set(it.id, "skipped");
          isChanged = true;
        }
    }
    for (let next = nextJob(queue, limits); next !== undefined; next = nextJob(queue, limits)) {
      for (const id of next.dependsOn) expect(queue.get(id)?.state).toBe("succeeded");
      for (const id of next.startsAfter) expect(hasEnded(queue.get(id)?.state ?? "queued")).toBe(true);
      for (const other of queue.values())
        if (other.state === "queued" && other.priority > next.priority)
          expect(readinessOf(other, queue, limits).kind).not.toBe("ready");
      set(next.id, "running");
      left.set(next.id, jobs[Number(next.id.slice(1))]?.lasts ?? 1);
      const working = atWork();
      expect(working.length).toBeLessThanOrEqual(limits.jobs);
      const used = working.reduce((sum, { memoryGib }) => sum + memoryGib, 0);
      expect(working.length === 1 || used <= limits.memoryGib).toBe(true);
    }
    if (atWork().length === 0) break;
    for (const { id } of atWork()) {
      left.set(id, (left.get(id) ?? 1) - 1);
      if (left.get(id) === 0) set(id, jobs[Number(id.slice(1))]?.outcome ?? "failed");
    }
  }
  return { queue, ends };
}

describe("over any graph, priorities, limits and outcomes", () => {
  const limits = fc.record({ jobs: fc.integer({ min: 1, max: 4 }), memoryGib: fc.constantFrom(1, 2, 4, 16) });

  test("every job ends once, none before what it needs, never more than the limits at once", () => {
    const property = fc.property(graph, limits, (jobs, at) => {
      const { queue, ends } = runThrough(jobs, at);
      for (const [index, { dependsOn, outcome }] of jobs.entries()) {
        const reached = ends.get(`j${index}`);
        expect(reached).toHaveLength(1);
        // A failure stops only what depends on it.
        const isHopeless = dependsOn.some((other) => queue.get(`j${other}`)?.state !== "succeeded");
        expect(reached?.[0]).toBe(isHopeless ? "skipped" : outcome);
      }
    });
    fc.assert(property, { seed, numRuns: generatedCases(400) });
  });
});
