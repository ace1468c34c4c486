import type { WorkflowContext } from 'test-services/workflow'

export default async (context: WorkflowContext): Promise<void> => {
  const words: string = await (await context.run(['wc', '-l', 'copied/word.txt'])).output()
  context.log(words.trim())
}
