/** What versioning needs of other areas. */
export interface VersioningNeeds {
  /** @throws splits/reference-changed if this file, or one in this folder (absolute), is a frozen reference test and has changed */
  readonly refuseChangedReference: (added: string) => void;
}
