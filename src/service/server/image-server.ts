import { findEngine } from '../../container/find-engine.ts'
import { requireImage } from '../../container/image.ts'
import { ContainerError } from '../../kernel/errors.ts'
import type { Candidates } from './finding.ts'
import type { ServerDescription } from './server-description.ts'

/** Finds the server in an image of the container engine. No image is pulled. */
export async function findInImage({ programs = [], tools = [] }: ServerDescription, name: string): Promise<Candidates> {
  try {
    const image = await requireImage(await findEngine(), name)
    const inImage = new Map(tools.map((tool) => [tool, tool]))
    return [
      {
        path: programs[0] ?? '',
        tools: inImage,
        image: name,
        imageId: image.id,
        askVersion: async () => image.version,
      },
    ]
  } catch (thrown) {
    if (thrown instanceof ContainerError) return { missing: thrown.message, error: thrown }
    throw thrown
  }
}
