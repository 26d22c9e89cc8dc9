import type { ActiveConfig } from "../../../contract/configs/active-config.ts";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import type { FeatureSchema } from "../../../contract/configs/feature-schema.ts";
import type { ModelSchema } from "../../../contract/configs/model-schema.ts";
import type { ProjectConfig } from "../../../contract/configs/project-config.ts";
import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import type { ErrorCode } from "../../../contract/errors.ts";
import { didYouMean } from "../../../foundation/text/did-you-mean.ts";
import type { KeyPath } from "../read/parse-yaml.ts";
import type { Problem } from "../read/problems.ts";
import type { ConfigFile } from "../read/read-config.ts";

/** The files of one run, read but not yet checked against each other. */
export interface ConfigSet {
  readonly project: ConfigFile<ProjectConfig>;
  readonly active: ConfigFile<ActiveConfig>;
  readonly contract: ConfigFile<DataContract>;
  readonly split: ConfigFile<SplitSchema>;
  readonly feature: ConfigFile<FeatureSchema>;
  readonly model: ConfigFile<ModelSchema>;
  readonly promotion: ConfigFile<PromotionConfig>;
}

/** Collects the contradictions in one file: the path to the value, the reason, the next step. */
export class Findings {
  readonly #file: Pick<ConfigFile<unknown>, "source">;
  readonly #problems: Problem[] = [];

  constructor(file: Pick<ConfigFile<unknown>, "source">) {
    this.#file = file;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  add(path: KeyPath, message: string, more: { readonly hint: string; readonly code?: ErrorCode }): void {
    const last = path.at(-1);
    this.#problems.push({
      code: more.code ?? "configs/inconsistent",
      place: this.#file.source.placeOf(path),
      path,
      message,
      hint: more.hint,
      ...(last === undefined ? {} : { key: String(last) }),
    });
  }

  /** True if the number at a path is written with a point or an exponent, though it may be whole. */
  isWrittenAsFraction(path: KeyPath): boolean {
    return /[.e]/i.test(this.#file.source.textOf(path) ?? "");
  }

  /** Returns true if the contract has the column; otherwise reports it, with the nearest column that exists. */
  hasColumn(path: KeyPath, column: string, contract: ConfigFile<DataContract>): boolean {
    if (Object.hasOwn(contract.value.columns, column)) return true;
    const columns = Object.keys(contract.value.columns);
    this.add(path, `the column \`${column}\` isn't in ${contract.file}${didYouMean(column, columns)}`, {
      hint: `Correct the name, or declare the column in ${contract.file}.`,
    });
    return false;
  }
}
