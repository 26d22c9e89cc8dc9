import { identifier } from "../../../foundation/duck/quote.ts";
import { rowDigestSql } from "../../splits/keys/digest-key.ts";
import { joinKeySql, keyTextSql } from "../../splits/keys/membership.ts";
import type { KeyDecision } from "./infer-key.ts";
import type { ProposedSplit } from "./infer-split.ts";
import { columnOf, type TableProfile } from "./profile.ts";

/** The text whose hash decides the side of a row. */
export function unitSql(
  profile: TableProfile,
  { group }: ProposedSplit,
  { key, digestOf }: Pick<KeyDecision, "key" | "digestOf">,
): string {
  const typed = (names: readonly string[]) =>
    names.map((name) => ({ type: columnOf(profile, name)?.type ?? ("string" as const), sql: identifier(name) }));
  if (group.length === 0 && digestOf.length > 0) return rowDigestSql(typed(digestOf));
  return joinKeySql(typed(group.length > 0 ? group : key).map(({ type, sql }) => keyTextSql(type, sql) ?? "''"));
}
