/** Distribution function of the standard normal. Absolute error below 1e−15 by series and continued fraction of erfc. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) throw new RangeError("normalCdf of NaN");
  const x = Math.abs(z);
  const tail = x < 4 ? 0.5 - centralArea(x) : upperTail(x);
  return z > 0 ? 1 - tail : tail;
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Φ(x) − ½ = φ(x) · Σ x^(2k+1) / (1·3·…·(2k+1)) (Marsaglia, J. Stat. Software 11(4), 2004). */
function centralArea(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return density(x) * sum;
}

/** φ(x) / (x + 1/(x + 2/(x + 3/…))), Laplace's continued fraction, evaluated from its end. */
function upperTail(x: number): number {
  let fraction = x;
  for (let k = 120; k >= 1; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}

/** Quantile of the standard normal for 0 < p < 1: a rational start, then Halley steps on `normalCdf`. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`normalQuantile needs 0 < p < 1, got ${p}`);
  if (p > 0.5) return -normalQuantile(1 - p);
  // Abramowitz & Stegun 26.2.23, error < 4.5e−4; three steps reach the last digits.
  const t = Math.sqrt(-2 * Math.log(p));
  let z = -(
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  );
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(z) - p) / density(z);
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}
