/** Values near a measured one that a person would type: four decimals are finer than any score is known. */
const step = 1e-4;

function round(value: number): number {
  return Number(value.toFixed(4));
}

export function atLeast(value: number): number {
  const near = round(value);
  return near >= value ? near : round(near + step);
}

export function atMost(value: number): number {
  const near = round(value);
  return near <= value ? near : round(near - step);
}

export function above(value: number): number {
  const near = atLeast(value);
  return near > value ? near : round(near + step);
}

export function below(value: number): number {
  const near = atMost(value);
  return near < value ? near : round(near - step);
}
