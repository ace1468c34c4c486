/** A missing program or library, and the packages to install. */
export interface Lack {
  /** Name of the missing program or library, without advice. */
  readonly what: string
  /** Name of the package for each package manager with a package. */
  readonly packages: Readonly<Partial<Record<'apt' | 'brew' | 'npm', string>>>
}
