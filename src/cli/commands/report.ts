import { writeReport } from '../../report/write-report.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { print } from '../terminal/output.ts'

interface ReportOptions extends GlobalOptions {
  readonly junit?: string
}

/** Writes the page and the JUnit XML of a results directory, and says where they are. */
export async function report(directory: string, { junit }: ReportOptions): Promise<number> {
  const written = await writeReport(directory, { junit })
  await print(`${written.headline}\n${written.page}\n${written.junit}\n`)
  return exitCodes.done
}
