/** A name in a sentence: its line breaks shown, so that the sentence stays one. */
export function oneLine(name: string): string {
  return name.replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** A digest or id as people compare it: its first twelve characters. */
export function shortDigest(digest: string | null): string {
  if (digest === null) return "–";
  return digest.replace(/\.dir$/, "").slice(0, 12);
}

/** A run's id as commands take it. */
export function shortRun(runId: string): string {
  return runId.slice(0, 8);
}

interface Versions {
  readonly splitVersion: number;
  readonly featureVersion: number;
  readonly modelVersion: number;
  readonly dataContractVersion: number;
}

/** The four versioned configurations in words: "split 1, features 1, model 2, data contract 1". */
export function versionsText(run: Versions): string {
  return `split ${run.splitVersion}, features ${run.featureVersion}, model ${run.modelVersion}, data contract ${run.dataContractVersion}`;
}

/** The same for a table's cell: "s1 f1 m2 c1". */
export function shortVersions(run: Versions): string {
  return `s${run.splitVersion} f${run.featureVersion} m${run.modelVersion} c${run.dataContractVersion}`;
}
