/** What versioning needs of other areas. */
export interface VersioningNeeds {
  /** For what works without a project, too. @throws projects/earlier-version in one that this version can't continue */
  readonly refuseEarlierProject: () => void;
  /** @throws splits/reference-changed if this file, or one in this folder (absolute), is a frozen reference test and has changed */
  readonly refuseChangedReference: (added: string) => void;
}
