const decimals = 1e4;
/** Strings for 0, 0.0001, … 1, each built on first use: most figures are shares, and a table has a million of them. */
const shares = new Array<string | undefined>(decimals + 1);

/** The figure in ten thousandths, if it is a share shown rounded beside a threshold; undefined: show all digits, or it isn't a share. */
export function roundedShare(value: number | null, threshold: number): number | undefined {
  if (value === null || isHidden(value, threshold)) return undefined;
  const parts = Math.round(value * decimals);
  return parts >= 0 && parts <= decimals ? parts : undefined;
}

/** Figures in a readable form: at most four decimals. */
function numberText(value: number | null): string {
  if (value === null) return "none";
  const parts = Math.round(value * decimals);
  if (!(parts >= 0 && parts <= decimals)) return String(parts / decimals);
  shares[parts] ??= String(parts / decimals);
  return shares[parts];
}

/** True if rounding would misstate how the figure compares with the threshold. */
function isHidden(value: number, threshold: number): boolean {
  const short = Math.round(value * decimals) / decimals;
  return short >= threshold !== value >= threshold || (short === threshold && value !== threshold);
}

/** "0.51 < 0.52"; with every digit if rounding would hide the difference. */
export function compared(value: number | null, sign: "<" | "≥", threshold: number): string {
  return `${value !== null && isHidden(value, threshold) ? value : numberText(value)} ${sign} ${threshold}`;
}
