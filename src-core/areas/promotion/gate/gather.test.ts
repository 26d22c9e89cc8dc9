import { expect, test } from "vitest";
import { judge } from "../../splits/leaks/leak-verdict.ts";
import { leaksTold } from "./gather.ts";

test("the gate's row on leaks has the counts of the split's checks, including what their limits allow", () => {
  const findings = [
    judge("key_overlap", { count: 0 }, []),
    judge("near_duplicates", { count: 255 }, []),
    judge("duplicates", { count: 40 }, ["duplicates"]),
    judge("duplicates", { count: 3, limit: 8 }, []),
  ];
  const told = leaksTold(findings).split("; ");
  expect(told).toEqual([
    expect.stringMatching(/^near_duplicates: 255 rows [^()]*$/),
    expect.stringMatching(/^duplicates: 40 rows .*\(accepted by the split schema\)$/),
    expect.stringMatching(/^duplicates: 3 rows .*\(limit 8\)$/),
  ]);
});

test("without a finding it names the checks that found none", () => {
  const findings = [judge("key_overlap", { count: 0 }, []), judge("duplicates", { count: 0 }, [])];
  expect(leaksTold(findings)).toBe("none found (key_overlap, duplicates)");
});
