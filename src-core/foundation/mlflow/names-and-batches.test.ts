import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safeArtifactPath } from "./artifacts/artifact-path.ts";
import { batchBodies, batchLimits } from "./batch.ts";
import { checkAlias, checkKey, decodeModelName, encodeModelName } from "./http/names.ts";

describe("a model's name in the registry", () => {
  test("contains no slash, colon or double dot, and decodes to the original", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "/", ":", ".", "~", "2", "F", "E", "7", "é"), minLength: 1 }),
        (name) => {
          const encoded = encodeModelName(name);
          expect(encoded).not.toMatch(/[/:]|\.\./);
          expect(decodeModelName(encoded)).toBe(name);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("is unchanged if possible", () => {
    for (const name of ["flights_model", "my~model", "v1.2", "ä b"]) expect(encodeModelName(name)).toBe(name);
    expect(encodeModelName("team/flights:v1")).toBe("team~2Fflights~3Av1");
  });
});

describe("keys and aliases", () => {
  test.each(["rmse", "train/loss", "a.b-c d:e", "é"])("%j is a key", (key) =>
    expect(() => checkKey("metric", key)).not.toThrow(),
  );
  test.each(["", "/a", "a//b", "a/../b", "./a", "a#b", "x".repeat(251)])("%j is none", (key) =>
    expect(() => checkKey("metric", key)).toThrow(expect.objectContaining({ code: "tracking/rejected" })),
  );
  test.each(["latest", "Latest", "v12", "a b", ""])("%j is no alias", (alias) =>
    expect(() => checkAlias(alias)).toThrow(expect.objectContaining({ code: "tracking/rejected" })),
  );
  test("champion is one", () => expect(() => checkAlias("champion")).not.toThrow());
});

describe("batches", () => {
  const metric = fc.record({
    key: fc
      .string({ unit: fc.constantFrom("a", "é", "漢", "/"), minLength: 1, maxLength: 200 })
      .map((text) => `k${text.replaceAll("/", "_")}`),
    value: fc.double(),
    step: fc.nat(),
    timestamp: fc.nat(),
  });
  const values = (most: number) =>
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: most }), { maxKeys: 260 });

  test("hold every entry once, in order, within every limit, and are the same when made again", () => {
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 3_000 }), values(60), values(60), (metrics, params, tags) => {
        const bodies = batchBodies("run", { metrics, params, tags });
        expect(batchBodies("run", { metrics, params, tags })).toEqual(bodies);
        const parsed = bodies.map((body) => JSON.parse(body));
        for (const [index, { metrics: m = [], params: p = [], tags: t = [] }] of parsed.entries()) {
          expect(Buffer.byteLength(bodies[index] ?? "")).toBeLessThanOrEqual(batchLimits.bytes);
          expect(m.length).toBeLessThanOrEqual(1_000);
          expect(p.length).toBeLessThanOrEqual(100);
          expect(t.length).toBeLessThanOrEqual(100);
          expect(m.length + p.length + t.length).toBeLessThanOrEqual(1_000);
        }
        expect(parsed.flatMap((body) => body.metrics ?? []).map((it) => it.step)).toEqual(metrics.map((it) => it.step));
        const pairs = (field: string) =>
          Object.fromEntries(parsed.flatMap((body) => body[field] ?? []).map((it) => [it.key, it.value]));
        expect(pairs("params")).toEqual({ ...params });
        expect(pairs("tags")).toEqual({ ...tags });
      }),
      { numRuns: 25 },
    );
  });

  test("of 100 long parameters and tags stay below a million bytes", () => {
    const long = (most: number) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, "漢".repeat(most)]));
    const bodies = batchBodies("run", { params: long(6_000), tags: long(8_000) });
    for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(batchLimits.bytes);
    expect(bodies.length).toBe(5);
  });

  test("of 100,000 points with parameters take 101 requests", () => {
    const metrics = Array.from({ length: 100_000 }, (_, step) => ({ key: "loss", value: step, step, timestamp: step }));
    expect(batchBodies("run", { metrics, params: { a: "1" }, tags: { b: "2" } })).toHaveLength(101);
  });
});

describe("an artifact path", () => {
  test("never leaves its folder", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "..", ".", "", "\\", "C:", "b c"), { maxLength: 6 }), (parts) => {
        const path = parts.join("/");
        let safe: string;
        try {
          safe = safeArtifactPath(path);
        } catch (error) {
          expect(error).toMatchObject({ code: "tracking/rejected" });
          return;
        }
        expect(safe.startsWith("/")).toBe(false);
        expect(safe.split("/")).not.toContain("..");
      }),
    );
  });
});
