import { describe, expect, test } from "vitest";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import { buildTrainingPlan } from "../plan/training-plan.ts";
import { decision, net, planInput, ridge, trees } from "../testing/plan-samples.ts";
import { explainNotSelected, matchesFilter, parseFilter, refuseNoJobs } from "./job-filter.ts";

const { jobs } = buildTrainingPlan(
  planInput(
    [decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" }), decision("delay", "STRONG")],
    [ridge, trees, net],
  ),
);

const selected = (only: string | undefined, stage?: number) =>
  jobs
    .filter((job) => matchesFilter(job, parseFilter(only, stage, jobs)))
    .map((job: PlanJob) => `${job.target}/${job.symbol ?? "CS"} ${job.training_type} ${job.stage}`);

describe("the selection", () => {
  test("is the whole plan if nothing narrows it", () => {
    expect(selected(undefined)).toHaveLength(jobs.length);
  });

  test("is by target, segment, family and stage, also combined", () => {
    expect(selected("target=delay")).toEqual(["delay/CS cross_sectional 1", "delay/CS cross_sectional 2"]);
    expect(selected("segment=AA")).toEqual([
      "late/AA symbol_specific 1",
      "late/AA ensemble 1",
      "late/AA symbol_specific 2",
    ]);
    expect(selected("symbol=AA")).toEqual(selected("segment=AA"));
    expect(selected("family=net, target=late")).toEqual(["late/CS cross_sectional 2", "late/AA symbol_specific 2"]);
    expect(selected("segment=AA", 2)).toEqual(["late/AA symbol_specific 2"]);
  });

  test("is the pooled view if the segment is CS", () => {
    expect(selected("target=late,segment=CS", 1)).toEqual(["late/CS cross_sectional 1"]);
  });

  test("takes a segment with commas as it is called", () => {
    const names = { "New York, NY": "STRONG", "x,target=y": "STRONG" } as const;
    const plan = buildTrainingPlan(planInput([decision("late", "STRONG", names)], [ridge, trees]));
    const read = (only: string) => parseFilter(only, undefined, plan.jobs);
    const newYork = { symbol: "New York, NY", target: "late" };
    expect(read("segment=New York, NY")).toEqual({ symbol: "New York, NY" });
    expect(read("segment=New York, NY,target=late")).toEqual(newYork);
    expect(read("target=late, segment=New York, NY")).toEqual(newYork);
    expect(read("segment=x,target=y,target=late")).toEqual({ symbol: "x,target=y", target: "late" });
    expect(read("segment=Paris, FR,target=late")).toEqual({ symbol: "Paris, FR", target: "late" });
    expect(plan.jobs.some((job) => matchesFilter(job, newYork))).toBe(true);
    expect(() => refuseNoJobs(plan.jobs, { symbol: "Paris" })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Segments: CS, "New York, NY", "x,target=y".') }),
    );
  });

  test("is a segment with the name of the pooled view, or none, if it is in quotes", () => {
    const of = (symbol: string | null) => ({ ...(jobs[0] as PlanJob), target: "late", symbol });
    const odd = [of(null), of("CS"), of("CROSS_SECTIONAL"), of(""), of(" ")];
    const found = (only: string) => odd.filter((job) => matchesFilter(job, parseFilter(only))).map((job) => job.symbol);
    expect(found("segment=CS")).toEqual([null]);
    expect(found("segment=CROSS_SECTIONAL")).toEqual([null]);
    expect(found('segment="CS"')).toEqual(["CS"]);
    expect(found('segment="CROSS_SECTIONAL"')).toEqual(["CROSS_SECTIONAL"]);
    expect(found('segment=""')).toEqual([""]);
    expect(found('segment=" "')).toEqual([" "]);
    expect(explainNotSelected(parseFilter('segment="CS"'))).toBe('not selected (only segment="CS")');
  });

  test("may have an equals sign in its name", () => {
    expect(parseFilter("target=a=b")).toEqual({ target: "a=b" });
  });
});

describe("anything else", () => {
  test.each(["", "late", "target=", "=late", "targets=late", "target=late,", "target:late"])(
    "%j is refused",
    (only) => {
      expect(() => parseFilter(only)).toThrow(expect.objectContaining({ code: "cli/usage" }));
    },
  );

  test("is refused with the key that was meant", () => {
    expect(() => parseFilter("segmnt=AA")).toThrow(/did you mean segment=…\?$/);
    expect(() => parseFilter("famly=ridge")).toThrow(/isn't one of target=…, segment=…, family=…/);
  });
});

describe("a filter that no job meets", () => {
  test("is refused, with what the plan contains", () => {
    expect(() => refuseNoJobs(jobs, parseFilter("target=late,segment=DL", 1))).toThrow(
      expect.objectContaining({
        code: "training/no-jobs",
        message: `The plan has ${jobs.length} jobs, but none of them is target=late, segment=DL, stage 1.`,
        hint: expect.stringMatching(/^Targets: delay, late\. Segments: CS, AA\. Families: .*ridge/),
      }),
    );
    expect(() => refuseNoJobs(jobs, {})).not.toThrow();
  });

  test("is refused with how many there are, where they are many", () => {
    const many = Array.from({ length: 15 }, (_, at) => ({ ...(jobs[0] as PlanJob), symbol: `s${at}` }));
    expect(() => refuseNoJobs(many, { symbol: "DL" })).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/Segments: s0, .*, s11 and 3 more\. Families/) }),
    );
  });

  test("is told from a plan without jobs, whose routes say why", () => {
    expect(() => refuseNoJobs([], {})).toThrow(
      expect.objectContaining({
        code: "training/no-jobs",
        message: "There is nothing to train: the plan has no jobs, because no view got a route that trains it.",
        next: [expect.objectContaining({ operation: "routing.show" })],
      }),
    );
  });

  test("and a job that isn't selected says why", () => {
    expect(explainNotSelected(parseFilter("family=ridge", 2))).toBe("not selected (only family=ridge, stage 2)");
  });
});
