import type { RoutingPlan } from "../../../../contract/routing/routing-plans.ts";
import { yamlScalar } from "../../../../foundation/text/yaml.ts";

/** Characters that JSON leaves unescaped but a YAML reader may take for a line break, or refuse. */
const unsafe = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function scalar(value: string | number | null): string {
  if (value === null) return "null";
  return yamlScalar(value).replaceAll(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A key on one line ends at its 1024th character; after `?` it may have any length. */
const longestImplicitKey = 1_000;

function keyLines(key: string, indent: string): string {
  const text = scalar(key);
  return text.length <= longestImplicitKey ? `${indent}${text}:` : `${indent}? ${text}\n${indent}:`;
}

/**
 * The routing plan as YAML. It is written line by line: the form is fixed, and a string that isn't plainly a word is written
 * as JSON, which YAML 1.2 and 1.1 read alike, whatever a target is named (`true`, `1e3`, `..`). The package `yaml` would
 * leave U+0085 and U+2028 unescaped in such strings, and takes about twenty times as long: four seconds for the plan of a
 * hundred thousand segments.
 */
export function routingPlanYaml(plan: RoutingPlan): string {
  const { metadata, targets } = plan;
  const lines = [
    `schema_version: ${plan.schema_version}`,
    "metadata:",
    `  generated_at: ${scalar(metadata.generated_at)}`,
    `  git_commit: ${scalar(metadata.git_commit)}`,
    `  config_hash: ${scalar(metadata.config_hash)}`,
    `  candidates_hash: ${scalar(metadata.candidates_hash)}`,
    `  marks: [${metadata.marks.map(scalar).join(", ")}]`,
  ];
  const entries = Object.entries(targets);
  lines.push(entries.length === 0 ? "targets: {}" : "targets:");
  for (const [name, { cross_sectional, symbols }] of entries) {
    lines.push(
      keyLines(name, "  "),
      "    cross_sectional:",
      `      route: ${cross_sectional.route}`,
      `      signal: ${cross_sectional.signal}`,
      `      reason: ${scalar(cross_sectional.reason)}`,
    );
    const segments = Object.entries(symbols);
    lines.push(segments.length === 0 ? "    symbols: {}" : "    symbols:");
    for (const [symbol, { route, cs_signal, symbol_signal, reason }] of segments) {
      lines.push(
        keyLines(symbol, "      "),
        `        route: ${route}`,
        `        cs_signal: ${cs_signal}`,
        `        symbol_signal: ${symbol_signal}`,
        reason.length === 0 ? "        reason: []" : "        reason:",
        ...reason.map((text) => `          - ${scalar(text)}`),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
