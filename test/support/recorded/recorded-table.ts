import { mulberry } from "../small-table.ts";

/**
 * Deliveries of three depots on 40 days. Some are recorded twice, a few of these with one more digit the second time, so a split by
 * rows has equal and nearly equal rows on both sides. The third depot has too few rows for its own model.
 */
export function recordedTable(): string {
  const random = mulberry(29);
  const normal = () => random() + random() + random() + random() - 2;
  const rows = Array.from({ length: 640 }, (_, id) => {
    const draw = random();
    const depot = id % 50 === 0 ? "tiny" : draw < 0.5 ? "north" : "south";
    const day = new Date(Date.UTC(2024, 0, 1 + (id % 40))).toISOString().slice(0, 10);
    const [load, distance] = [normal(), normal()];
    const effect = depot === "north" ? 1.6 * load + 0.4 * distance : 0.8 * load + 1.2 * distance;
    const minutes = id % 61 === 0 ? "" : (effect + normal()).toFixed(4);
    const late = effect + 2 * normal() > 0.5 ? 1 : 0;
    return [day, depot, load.toFixed(4), distance.toFixed(4), minutes, late] as const;
  });
  const twice = rows.slice(0, 24);
  const nearly = rows.slice(24, 40).map(([day, depot, load, ...rest]) => [day, depot, `${load}1`, ...rest] as const);
  const lines = [...rows, ...twice, ...nearly].map((row, id) => [id, ...row].join(","));
  return `${["id,day,depot,load,distance,minutes,late", ...lines].join("\n")}\n`;
}
