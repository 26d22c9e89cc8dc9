/** Figures as people read them: at most four decimals. */
function numberText(value: number | null): string {
  if (value === null) return "none";
  return String(Math.round(value * 1e4) / 1e4);
}

/** "0.51 < 0.52"; with every digit where rounding would hide the difference. */
export function compared(value: number | null, sign: "<" | "≥", threshold: number): string {
  const short = numberText(value);
  const isHidden =
    value !== null &&
    (Number(short) >= threshold !== value >= threshold || (Number(short) === threshold && value !== threshold));
  return `${isHidden ? value : short} ${sign} ${threshold}`;
}
