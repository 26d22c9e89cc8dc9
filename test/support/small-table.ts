/** A table of shop orders: 40 shops, a target that depends on two columns and noise, and missing values, all from one seed. */
export function smallTable(rows: number, seed = 1): string {
  const random = mulberry(seed);
  const lines = ["order_id,shop,ordered_at,amount,weight kg,channel,übergrösse,minutes"];
  const start = Date.UTC(2024, 0, 1);
  for (let i = 0; i < rows; i++) {
    const shop = Math.floor(random() * 40);
    const amount = Math.round(random() * 10_000) / 100;
    const weight = random() < 0.05 ? "" : (random() * 20).toFixed(2);
    const channel = ["web", "phone", "app"][Math.floor(random() * 3)] ?? "web";
    const isLarge = random() < 0.3;
    const noise = (random() + random() + random() - 1.5) * 8;
    const minutes = 20 + 0.3 * amount + (weight === "" ? 10 : Number(weight)) * 1.5 + (isLarge ? 12 : 0) + noise;
    const time = new Date(start + i * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
    lines.push(
      [i, `shop-${String(shop).padStart(2, "0")}`, time, amount, weight, channel, isLarge, minutes.toFixed(3)].join(
        ",",
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** A small seeded generator (mulberry32), uniform on [0, 1). */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
