/** A text that is hashed in pieces may be longer than the longest string; small ones stay in the young generation. */
const pieceLength = 1 << 15;

/** sha256 in hex of texts, one behind the other. */
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
