/**
 * How much the tests try that can't be exhaustive. `npm run check -- --long` sets SIGNALBOX_LONG=1 and uses the long amounts; CI uses the
 * usual ones, and the check prints the difference.
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

/** The number of cases for a property: `usual`, or twenty times as many. */
export function generatedCases(usual: number): number {
  return isLong ? 20 * usual : usual;
}
