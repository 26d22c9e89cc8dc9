import { mulberry } from "./small-table.ts";

/** A table of visits with one of two outcomes that depends on two columns, all from one seed. */
export function binaryTable(rows: number, outcomes: readonly [string, string]): string {
  const random = mulberry(7);
  const lines = ["visit_id,pages,minutes,channel,outcome"];
  for (let i = 0; i < rows; i++) {
    const pages = Math.floor(random() * 30);
    const minutes = random() * 20;
    const channel = ["web", "phone", "app"][Math.floor(random() * 3)] ?? "web";
    const isLikely = pages * 0.2 + minutes * 0.3 + (random() + random() - 1) * 4 > 6;
    lines.push([i, pages, minutes.toFixed(3), channel, outcomes[isLikely ? 1 : 0]].join(","));
  }
  return `${lines.join("\n")}\n`;
}
