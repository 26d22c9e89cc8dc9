/**
 * Kendall's tau-b of paired values: (concordant − discordant) / √((pairs − ties in a) · (pairs − ties in b)); null if one
 * side is constant. Kendall, M. G. (1945), "The treatment of ties in ranking problems", Biometrika 33(3).
 *
 * Visits every pair: a few hundred features are some ten thousand pairs.
 */
export function kendallTauB(a: readonly number[], b: readonly number[]): number | null {
  let balance = 0;
  let untiedInA = 0;
  let untiedInB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const inA = Math.sign((a[i] ?? 0) - (a[j] ?? 0));
      const inB = Math.sign((b[i] ?? 0) - (b[j] ?? 0));
      balance += inA * inB;
      untiedInA += Math.abs(inA);
      untiedInB += Math.abs(inB);
    }
  }
  return untiedInA === 0 || untiedInB === 0 ? null : balance / Math.sqrt(untiedInA * untiedInB);
}
