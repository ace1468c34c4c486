/** Script and style of a page. */
export interface PageAssets {
  /** Has no `</script`. */
  readonly script: string
  readonly style: string
  /** SHA-256 of the script, in base64. */
  readonly scriptHash: string
}

/** Scripts of pages, by name: the entry point of each, from the root of this package. */
export const pageScripts = {
  report: 'src/report/client/main.ts',
  workflow: 'src/workflow/page/client/main.ts',
} as const

export type PageName = keyof typeof pageScripts
