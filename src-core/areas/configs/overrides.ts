import { nextStep } from "../../contract/build-step.ts";
import { type ConfigKind, configKinds } from "../../contract/configs/config-kinds.ts";
import { AppError } from "../../contract/errors.ts";
import { didYouMean, nearestOf } from "../../foundation/text/did-you-mean.ts";

/** Versions requested for a run in place of the active defaults. */
export type VersionOverrides = Readonly<Partial<Record<`${ConfigKind}_version`, number>>>;

const keys = Object.values(configKinds).map(({ key }) => key);

function isKey(word: string): word is keyof VersionOverrides & string {
  return (keys as readonly string[]).includes(word);
}

/**
 * Parses `feature_version=2` as `--set` takes it.
 * @throws configs/unknown-key, configs/invalid-value
 */
export function parseOverrides(settings: readonly string[]): VersionOverrides {
  const overrides: Partial<Record<`${ConfigKind}_version`, number>> = {};
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    const key = (equals < 0 ? setting : setting.slice(0, equals)).trim();
    const text = equals < 0 ? "" : setting.slice(equals + 1).trim();
    const details = { setting, key };
    if (!isKey(key)) {
      throw new AppError({
        code: "configs/unknown-key",
        message: `--set ${setting}: unknown key \`${key}\`${didYouMean(key, keys)}`,
        hint: `Keys that can be set: ${keys.join(", ")}.`,
        details: { ...details, allowed: keys, nearest: nearestOf(key, keys) },
      });
    }
    if (!/^(0|[1-9][0-9]{0,8})$/.test(text)) {
      throw new AppError({
        code: "configs/invalid-value",
        message: `--set ${setting}: ${text === "" ? "the version is missing" : `\`${text}\` isn't a version`}; a version is a whole number from 0.`,
        hint: `Write --set ${key}=N.`,
        next: [nextStep("configs.list", {}, "shows the versions that exist")],
        details,
      });
    }
    if (overrides[key] !== undefined && overrides[key] !== Number(text)) {
      throw new AppError({
        code: "configs/invalid-value",
        message: `--set gives \`${key}\` twice: ${overrides[key]} and ${text}.`,
        hint: "Give each key once.",
        details,
      });
    }
    overrides[key] = Number(text);
  }
  return overrides;
}
