import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

type Values = Readonly<Record<string, string>>;

/** What is stored of credentials: enough to recognise them, and slow to guess them from. Both in hex. */
export interface CredentialsDigest {
  readonly salt: string;
  readonly digest: string;
}

/** 32 MiB and some 200 ms for each guess. */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 << 20 };
const digestBytes = 32;

/** Digests credentials (variables by name) with a salt, a new one by default. */
export async function digestCredentials(
  credentials: Values,
  salt: string = randomBytes(16).toString("hex"),
): Promise<CredentialsDigest> {
  const ordered = Object.entries(credentials).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = await new Promise<Buffer>((resolve, reject) => {
    scrypt(JSON.stringify(ordered), Buffer.from(salt, "hex"), digestBytes, cost, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
  return { salt, digest: digest.toString("hex") };
}

/** Checks whether these are the credentials that the digest was made from. */
export async function areCredentialsOf(known: CredentialsDigest, credentials: Values): Promise<boolean> {
  const { digest } = await digestCredentials(credentials, known.salt);
  const [ours, theirs] = [Buffer.from(digest, "hex"), Buffer.from(known.digest, "hex")];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}
