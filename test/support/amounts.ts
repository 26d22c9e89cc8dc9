/**
 * How much the tests that can't be exhaustive try. `npm run check -- --long` sets SIGNALBOX_LONG=1 and takes the long amounts; CI takes the
 * usual ones, and the check prints what it left out.
 */
const isLong = process.env.SIGNALBOX_LONG === "1";

export const amounts = {
  kills: { what: "kills -9 of a stage", usual: 40, long: 100 },
  networkFaults: { what: "faults of the network to MLflow", usual: 1_000, long: 5_000 },
  generatedCases: { what: "generated cases of a property", usual: "1 ×", long: "20 ×" },
} as const;

export function amountOf(name: "kills" | "networkFaults"): number {
  return amounts[name][isLong ? "long" : "usual"];
}

/** Cases that a property is tried on: `usual`, or twenty times as many. */
export function generatedCases(usual: number): number {
  return isLong ? 20 * usual : usual;
}
