/** Shows line breaks in a name as escapes, so the sentence around it stays on one line. */
export function oneLine(name: string): string {
  return name.replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** Shortens a digest or id to its first twelve characters. */
export function shortDigest(digest: string | null): string {
  if (digest === null) return "–";
  return digest.replace(/\.dir$/, "").slice(0, 12);
}

/** Shortens the id of a run to the form that commands accept. */
export function shortRun(runId: string): string {
  return runId.slice(0, 8);
}

/** Renders a word after its article: "an int", "a float". */
export function withArticle(word: string): string {
  return `${/^[aeio]/i.test(word) ? "an" : "a"} ${word}`;
}

/** Renders the verdict on a run. An experiment is never promoted, whatever the gate says of it. */
export function verdictText(verdict: string, isExperiment: boolean): string {
  return isExperiment ? `experiment (${verdict})` : verdict;
}

interface Versions {
  readonly splitVersion: number;
  readonly featureVersion: number;
  readonly modelVersion: number;
  readonly dataContractVersion: number;
}

/** Renders the versions of the configurations: "split 1, features 1, model 2, data contract 1". */
export function versionsText(run: Versions): string {
  return `split ${run.splitVersion}, features ${run.featureVersion}, model ${run.modelVersion}, data contract ${run.dataContractVersion}`;
}

/** Renders the same for the cell of a table: "s1 f1 m2 c1". */
export function shortVersions(run: Versions): string {
  return `s${run.splitVersion} f${run.featureVersion} m${run.modelVersion} c${run.dataContractVersion}`;
}
