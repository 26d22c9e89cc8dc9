/** Hashing in pieces allows more than the longest string; small pieces stay in the young generation. */
const pieceLength = 1 << 15;

/** Computes the sha256 in hex of concatenated strings. */
export function hashTexts(texts: Iterable<string>): string {
  const hasher = process.getBuiltinModule("node:crypto").createHash("sha256");
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < pieceLength) continue;
    hasher.update(piece);
    piece = "";
  }
  return hasher.update(piece).digest("hex");
}
